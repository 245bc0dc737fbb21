"""Standard streams of fake processes: logs, pipes, captures, files."""

import asyncio
import errno
import os
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Protocol

from apimachinery.clock import Clock
from kubelet.runtime import ByteSource, LogEntry, LogPage

PIPE_CAPACITY = 64 * 1024
"""As on Linux."""

MOST_READ = 64 * 1024 * 1024
"""As many bytes may be read from a pipe at once; what goes on without end is ``ENOMEM``."""

LOG_LIMIT = 1024 * 1024
"""How many bytes of a container's log are kept; the oldest lines go first."""

LONGEST_LINE = 16 * 1024
"""A longer line is split, as the kubelet's log format does."""

_LINE_OVERHEAD = 64


class Output(Protocol):
    async def write(self, data: bytes) -> None:
        """Take ``data``, waiting for room if need be; raise ``BrokenPipeError`` when nobody reads any more."""
        ...


class Input(Protocol):
    async def read(self, limit: int = -1) -> bytes:
        """Return up to ``limit`` bytes, at least one unless the end is reached; -1 reads to the end."""
        ...

    async def readline(self) -> bytes:
        """Return a line with its newline, or what is left at the end."""
        ...


class NullInput:
    """Standard input of a container that has none."""

    async def read(self, limit: int = -1) -> bytes:
        return b""

    async def readline(self) -> bytes:
        return b""


class BytesInput:
    """Reads from a value."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    async def read(self, limit: int = -1) -> bytes:
        end = len(self._data) if limit < 0 else self._position + limit
        chunk = self._data[self._position : end]
        self._position += len(chunk)
        return chunk

    async def readline(self) -> bytes:
        end = self._data.find(b"\n", self._position)
        return await self.read(-1 if end < 0 else end + 1 - self._position)


class SourceInput:
    """Reads what a client sends, in lines too."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._held = b""

    async def read(self, limit: int = -1) -> bytes:
        held, self._held = self._held, b""
        if limit < 0:
            return held + await self._source.read(-1)
        if not held:
            held = await self._source.read(limit)
        self._held = held[limit:]
        return held[:limit]

    async def readline(self) -> bytes:
        while b"\n" not in self._held and (more := await self._source.read(PIPE_CAPACITY)):
            self._held += more
        line, newline, self._held = self._held.partition(b"\n")
        return line + newline


class NullOutput:
    async def write(self, data: bytes) -> None:
        return None


class Capture:
    """Collects what is written, up to ``limit`` bytes; the rest is dropped."""

    def __init__(self, limit: int = 16 * 1024 * 1024) -> None:
        self.data = bytearray()
        self._limit = limit

    async def write(self, data: bytes) -> None:
        self.data += data[: self._limit - len(self.data)]


class Pipe:
    """Bytes from one process to another, bounded; both an :class:`Input` and an :class:`Output`.

    Processes that hold an end of it say so (see :meth:`opened`, :meth:`closed`): when the last writer is gone, readers
    see the end; when the last reader is gone, writers get ``BrokenPipeError``.
    """

    def __init__(self) -> None:
        self._readers = 0
        self._writers = 0
        self._buffer = bytearray()
        self._changed = asyncio.Event()
        self._write_closed = False
        self._read_closed = False

    async def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._read_closed:
                raise BrokenPipeError
            room = PIPE_CAPACITY - len(self._buffer)
            if room <= 0:
                await self._wait()
                continue
            self._buffer += view[:room]
            view = view[room:]
            self._changed.set()

    def append(self, data: bytes) -> None:
        """Write without waiting for room; forgotten when nobody reads."""
        if not self._read_closed:
            self._buffer += data
            self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def read(self, limit: int = -1) -> bytes:
        if limit < 0:
            parts: list[bytes] = []
            size = 0
            while chunk := await self.read(PIPE_CAPACITY):
                parts.append(chunk)
                size += len(chunk)
                if size > MOST_READ:
                    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            return b"".join(parts)
        while not self._buffer and not self._write_closed:
            await self._wait()
        return self._take(min(limit, len(self._buffer)))

    async def readline(self) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0 and not self._write_closed:
            searched = len(self._buffer)
            if searched >= PIPE_CAPACITY:
                break
            await self._wait()
        return self._take(end + 1 if end >= 0 else len(self._buffer))

    def _take(self, count: int) -> bytes:
        chunk = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._changed.set()
        return chunk

    def opened(self, *, reading: bool) -> None:
        """Somebody holds an end of the pipe now."""
        if reading:
            self._readers += 1
        else:
            self._writers += 1

    def closed(self, *, reading: bool) -> None:
        """One of those who held an end is gone."""
        if reading:
            self._readers -= 1
            if not self._readers:
                self.close_read()
        else:
            self._writers -= 1
            if not self._writers:
                self.close_write()

    def close_write(self) -> None:
        """The writer is done: readers see the end behind what is left."""
        self._write_closed = True
        self._changed.set()

    def close_read(self) -> None:
        """The reader is gone: writers get ``BrokenPipeError``."""
        self._read_closed = True
        self._changed.set()


