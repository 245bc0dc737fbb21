"""A flag that tasks wait for, in a tenth of the memory of ``asyncio.Event``: for what there are thousands of."""

import asyncio


class Flag:
    """What ``asyncio.Event`` is, with its methods; nothing is allocated before somebody waits.

    >>> flag = Flag()
    >>> flag.set()
    >>> flag.is_set()
    True
    """

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: list[asyncio.Future[None]] | None = None

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        """Raise the flag, and wake everybody who waits."""
        self._is_set = True
        waiting, self._waiting = self._waiting, None
        for waiter in waiting or ():
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    async def wait(self) -> None:
        """Return once the flag is up; at once when it is already."""
        if self._is_set:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(waiter)
        try:
            await waiter
        finally:
            if self._waiting is not None and waiter in self._waiting:
                self._waiting.remove(waiter)
