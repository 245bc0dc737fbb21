"""The standard streams of programs that clients look at: attached to a container's own, or to one run beside it."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine

from apimachinery.flag import Flag
from kubelet.fake.container_log import ContainerLog
from kubelet.fake.process import Process
from kubelet.fake.program import Program
from kubelet.fake.streams import NO_INPUT, Input, LogOutput, NullInput, NullOutput, Pipe, SourceInput
from kubelet.fake.terminal import Terminal
from kubelet.runtime import ByteSink, ByteSource, ClientStreams, TerminalSize

_PIECE = 32 * 1024


class Console:
    """A container's own streams: everything goes to its log, and to those who are attached.

    With ``stdin`` the program has an input that stays open from one client to the next, or with ``once`` until the
    first one leaves. With ``tty`` all of it is one terminal.
    """

    __slots__ = ("_once", "_pipe", "_terminal", "stderr", "stdin", "stdout")

    def __init__(self, log: ContainerLog, *, stdin: bool, once: bool, tty: bool) -> None:
        self._once = once
        self._terminal: Terminal | None = None
        self._pipe: Pipe | None = None
        self.stdin: Input = NO_INPUT
        self.stdout: Terminal | LogOutput
        self.stderr: Terminal | LogOutput
        if tty:
            terminal = self._terminal = self.stdout = self.stderr = Terminal()
            terminal.show_to(LogOutput(log, "stdout"))
            if stdin:
                self.stdin = terminal
        else:
            self.stdout, self.stderr = LogOutput(log, "stdout"), LogOutput(log, "stderr")
            if stdin:
                self.stdin = self._pipe = Pipe()
                self._pipe.opened(reading=False)

    def belongs_to(self, process: Process) -> None:
        """Say whose streams these are: who gets the signals that keys stand for."""
        if self._terminal is not None:
            self._terminal.interrupt = process.deliver_to_all

    async def attach(self, streams: ClientStreams, ended: Flag) -> None:
        """Join a client to the program's streams until it has ended; to be cancelled when the client leaves."""
        shown = [(self.stdout, streams.stdout)]
        if self._terminal is None:
            shown.append((self.stderr, streams.stderr))
        async with asyncio.TaskGroup() as group:
            views: list[tuple[Terminal | LogOutput, Pipe]] = []
            for output, sink in shown:
                if sink is not None:
                    view = Pipe()
                    views.append((output, view))
                    output.show_to(view)
                    group.create_task(_copy(view, sink), name="attached output")
            try:
                await _serve(ended.wait(), self._terminal, streams, self._feed)
            finally:
                for output, view in views:
                    output.hide_from(view)
                    # What has been written before is still delivered.
                    view.close_write()

    async def _feed(self, source: ByteSource) -> None:
        """Give the program what a client sends."""
        if self._terminal is not None:
            await type_all(self._terminal, source)
            if self._once:
                self._terminal.hang_up()
        elif self._pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                while data := await source.read(_PIECE):
                    await self._pipe.write(data)
            if self._once:
                self._pipe.closed(reading=False)


async def run_with_streams(process: Process, program: Program, streams: ClientStreams, *, tty: bool) -> int:
    """Run a process that has not been started with a client's streams, and return its exit code.

    With ``tty`` they are a terminal. Cancelled, which is when the client leaves, the process goes on without a reader
    and with its input at an end; one on a terminal is told by HUP, as by a line that breaks.
    """
    terminal: Terminal | None = None
    if tty:
        terminal = process.stdout = process.stderr = Terminal()
        terminal.interrupt = process.deliver_to_all
        if streams.stdout is not None:
            terminal.show_to(streams.stdout)
        process.stdin = terminal if streams.stdin is not None else NullInput()
    else:
        process.stdin = SourceInput(streams.stdin) if streams.stdin is not None else NullInput()
        process.stdout = streams.stdout or NullOutput()
        process.stderr = streams.stderr or NullOutput()
    process.start(program)

    async def feed(source: ByteSource) -> None:
        if terminal is not None:
            await type_all(terminal, source)
            terminal.hang_up()

    try:
        await _serve(process.wait(), terminal, streams, feed)
    finally:
        if terminal is not None and process.exit_code is None:
            terminal.hang_up()
            process.deliver_to_all(signal.SIGHUP)
    assert process.exit_code is not None
    return process.exit_code


async def type_all(terminal: Terminal, source: ByteSource) -> None:
    """Type everything that a client sends."""
    while keys := await source.read(_PIECE):
        await terminal.type(keys)


async def _serve(
    work: Coroutine[object, object, object],
    terminal: Terminal | None,
    streams: ClientStreams,
    feed: Callable[[ByteSource], Coroutine[object, object, None]],
) -> None:
    """Pass on what a client sends until ``work`` is done."""
    async with asyncio.TaskGroup() as group:
        passing = []
        if streams.stdin is not None:
            passing.append(group.create_task(feed(streams.stdin), name="client input"))
        if streams.sizes is not None and terminal is not None:
            passing.append(group.create_task(_follow(terminal, streams.sizes), name="client window"))
        try:
            await work
        finally:
            for task in passing:
                task.cancel()


async def _copy(view: Pipe, sink: ByteSink) -> None:
    try:
        while data := await view.read(_PIECE):
            await sink.write(data)
    except BrokenPipeError:
        view.close_read()


async def _follow(terminal: Terminal, sizes: AsyncIterator[TerminalSize]) -> None:
    async for size in sizes:
        terminal.resize(size.columns, size.rows)
