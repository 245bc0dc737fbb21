"""Lives of containers: how they start, run, are looked into, and end."""

import asyncio
from collections.abc import Callable, Sequence

from kubelet.runtime import (
    ContainerState,
    NotFound,
    RuntimeFault,
    SandboxState,
    StartFailed,
)
from kubelet.testing.bench import Bench, Check, refused


def life_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        exit_codes_are_reported,
        term_is_followed_by_kill,
        handled_term_ends_at_once,
        one_signal_can_be_sent,
        commands_run_in_a_container,
        commands_are_cut_off_in_time,
        exit_codes_can_be_made_up,
        logs_keep_streams_and_order,
        logs_are_read_as_they_grow,
        missing_programs_fail_the_start,
        containers_start_once,
        stopping_and_removing_can_be_repeated,
        unknown_ids_are_not_found,
        processes_of_a_target_are_seen,
        containers_are_listed_in_order,
        every_subscriber_sees_everything,
    ]


async def exit_codes_are_reported(bench: Bench) -> None:
    pod = await bench.sandbox()
    good, bad = await bench.run(pod, "exit 0"), await bench.run(pod, "exit 3")
    done, failed = await bench.exited(good), await bench.exited(bad)
    assert (done.exit_code, done.reason, failed.exit_code, failed.reason) == (0, "Completed", 3, "Error")
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.created_at <= done.started_at <= done.finished_at


async def term_is_followed_by_kill(bench: Bench) -> None:
    """A main process that does not handle TERM takes the whole grace period, as pid 1 does on Linux."""
    pod = await bench.sandbox()
    main = await bench.run(pod, "sleep 1000")
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(bench.runtime.stop_container(main, 30), name="stop")
        await bench.pass_time(29)
        assert not stopping.done()
        assert bench.state(main) is ContainerState.RUNNING
        await bench.pass_time(2)
        await bench.until(stopping.done)
    status = bench.runtime.container_status(main)
    assert (status.exit_code, status.signal, status.reason) == (137, 9, "Error")


async def handled_term_ends_at_once(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "trap 'echo bye; exit 5' TERM; echo ready; sleep 1000 & wait")
    await bench.logged(main, b"ready")
    await bench.runtime.stop_container(main, 30)
    assert bench.runtime.container_status(main).exit_code == 5
    assert bench.log(main) == b"ready\nbye\n"


async def one_signal_can_be_sent(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "trap 'echo int' INT; echo ready; while true; do sleep 1000 & wait; done")
    await bench.logged(main, b"ready")
    bench.runtime.kill_container(main, 2)
    await bench.logged(main, b"int")
    assert bench.state(main) is ContainerState.RUNNING
    bench.runtime.kill_container(main, 9)
    assert (await bench.exited(main)).exit_code == 137


async def commands_run_in_a_container(bench: Bench) -> None:
    runtime = bench.runtime
    pod = await bench.sandbox()
    main = await bench.run(pod, "sleep 1000", env={"NAME": "value"}, working_dir="/tmp")
    result = await runtime.exec_sync(main, ("sh", "-c", "echo $NAME; pwd; echo wrong >&2; exit 7"), 10)
    assert (result.stdout, result.stderr, result.exit_code) == (b"value\n/tmp\n", b"wrong\n", 7)
    assert bench.log(main) == b""
    missing = await refused(StartFailed, runtime.exec_sync(main, ("no-such-program",), None))
    assert "no-such-program" in missing
    await runtime.stop_container(main, 0)
    await refused(RuntimeFault, runtime.exec_sync(main, ("true",), None))


async def commands_are_cut_off_in_time(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "sleep 1000")
    command = bench.runtime.exec_sync(main, ("sh", "-c", "sleep 60; echo late"), 5)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(refused(TimeoutError, command), name="exec")
        await bench.pass_time(4)
        assert not running.done()
        await bench.pass_time(2)
        await bench.until(running.done)
    assert bench.state(main) is ContainerState.RUNNING


async def logs_keep_streams_and_order(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "echo one; echo two >&2; sleep 5; printf 'a\\nunfinished'")
    await bench.logged(main, b"two")
    await bench.pass_time(6)
    await bench.exited(main)
    entries = bench.runtime.container_log(main)
    assert [(entry.stream, entry.line, entry.partial) for entry in entries] == [
        ("stdout", b"one", False),
        ("stderr", b"two", False),
        ("stdout", b"a", False),
        ("stdout", b"unfinished", True),
    ]
    assert (entries[2].timestamp - entries[0].timestamp).total_seconds() >= 5


