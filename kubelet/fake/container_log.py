"""A container's log: lines with their time and stream, in files that are rotated as the kubelet's are.

After ``pkg/kubelet/logs/container_log_manager.go`` (v1.36). Files are looked at when a line is written, not every ten
seconds, so that they are no larger than they should be; rotated ones are not compressed.
"""

import asyncio
import logging
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apimachinery.clock import Clock
from kubelet.fake.log_spool import SLOT, LogSpool
from kubelet.runtime import LogEntry, LogPage

logger = logging.getLogger(__name__)

LONGEST_LINE = 16 * 1024
"""A longer line is split, as the kubelet's log format does."""

_BESIDE = len("2026-01-01T00:00:00.000000000Z stdout F \n")
"""How many bytes a line takes in a file beside its own."""
_IN_MEMORY = 15 * 1024
"""As many bytes of lines are in memory before they are spooled together."""
_HEAD = struct.Struct("<qIB")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)

assert _IN_MEMORY + LONGEST_LINE + _HEAD.size <= SLOT


@dataclass(slots=True)
class LogStore:
    """What the logs of a runtime share: when they are rotated, and where they are kept."""

    max_size: int = 10 * 1024 * 1024
    """At how many bytes a file is rotated; a negative number never does."""

    max_files: int = 5
    """As many files of a container are kept, at least two."""

    spool: LogSpool = field(default_factory=LogSpool)


@dataclass(frozen=True, slots=True)
class RotatedFile:
    """A file that was rotated ``at`` a moment: the lines from number ``start`` up to ``end``, ``size`` bytes."""

    start: int
    end: int
    at: datetime
    size: int


