"""``head`` and ``tail``: what inputs begin and end with."""

import errno
import os
import re
from collections import deque

from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import encode
from kubelet.fake.streams import Input, NullInput
from kubelet.images.utilities.command import (
    CHUNK,
    LINE_OVERHEAD,
    MOST_HELD,
    each_input,
    number,
    parse_options,
    seconds,
)


def _count_option(arguments: list[str]) -> list[str]:
    """Turn the old ``-5``, which only comes first, into ``-n5``."""
    return [re.sub(r"^-(\d+)(f?)$", r"-\2n\1", arguments[0]), *arguments[1:]] if arguments else []


async def head(process: Process) -> int:
    """``head [-n LINES] [-c BYTES] [-q] [-v] [FILE]...``; a negative number leaves the last ones out."""
    options = parse_options(_count_option(process.argv[1:]), "qv", "nc", long={"lines": "n", "bytes": "c"})
    failures: list[str] = []
    names = options.operands
    titled = (len(names) > 1 and "q" not in options.flags) or "v" in options.flags
    first = True
    async for name, source in each_input(process, names, failures):
        if titled:
            await process.stdout.write(encode(f"{'' if first else chr(10)}==> {name} <==\n"))
        first = False
        if "c" in options.values:
            await _head_bytes(process, source, number(options.values["c"]))
        else:
            await _head_lines(process, source, number(options.values.get("n", "10")))
    return int(bool(failures))


async def _head_bytes(process: Process, source: Input, count: int) -> None:
    if count < 0:
        kept = bytearray()
        while chunk := await source.read(CHUNK):
            kept += chunk
            if len(kept) > -count:
                await process.stdout.write(bytes(kept[:count]))
                del kept[:count]
            _check_held(len(kept))
        return
    while count > 0 and (chunk := await source.read(min(count, CHUNK))):
        await process.stdout.write(chunk)
        count -= len(chunk)


async def _head_lines(process: Process, source: Input, count: int) -> None:
    if count < 0:
        kept = _LastLines(-count)
        while chunk := await source.read(CHUNK):
            await process.stdout.write(b"".join(kept.add(chunk)))
        await process.stdout.write(kept.before_rest())
        return
    for _ in range(count):
        line = await source.readline()
        if not line:
            break
        await process.stdout.write(line)


async def tail(process: Process) -> int:
    """``tail [-n [+]LINES] [-c [+]BYTES] [-f] [-F] [-q] [-v] [-s SECONDS] [FILE]...``."""
    options = parse_options(
        _count_option(process.argv[1:]), "fFqv", "ncs", long={"lines": "n", "bytes": "c", "follow": "f"}
    )
    failures: list[str] = []
    names = options.operands
    titled = (len(names) > 1 and "q" not in options.flags) or "v" in options.flags
    followed: list[tuple[str, Input]] = []
    async for name, source in each_input(process, names, failures):
        if titled:
            await process.stdout.write(encode(f"{chr(10) if followed else ''}==> {name} <==\n"))
        if "c" in options.values:
            await _tail_bytes(process, source, options.values["c"])
        else:
            await _tail_lines(process, source, options.values.get("n", "10"))
        followed.append((name, source))
    if options.flags & {"f", "F"} and followed:
        await _follow(process, followed, titled=titled, interval=seconds(options.values.get("s", "1")))
    return int(bool(failures))


class _LastLines:
    """Holds the last ended lines of an input, as many as are wanted, and the one that has not ended."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._size = 0
        self._open = bytearray()
        self._rows: deque[bytes] = deque()

    def add(self, data: bytes) -> list[bytes]:
        """Take a part of the input in; return the lines that are held no longer. Raises ``OSError`` (``ENOMEM``)."""
        first, *others = data.split(b"\n")
        self._open += first
        gone: list[bytes] = []
        for following in others:
            row = bytes(self._open) + b"\n"
            self._rows.append(row)
            self._size += len(row) + LINE_OVERHEAD
            self._open = bytearray(following)
            if len(self._rows) > self._count:
                gone.append(self._rows.popleft())
                self._size -= len(gone[-1]) + LINE_OVERHEAD
        _check_held(self._size + len(self._open))
        return gone

    def rest(self) -> bytes:
        """Return the last lines of all, as many as are wanted."""
        rows = [*self._rows, bytes(self._open)] if self._open else [*self._rows]
        return b"".join(rows[-self._count :]) if self._count else b""

    def before_rest(self) -> bytes:
        """Return what of the lines that are held comes before the last ones."""
        return self._rows[0] if self._open and len(self._rows) == self._count else b""


def _check_held(size: int) -> None:
    if size > MOST_HELD:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


async def _tail_bytes(process: Process, source: Input, text: str) -> None:
    count = abs(number(text.lstrip("+")))
    if text.startswith("+"):
        left = max(count - 1, 0)
        while chunk := await source.read(CHUNK):
            await process.stdout.write(chunk[left:])
            left = max(0, left - len(chunk))
        return
    kept = bytearray()
    while chunk := await source.read(CHUNK):
        kept += chunk
        del kept[: max(0, len(kept) - count)]
        _check_held(len(kept))
    await process.stdout.write(bytes(kept))


async def _tail_lines(process: Process, source: Input, text: str) -> None:
    count = abs(number(text.lstrip("+")))
    if text.startswith("+"):
        left = max(count - 1, 0)
        while row := await source.readline():
            if left:
                left -= row.endswith(b"\n")
            else:
                await process.stdout.write(row)
        return
    kept = _LastLines(count)
    while chunk := await source.read(CHUNK):
        kept.add(chunk)
    await process.stdout.write(kept.rest())


async def _follow(process: Process, sources: list[tuple[str, Input]], *, titled: bool, interval: float) -> None:
    if all(isinstance(source, NullInput) for _, source in sources):
        # Nothing will ever come, so there is no use in looking.
        await process.wait_for_signal()
    last = sources[-1][0]
    while True:
        await process.sleep(interval)
        for name, source in sources:
            data = await source.read()
            if not data:
                continue
            if titled and name != last:
                await process.stdout.write(encode(f"\n==> {name} <==\n"))
            last = name
            await process.stdout.write(data)
