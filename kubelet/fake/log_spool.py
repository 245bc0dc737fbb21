"""Where logs are kept that are too long for memory: one file of the machine's, without a name, in slots of equal size.

Upstream's logs are on the node's disk, too. What nobody needs any more makes room for what comes next.
"""

import os
import tempfile
from typing import BinaryIO

SLOT = 32 * 1024
"""As many bytes are kept together at most. What is not filled takes no room on a disk."""


class LogSpool:
    """Keeps pieces of bytes by the number of their slot; the file is made with the first."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._free: list[int] = []
        self._slots = 0

    def put(self, data: bytes | bytearray) -> int:
        """Keep up to :data:`SLOT` bytes; return their slot, or raise ``OSError`` when the machine has no room."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        slot = self._free[-1] if self._free else self._slots
        os.pwrite(self._file.fileno(), data, slot * SLOT)
        if self._free:
            self._free.pop()
        else:
            self._slots += 1
        return slot

    def get(self, slot: int, length: int) -> bytes:
        assert self._file is not None
        return os.pread(self._file.fileno(), length, slot * SLOT)

    def free(self, slot: int) -> None:
        """Forget what is in a slot. When nothing is left, the disk gets its room back."""
        self._free.append(slot)
        if self._file is not None and len(self._free) == self._slots:
            os.ftruncate(self._file.fileno(), 0)
            self._free.clear()
            self._slots = 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
