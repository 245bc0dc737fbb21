"""What is on a block device: as many bytes as it has, of which only those take room that are not zero."""

import errno
import os
from collections.abc import Iterator, Mapping

CHUNK = 64 * 1024
"""In pieces of this size it is kept what has been written."""

MOST_KEPT = 64 * 1024 * 1024
"""As many bytes of chunks one device keeps; a thin volume whose pool is full refuses more as one at its end does."""

_ZEROS = bytes(CHUNK)


class Disk:
    """``size`` bytes, all zero at first. ``chunks`` has the others, by their number from the beginning."""

    __slots__ = ("chunks", "size")

    def __init__(self, size: int, chunks: Mapping[int, bytes] | None = None) -> None:
        self.size = size
        self.chunks: dict[int, bytes] = dict(chunks or {})

    def read(self, position: int, count: int) -> bytes:
        """Return ``count`` bytes from ``position`` on, fewer at the end and none behind it."""
        return b"".join(
            self.chunks.get(number, _ZEROS)[start:end] for number, start, end in self._pieces(position, count)
        )

    def write(self, position: int, data: bytes) -> int:
        """Write what there is room for; return how many bytes that were. Where there is none at all is ``ENOSPC``."""
        done = 0
        for number, start, end in self._pieces(position, len(data)):
            old = self.chunks.get(number, _ZEROS)
            new = old[:start] + data[done : done + end - start] + old[end:]
            if new == _ZEROS:
                self.chunks.pop(number, None)
            elif number in self.chunks or len(self.chunks) < MOST_KEPT // CHUNK:
                self.chunks[number] = new
            else:
                break
            done += end - start
        if data and not done:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return done

    def _pieces(self, position: int, count: int) -> Iterator[tuple[int, int, int]]:
        """Yield the chunks that a range is in, each with the part of it that is meant."""
        stop = min(position + count, self.size)
        while position < stop:
            number, start = divmod(position, CHUNK)
            end = min(CHUNK, start + stop - position)
            yield number, start, end
            position += end - start