class ContainerLog:
    """A container's log: lines with their time and stream, the oldest forgotten past a bound.

    Lines are numbered from 0, so that a reader knows how far it has read (:meth:`read`, :meth:`wait`) even when lines
    that it has not read are forgotten meanwhile.
    """

    __slots__ = ("_clock", "_entries", "_finished", "_forgotten", "_partial", "_size", "_waiting")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Most containers say nothing, ever, and an empty deque takes half a kilobyte.
        self._entries: deque[LogEntry] | tuple[()] = ()
        self._forgotten = 0
        self._finished = False
        self._partial: dict[str, tuple[datetime, bytes]] = {}
        self._size = 0
        self._waiting: list[asyncio.Future[None]] = []

    def load(self, entries: Iterable[LogEntry]) -> None:
        """Begin with these lines, that another process wrote."""
        for entry in entries:
            self._add(entry)

    def write(self, stream: str, data: bytes) -> None:
        now = self._clock.now()
        if data.find(b"\n") == len(data) - 1 and data and stream not in self._partial:
            # A line at a time, as most programs write.
            self._add(LogEntry(now, stream, data[:-1]))
            if self._waiting:
                self._wake()
            return
        started, held = self._partial.pop(stream, (now, b""))
        *lines, rest = (held + data).split(b"\n")
        for line in lines:
            self._add(LogEntry(started, stream, line))
            started = now
        while len(rest) > LONGEST_LINE:
            self._add(LogEntry(started, stream, rest[:LONGEST_LINE], partial=True))
            rest = rest[LONGEST_LINE:]
        if rest:
            self._partial[stream] = (started, rest)
        self._wake()

    def _add(self, entry: LogEntry) -> None:
        entries = self._entries = self._entries or deque()
        entries.append(entry)
        self._size += len(entry.line) + _LINE_OVERHEAD
        while self._size > LOG_LIMIT:
            self._size -= len(entries.popleft().line) + _LINE_OVERHEAD
            self._forgotten += 1

    def finish(self) -> None:
        """Nothing more will be written: what was not ended by a newline is the last there is."""
        for stream, (started, line) in self._partial.items():
            self._add(LogEntry(started, stream, line, partial=True))
        self._partial.clear()
        self._finished = True
        self._wake()

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def entries(self) -> list[LogEntry]:
        """Return the kept lines, an unfinished last one of each stream included."""
        unfinished = [LogEntry(at, stream, line, partial=True) for stream, (at, line) in self._partial.items()]
        return [*self._entries, *unfinished]

    def read(self, position: int) -> LogPage:
        """Return the lines from number ``position`` on that are ended, and the number of the next one."""
        end = self._forgotten + len(self._entries)
        newest = list(islice(reversed(self._entries), max(0, end - position)))
        return LogPage(newest[::-1], max(end, position), self._finished)

    async def wait(self, position: int) -> None:
        """Return once there is a line of number ``position``, or there will be none."""
        while not self._finished and self._forgotten + len(self._entries) <= position:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)

    def tail(self, limit: int) -> bytes:
        """Return the last ``limit`` bytes as text, as termination messages show them."""
        text = b"".join(entry.line + (b"" if entry.partial else b"\n") for entry in self.entries())
        return text[-limit:]


class LogOutput:
    """A standard stream that goes to the container's log, and to those who look at it meanwhile."""

    __slots__ = ("_log", "_stream", "_views")

    def __init__(self, log: ContainerLog, stream: str) -> None:
        self._log = log
        self._stream = stream
        self._views: tuple[Pipe, ...] = ()

    def show_to(self, view: Pipe) -> None:
        """Write everything into ``view`` too from now on."""
        self._views = (*self._views, view)

    def hide_from(self, view: Pipe) -> None:
        """Write nothing more into ``view``."""
        self._views = tuple(other for other in self._views if other is not view)

    async def write(self, data: bytes) -> None:
        self._log.write(self._stream, data)
        for view in self._views:
            try:
                await view.write(data)
            except BrokenPipeError:
                self.hide_from(view)

    def write_nowait(self, data: bytes) -> None:
        """Write without waiting; a log always has room, and who looks at it gets more to read than is usual."""
        self._log.write(self._stream, data)
        for view in self._views:
            view.append(data)
