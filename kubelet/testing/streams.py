"""Streams between clients and containers: exec, attach, port-forward."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from kubelet.runtime import ClientStreams, RuntimeFault, StartFailed, TerminalSize
from kubelet.testing.bench import DEADLINE, Bench, Check, refused


def stream_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        commands_have_streams_of_their_own,
        commands_that_cannot_run_are_refused,
        a_terminal_is_one_output,
        a_command_goes_on_without_its_client,
        attached_clients_see_what_comes_after,
        attached_clients_are_heard,
        input_that_is_open_once_ends_with_its_client,
        ports_are_forwarded,
        ports_that_nobody_listens_on_are_refused,
    ]


class Seen:
    """What a client has been sent."""

    def __init__(self) -> None:
        self.data = b""

    async def write(self, data: bytes) -> None:
        self.data += data


class Said:
    """What a client sends: pieces, and then the end or, while it is ``open``, silence."""

    def __init__(self, *pieces: bytes, open: bool = False) -> None:
        self._pieces = list(pieces)
        self._open = open

    async def read(self, limit: int = -1) -> bytes:
        if not self._pieces and self._open:
            await asyncio.Event().wait()
        if not self._pieces:
            return b""
        if limit < 0:
            pieces, self._pieces = self._pieces, []
            return b"".join(pieces)
        piece = self._pieces.pop(0)
        if piece[limit:]:
            self._pieces.insert(0, piece[limit:])
        return piece[:limit]


async def commands_have_streams_of_their_own(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    out, err = Seen(), Seen()
    streams = ClientStreams(Said(b"one\ntw", b"o\n"), out, err)
    async with asyncio.timeout(DEADLINE):
        code = await bench.runtime.exec(main, ("sh", "-c", "read a; cat; echo $a >&2; exit 3"), streams)
    assert (out.data, err.data, code) == (b"two\n", b"one\n", 3)
    # None of that is the container's own output.
    assert bench.log(main) == b""
    assert await bench.runtime.exec(main, ("sh", "-c", "echo unheard; cat"), ClientStreams()) == 0


async def commands_that_cannot_run_are_refused(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    assert "nothing" in await refused(StartFailed, bench.runtime.exec(main, ("nothing",), ClientStreams()))
    await bench.runtime.stop_container(main, 0)
    await refused(RuntimeFault, bench.runtime.exec(main, ("true",), ClientStreams()))
    await refused(RuntimeFault, bench.runtime.attach(main, ClientStreams()))


async def a_terminal_is_one_output(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    out = Seen()

    async def sizes() -> AsyncIterator[TerminalSize]:
        yield TerminalSize(100, 40)

    streams = ClientStreams(Said(b"hello\r", open=True), out, None, sizes())
    async with asyncio.timeout(DEADLINE):
        code = await bench.runtime.exec(main, ("sh", "-c", "read a; echo $a; echo err >&2; exit 2"), streams, tty=True)
    assert (out.data, code) == (b"hello\r\nhello\r\nerr\r\n", 2)


async def a_command_goes_on_without_its_client(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    script = "cat; sleep 5; echo done > /tmp/done"
    async with asyncio.TaskGroup() as group:
        client = group.create_task(bench.runtime.exec(main, ("sh", "-c", script), ClientStreams(Said(), Seen())))
        for _ in range(20):
            await bench.pass_time(0)
        client.cancel()
    await bench.pass_time(6)
    assert await bench.output(main, "cat", "/tmp/done") == b"done\n"


async def attached_clients_see_what_comes_after(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "echo before; sleep 5; echo out; echo err >&2")
    await bench.logged(main, b"before")
    out, err = Seen(), Seen()
    async with asyncio.TaskGroup() as group:
        client = group.create_task(bench.runtime.attach(main, ClientStreams(None, out, err)))
        for _ in range(5):
            await bench.pass_time(0)
        await bench.pass_time(6)
        async with asyncio.timeout(DEADLINE):
            await client
    assert (out.data, err.data) == (b"out\n", b"err\n")
    assert bench.log(main) == b"before\nout\nerr\n"


async def attached_clients_are_heard(bench: Bench) -> None:
    script = "while read a; do echo got $a; done; echo end"
    main = await bench.run(await bench.sandbox(), script, stdin=True)
    for word in (b"one", b"two"):
        out = Seen()
        async with asyncio.TaskGroup() as group:
            streams = ClientStreams(Said(word + b"\n"), out)
            client = group.create_task(bench.runtime.attach(main, streams))
            await bench.until(lambda word=word, out=out: out.data == b"got " + word + b"\n")  # type: ignore[misc]
            client.cancel()
    assert bench.log(main) == b"got one\ngot two\n"


async def input_that_is_open_once_ends_with_its_client(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "cat; echo end", stdin=True, stdin_once=True)
    out = Seen()
    async with asyncio.timeout(DEADLINE):
        await bench.runtime.attach(main, ClientStreams(Said(b"hello\n"), out))
    assert out.data == b"hello\nend\n"
    assert (await bench.exited(main)).exit_code == 0


async def ports_are_forwarded(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "echo hello | nc -l -p 7000")
    async with asyncio.timeout(DEADLINE):
        while True:
            await bench.pass_time(0)
            try:
                reader, writer = await bench.runtime.port_forward(pod, 7000)
                break
            except RuntimeFault:
                continue
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()
    await bench.runtime.stop_container(main, 0)


async def ports_that_nobody_listens_on_are_refused(bench: Bench) -> None:
    pod = await bench.sandbox()
    assert "connection refused" in await refused(RuntimeFault, bench.runtime.port_forward(pod, 7001))
