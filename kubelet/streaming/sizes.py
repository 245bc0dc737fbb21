"""The sizes of a client's window, as they change."""

import asyncio

import orjson

from kubelet.runtime import TerminalSize


def parse_size(data: bytes) -> TerminalSize | None:
    """Read ``{"Width":80,"Height":24}``; ``None`` for what is no size."""
    try:
        width, height = (orjson.loads(data)[key] for key in ("Width", "Height"))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    if not all(isinstance(number, int) and 0 < number < 65536 for number in (width, height)):
        return None
    return TerminalSize(width, height)


class Sizes:
    """An iterator over sizes, of which only the newest matters: the ones between are skipped."""

    def __init__(self) -> None:
        self._newest: TerminalSize | None = None
        self._ended = False
        self._changed = asyncio.Event()

    def put(self, size: TerminalSize) -> None:
        self._newest = size
        self._changed.set()

    def end(self) -> None:
        """There will be no other size."""
        self._ended = True
        self._changed.set()

    def __aiter__(self) -> "Sizes":
        return self

    async def __anext__(self) -> TerminalSize:
        await self._changed.wait()
        size, self._newest = self._newest, None
        if size is None:
            raise StopAsyncIteration
        if not self._ended:
            self._changed.clear()
        return size