async def exit_codes_can_be_made_up(bench: Bench) -> None:
    """A signal may come with what the container is to be reported to have ended with."""
    pod = await bench.sandbox()
    for code, reason in ((42, "Error"), (0, "Completed")):
        main = await bench.run(pod, "sleep 1000")
        bench.runtime.kill_container(main, 9, exit_code=code)
        status = await bench.exited(main)
        assert (status.exit_code, status.signal, status.reason) == (code, 0, reason)


async def logs_are_read_as_they_grow(bench: Bench) -> None:
    """A reader is woken by each line, sees each once, and knows the end."""
    runtime = bench.runtime
    pod = await bench.sandbox()
    main = await bench.run(pod, "echo one; sleep 5; printf two; sleep 5; echo; printf end")
    await runtime.wait_log(main, 0)
    page = runtime.read_log(main, runtime.log_start(main))
    assert ([entry.line for entry in page.entries], page.ended) == ([b"one"], False)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(runtime.wait_log(main, page.position), name="wait")
        await bench.pass_time(6)
        assert not waiting.done(), "a line that has no end yet is not to be read"
        await bench.pass_time(5)
        await bench.until(waiting.done)
    await bench.exited(main)
    page = runtime.read_log(main, page.position)
    assert [(entry.line, entry.partial) for entry in page.entries] == [(b"two", False), (b"end", True)]
    assert page.ended
    await runtime.wait_log(main, page.position)
    assert runtime.read_log(main, page.position).entries == []
    await refused(NotFound, runtime.wait_log("nobody", 0))


async def missing_programs_fail_the_start(bench: Bench) -> None:
    runtime = bench.runtime
    pod = await bench.sandbox()
    for command, reason in (
        ("no-such-program", "executable file not found in $PATH"),
        ("/no/such/program", "no such file or directory"),
        ("/etc/passwd", "permission denied"),
    ):
        main = await bench.create(pod, command=(command,))
        text = await refused(StartFailed, runtime.start_container(main))
        assert f'exec: "{command}"' in text
        assert reason in text
        status = runtime.container_status(main)
        assert (status.state, status.exit_code) == (ContainerState.EXITED, 128)
    assert runtime.pod_sandbox_status(pod).state is SandboxState.READY


async def containers_start_once(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "exit 0")
    await bench.exited(main)
    await refused(RuntimeFault, bench.runtime.start_container(main))


async def stopping_and_removing_can_be_repeated(bench: Bench) -> None:
    runtime = bench.runtime
    pod = await bench.sandbox()
    never_started = await bench.create(pod, "true")
    await runtime.stop_container(never_started, 30)
    main = await bench.run(pod, "exit 1")
    await bench.exited(main)
    await runtime.stop_container(main, 30)
    await runtime.stop_container(main, 0)
    assert runtime.container_status(main).exit_code == 1
    await runtime.remove_container(await bench.run(pod, "sleep 1000"))
    await runtime.stop_pod_sandbox(pod)
    await runtime.stop_pod_sandbox(pod)
    await runtime.remove_pod_sandbox(pod)
    assert runtime.list_containers() == []


async def unknown_ids_are_not_found(bench: Bench) -> None:
    runtime = bench.runtime

    async def ask(question: Callable[[str], object]) -> object:
        return question("nothing")

    for question in (runtime.container_status, runtime.container_log, runtime.pod_sandbox_status):
        await refused(NotFound, ask(question))
    for order in (runtime.start_container, runtime.remove_container, runtime.stop_pod_sandbox):
        await refused(NotFound, order("nothing"))


async def processes_of_a_target_are_seen(bench: Bench) -> None:
    """A container that is made to look into another one sees that one's processes, and can signal them."""
    pod = await bench.sandbox()
    main = await bench.run(pod, "trap 'exit 7' TERM; while true; do sleep 1; done")
    beside = await bench.run(pod, "sleep 1000", name="beside")
    debug = await bench.run(pod, "sleep 1000", name="debug", target_id=main)
    assert b"trap" in await bench.output(debug, "ps")
    assert b"trap" not in await bench.output(beside, "ps")
    await bench.output(debug, "kill", "1")
    await bench.pass_time(2)
    assert (await bench.exited(main)).exit_code == 7


async def containers_are_listed_in_order(bench: Bench) -> None:
    runtime = bench.runtime
    one, other = await bench.sandbox("one"), await bench.sandbox("other")
    created = [await bench.create(pod, "true", name=name) for pod, name in ((one, "a"), (other, "b"), (one, "c"))]
    assert [status.id for status in runtime.list_containers()] == created
    assert [status.config.name for status in runtime.list_containers(one)] == ["a", "c"]


async def every_subscriber_sees_everything(bench: Bench) -> None:
    async with bench.recorded() as first:
        await bench.sandbox("one")
        async with bench.recorded() as second:
            await bench.sandbox("other")
            await bench.until(lambda: len(first) == 4 and len(second) == 2)
    assert first[2:] == second
