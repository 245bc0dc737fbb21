"""Standard streams of fake processes: logs, pipes, captures, files."""

import asyncio
import errno
import os
from datetime import datetime
from typing import Protocol

from kubelet.fake.container_log import ContainerLog
from kubelet.runtime import ByteSource

PIPE_CAPACITY = 64 * 1024
"""As on Linux."""

MOST_READ = 64 * 1024 * 1024
"""As many bytes may be read from a pipe at once; what goes on without end is ``ENOMEM``."""


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


NO_INPUT = NullInput()
"""One is enough: it has no state."""


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
    """Collects what is written, up to ``limit`` bytes; writing more fails with the errno ``full``.

    Without it the rest is dropped, as runtimes do with what a command says that they run for others.
    """

    def __init__(self, limit: int = 16 * 1024 * 1024, *, full: int | None = None) -> None:
        self.data = bytearray()
        self.overflowed = False
        self._limit = limit
        self._full = full

    async def write(self, data: bytes) -> None:
        room = self._limit - len(self.data)
        self.data += data[:room]
        if len(data) > room:
            self.overflowed = True
            if self._full is not None:
                raise OSError(self._full, os.strerror(self._full))


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

    def write_line(self, line: bytes, now: datetime) -> None:
        """Write a line, given without its newline, likewise; ``now`` is when it is."""
        self._log.write_line(self._stream, line, now)
        for view in self._views:
            view.append(line + b"\n")
