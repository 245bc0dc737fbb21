"""Processes: signals as on Linux, pipes that end with who holds them, families that end together."""

import asyncio
import signal

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.process import Process
from kubelet.fake.program import Until
from kubelet.fake.streams import Pipe
from tests.kubelet.fake.world import open_world


async def waits(process: Process) -> int:
    await asyncio.Event().wait()
    return 0


async def test_a_signal_without_handler_ends_with_its_number() -> None:
    async with open_world() as world:
        for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, 137)):
            started = world.start(["waits"], program=waits)
            started.process.deliver(number)
            assert (await started.done())[2] == code
            assert started.process.exit_signal == number


async def test_harmless_signals_are_ignored() -> None:
    async with open_world() as world:
        started = world.start(["waits"], program=waits)
        started.process.deliver(signal.SIGCHLD)
        started.process.deliver(signal.SIGWINCH)
        await asyncio.wait([asyncio.shield(started.process.exited)], timeout=0)
        assert started.process.exit_code is None


async def test_a_process_can_be_killed_before_it_runs() -> None:
    async with open_world() as world:
        started = world.start(["waits"], program=waits)
        started.process.deliver(signal.SIGKILL)
        assert await started.process.wait() == 137
        assert world.container.processes == {}


async def test_handlers_are_called_and_taken_back() -> None:
    seen: list[int] = []

    async def program(process: Process) -> int:
        process.on_signal(signal.SIGUSR1, lambda: seen.append(1))
        return await process.wait_for_signal(signal.SIGTERM)

    async with open_world() as world:
        started = world.start(["program"], program=program)
        await world.container.clock.sleep(0)
        started.process.deliver(signal.SIGUSR1)
        started.process.deliver(signal.SIGTERM)
        assert (await started.done())[2] == signal.SIGTERM
        assert seen == [1]


async def test_the_whole_family_can_be_ended() -> None:
    async with open_world() as world:
        started = world.start(["sh", "-c", "sleep 1000 & sleep 1000"])
        while len(world.container.processes) < 3:
            await world.container.clock.sleep(0)
        started.process.deliver_to_all(signal.SIGKILL)
        await started.done()
        while world.container.processes:
            await world.container.clock.sleep(0)


async def test_a_pipe_ends_with_its_last_writer() -> None:
    """Also when that is a background job of the one it was made for."""
    clock = ManualClock()
    async with open_world(clock) as world:
        started = world.start(["sh", "-c", "{ sleep 5 & echo early; } | cat; echo end"])
        await clock.advance(4)
        assert bytes(started.stdout.data) == b"early\n"
        await clock.advance(2)
        assert await started.done() == ("early\nend\n", "", 0)


async def test_writing_to_nobody_ends_like_a_broken_pipe() -> None:
    async with open_world(ManualClock()) as world:
        output, _, code = await world.sh("yes | head -n 1; echo $?")
        assert (output, code) == ("y\n0\n", 0)


async def test_a_slow_reader_holds_its_writer_up() -> None:
    """Pipes are bounded: a writer waits, it does not fill memory."""
    pipe = Pipe()
    pipe.opened(reading=True)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(pipe.write(b"x" * 100_000), name="writer")
        clock = ManualClock()
        await clock.settle()
        assert not writing.done()
        assert len(await pipe.read(50_000)) == 50_000
        await clock.settle()
        assert writing.done()
        assert len(await pipe.read(100_000)) == 50_000


async def test_long_sleeps_follow_the_clock() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        started = world.start(["sleep", "1d"])
        await clock.advance(86_399)
        assert started.process.exit_code is None
        await clock.advance(2)
        assert await started.done() == ("", "", 0)


TOLD = Until((signal.SIGTERM, signal.SIGINT), code=3)


def running() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("process-")]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGTERM, 3, id="one that it waits for"),
        pytest.param(signal.SIGKILL, 137, id="one that nobody can wait for"),
        pytest.param(signal.SIGHUP, 129, id="one that nobody has thought of"),
        pytest.param(signal.SIGUSR1, None, id="one that is handled"),
        pytest.param(signal.SIGCHLD, None, id="one that does nothing"),
    ],
)
@pytest.mark.parametrize("early", [pytest.param(True, id="at once"), pytest.param(False, id="later")])
async def test_a_process_that_waits_for_its_end_needs_no_task(
    number: signal.Signals, code: int | None, *, early: bool
) -> None:
    seen: list[int] = []

    async def program(process: Process) -> Until:
        process.on_signal(signal.SIGUSR1, lambda: seen.append(1))
        if early:
            # It arrives between the program's last step and the end of its task.
            asyncio.get_running_loop().call_soon(process.deliver, number)
        return TOLD

    async with open_world() as world:
        process = world.start(["program"], program=program).process
        for _ in range(5):
            await world.container.clock.sleep(0)
        if not early:
            assert running() == []
            process.deliver(number)
        if code is None:
            assert running() == []
            assert (process.exit_code, seen) == (None, [1] if number == signal.SIGUSR1 else [])
            process.deliver(signal.SIGTERM)
            code = 3
        assert await process.wait() == code
        assert world.container.processes == {}


async def test_a_program_that_waits_for_its_end_in_the_place_of_another() -> None:
    async with open_world() as world:
        started = world.start(["sh", "-c", "trap 'echo ignored' INT; exec sleep infinity"])
        while started.process.argv[0] != "sleep":
            await world.container.clock.sleep(0)
        for _ in range(5):
            await world.container.clock.sleep(0)
        assert started.process.exit_code is None
        started.process.deliver(signal.SIGTERM)
        assert await started.done() == ("", "", 143)
