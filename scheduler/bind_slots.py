"""How many bindings may be under way, and when the next may be begun."""

from apimachinery.flag import Flag


class BindSlots:
    """So many slots, ``limit``, of which each binding under way has one.

    Once all of them have been taken, :meth:`some` waits until half are free again: what comes in crowds goes on in
    crowds. Thirty pods in a row take a third less of a processor than when each one's turn comes between things of
    another kind.
    """

    def __init__(self, limit: int) -> None:
        self.free = limit
        self._enough = max(1, limit // 2)
        self._exhausted = False
        self._released = Flag()

    async def some(self) -> None:
        """Wait until bindings may be begun, as many as are :attr:`free` then."""
        while self._exhausted:
            await self._until_release()

    async def acquire(self) -> None:
        """Take the next slot there is: for a binding that had begun before."""
        while not self.free:
            await self._until_release()
        self.take()

    def take(self) -> None:
        """Take a slot; there must be one."""
        assert self.free > 0
        self.free -= 1
        self._exhausted = self._exhausted or not self.free

    def release(self) -> None:
        """Give a slot back."""
        self.free += 1
        self._exhausted = self._exhausted and self.free < self._enough
        self._released.set()

    async def _until_release(self) -> None:
        self._released.clear()
        await self._released.wait()
