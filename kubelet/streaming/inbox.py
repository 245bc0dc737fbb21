"""What a client sends on one channel, until a program reads it."""

import asyncio

CAPACITY = 256 * 1024


class Inbox:
    """Bytes that arrive in pieces and are read in any size; whoever puts too many in has to wait.

    It is what programs read as their standard input (:class:`kubelet.runtime.ByteSource`).
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._ended = False
        self._changed = asyncio.Event()

    async def put(self, data: bytes) -> None:
        """Add what has arrived, once there is room; forgotten after :meth:`end`."""
        while len(self._buffer) >= CAPACITY and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        if not self._ended:
            self._buffer += data
            self._changed.set()

    def end(self) -> None:
        """Nothing more will arrive; what is there can still be read."""
        self._ended = True
        self._changed.set()

    async def read(self, limit: int = -1) -> bytes:
        """Return what is there, at most ``limit`` bytes, waiting for some; empty is the end. -1 reads up to the end."""
        if limit < 0:
            parts = []
            while part := await self.read(CAPACITY):
                parts.append(part)
            return b"".join(parts)
        while not self._buffer and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        data = bytes(memoryview(self._buffer)[:limit])
        del self._buffer[:limit]
        self._changed.set()
        return data
