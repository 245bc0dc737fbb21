"""How many things may be under way at once, and when those that wait go on."""

import asyncio
from collections import deque


class Turns:
    """So many places, ``limit``, of which each ``async with`` block has one; those that wait come in their order.

    Nobody who waits goes on before half of the places are free: what comes in crowds goes on in crowds. Code that runs
    for many requests in a row costs a processor a good deal less than when each one's turn comes between things of
    another kind. So those that take long keep others waiting only where they are more than half of all.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._enough = max(1, limit // 2)
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self._give_back()
            raise

    async def __aexit__(self, *exc: object) -> None:
        self._give_back()

    def _give_back(self) -> None:
        self._free += 1
        if self._free < self._enough:
            return
        while self._free and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                self._free -= 1
                place.set_result(None)