class _Kept:
    """The lines that are kept of a log: the newest in memory, older ones spooled."""

    __slots__ = ("_first", "_open", "_pieces", "_spooled", "_store", "end", "rotated", "size", "start")

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._open = bytearray()
        self._first = 0
        # The numbers of the first lines of pieces, and their slots and lengths.
        self._spooled: list[int] = []
        self._pieces: list[tuple[int, int]] = []
        self.start = 0
        self.size = 0
        self.end = 0
        """The number of the line that is written next."""
        self.rotated: list[RotatedFile] = []

    @property
    def oldest(self) -> int:
        """The number of the oldest line that is kept."""
        return self._spooled[0] if self._spooled else self._first

    def add(self, at: datetime, stream: str, line: bytes, *, partial: bool) -> None:
        if self.size >= self._store.max_size >= 0 and self.size:
            self._rotate(at)
        flags = (stream == "stderr") + 2 * partial
        self._open += _HEAD.pack((at - _EPOCH) // _MICROSECOND, len(line), flags)
        self._open += line
        self.end += 1
        self.size += len(line) + _BESIDE
        if len(self._open) > _IN_MEMORY:
            self._spool()

    def _rotate(self, now: datetime) -> None:
        # Names tell the second, and no two files have the same.
        at = max(now, self.rotated[-1].at + _SECOND) if self.rotated else now
        self._spool()
        self.rotated.append(RotatedFile(self.start, self.end, at, self.size))
        self.start, self.size = self.end, 0
        while len(self.rotated) > self._store.max_files - 1:
            self._forget_before(self.rotated.pop(0).end)

    def _spool(self) -> None:
        if self._open:
            try:
                self._pieces.append((self._store.spool.put(self._open), len(self._open)))
                self._spooled.append(self._first)
            except OSError as error:
                # As on a node whose disk is full: lines are lost, and nobody is held up.
                logger.error("lines of a container's log are lost: %s", error.strerror)
        self._first = self.end
        self._open.clear()

    def _forget_before(self, number: int) -> None:
        while self._spooled and (self._spooled[1] if len(self._spooled) > 1 else self._first) <= number:
            self._store.spool.free(self._pieces.pop(0)[0])
            del self._spooled[0]

    def forget(self) -> None:
        """Forget everything."""
        for slot, _ in self._pieces:
            self._store.spool.free(slot)
        self._pieces.clear()
        self._spooled.clear()
        self._open.clear()

    def last(self, limit: int) -> int:
        """Return the number of the line from which on the current file has about ``limit`` bytes."""
        size, number = len(self._open), self._first
        for first, (_, length) in zip(reversed(self._spooled), reversed(self._pieces), strict=True):
            size += length
            if size > limit:
                break
            number = first
        return max(number, self.start)

    def piece(self, number: int) -> tuple[int, list[LogEntry]]:
        """Return lines from ``number`` on, if that is kept, and the number of the first of them."""
        number = max(number, self.oldest)
        if number >= self._first:
            return number, _unpacked(self._open, number - self._first)
        index = bisect_right(self._spooled, number) - 1
        slot, length = self._pieces[index]
        if lines := _unpacked(self._store.spool.get(slot, length), number - self._spooled[index]):
            return number, lines
        # Those in between could not be kept.
        return self.piece(self._spooled[index + 1] if index + 1 < len(self._spooled) else self._first)


def _unpacked(data: bytes | bytearray, skip: int) -> list[LogEntry]:
    """Return the lines of a piece but for the first ``skip``."""
    lines: list[LogEntry] = []
    position = 0
    while position < len(data):
        micros, length, flags = _HEAD.unpack_from(data, position)
        begin = position + _HEAD.size
        position = begin + length
        if skip:
            skip -= 1
            continue
        at = _EPOCH + timedelta(microseconds=micros)
        stream = "stderr" if flags & 1 else "stdout"
        lines.append(LogEntry(at, stream, bytes(data[begin:position]), partial=bool(flags & 2)))
    return lines


class ContainerLog:
    """Lines are numbered from 0, so that a reader knows how far it has read (:meth:`read`, :meth:`wait`), whatever has
    become of what it has read.

    A log that nothing was written to is next to nothing.
    """

    __slots__ = ("_clock", "_finished", "_kept", "_partial", "_store", "_waiting")

    def __init__(self, clock: Clock, store: LogStore) -> None:
        self._clock = clock
        self._store = store
        self._kept: _Kept | None = None
        self._finished = False
        self._partial: dict[str, tuple[datetime, bytes]] | None = None
        self._waiting: list[asyncio.Future[None]] | None = None

    def load(self, entries: Iterable[LogEntry]) -> None:
        """Begin with these lines, that another process wrote."""
        for entry in entries:
            self._add(entry.timestamp, entry.stream, entry.line, partial=entry.partial)

    def write(self, stream: str, data: bytes) -> None:
        """Add what a stream says."""
        if data and data.find(b"\n") == len(data) - 1:
            # A line at a time, as most programs write.
            self.write_line(stream, data[:-1], self._clock.now())
        else:
            self._write(stream, data, self._clock.now())

    def write_line(self, stream: str, line: bytes, now: datetime) -> None:
        """Add a line without its newline, said just ``now``."""
        if self._partial or len(line) > LONGEST_LINE:
            self._write(stream, line + b"\n", now)
            return
        if self._kept is None:
            self._kept = _Kept(self._store)
        self._kept.add(now, stream, line, partial=False)
        if self._waiting:
            self._wake()

    def _write(self, stream: str, data: bytes, now: datetime) -> None:
        unfinished = self._partial = self._partial or {}
        started, held = unfinished.pop(stream, (now, b""))
        *lines, rest = (held + data).split(b"\n")
        for line in lines:
            self._add(started, stream, self._cut(started, stream, line))
            started = now
        if rest := self._cut(started, stream, rest):
            unfinished[stream] = (started, rest)
        if self._waiting:
            self._wake()

    def _cut(self, at: datetime, stream: str, line: bytes) -> bytes:
        """Add what of a line is too long for one, in parts; return the rest."""
        while len(line) > LONGEST_LINE:
            self._add(at, stream, line[:LONGEST_LINE], partial=True)
            line = line[LONGEST_LINE:]
        return line

    def _add(self, at: datetime, stream: str, line: bytes, *, partial: bool = False) -> None:
        if self._kept is None:
            self._kept = _Kept(self._store)
        self._kept.add(at, stream, line, partial=partial)

    def finish(self) -> None:
        """Nothing more will be written: what was not ended by a newline is the last there is."""
        for stream, (started, line) in (self._partial or {}).items():
            self._add(started, stream, line, partial=True)
        self._partial = None
        self._finished = True
        self._wake()

    def forget(self) -> None:
        """Give back what the lines take, for nobody will read them any more."""
        if self._kept is not None:
            self._kept.forget()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting or (), None
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    # Reading

    @property
    def size(self) -> int:
        """The size of the current file in bytes."""
        return self._kept.size if self._kept is not None else 0

    @property
    def rotated(self) -> Iterable[RotatedFile]:
        """The files that were rotated, oldest first."""
        return tuple(self._kept.rotated) if self._kept is not None else ()

    def start(self, tail: int | None = None) -> int:
        """Return the number of the current file's first line, or that of its last ``tail`` lines."""
        if self._kept is None:
            return 0
        return self._kept.start if tail is None else max(self._kept.start, self._kept.end - tail)

    def read(self, position: int) -> LogPage:
        """Return lines that are ended, from number ``position`` on, and the number of the next one.

        A page has some of them; none are left when it is empty.
        """
        if self._kept is None:
            return LogPage((), position, self._finished)
        first, lines = self._kept.piece(position)
        following = max(position, first + len(lines))
        return LogPage(lines, following, self._finished and following >= self._kept.end)

    def since(self, position: int) -> Iterator[LogEntry]:
        """Yield the lines that are ended, from number ``position`` on."""
        while (page := self.read(position)).entries:
            yield from page.entries
            position = page.position

    def entries(self, position: int | None = None) -> list[LogEntry]:
        """Return the lines from number ``position`` on, those of the current file without it.

        An unfinished last one of each stream is among them.
        """
        unfinished = [LogEntry(at, stream, line, True) for stream, (at, line) in (self._partial or {}).items()]
        return [*self.since(self.start() if position is None else position), *unfinished]

    def newest(self, limit: int) -> list[LogEntry]:
        """Return about the last ``limit`` bytes of the current file's lines, unfinished ones included."""
        return self.entries(self._kept.last(limit) if self._kept is not None else 0)

    async def wait(self, position: int) -> None:
        """Return once there is a line of number ``position``, or there will be none."""
        while not self._finished and (self._kept is None or self._kept.end <= position):
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting = self._waiting = self._waiting or []
            waiting.append(waiter)
            try:
                await waiter
            finally:
                if waiter in waiting:
                    waiting.remove(waiter)
