"""Numbers that are given out once: service addresses and node ports (``pkg/registry/core/service``, v1.36)."""

import random


class AlreadyAllocatedError(ValueError):
    """The number asked for belongs to someone."""


class OutOfRangeError(ValueError):
    """The number asked for is none of the pool's."""


class PoolFullError(ValueError):
    """Every number has been given out."""

    def __init__(self) -> None:
        super().__init__("range is full")


class NumberPool:
    """The numbers from ``first`` to ``last``; ``set_aside`` of the lowest are given out by chance only at the end.

    Those lowest numbers are where people put what they choose by hand, so the rest is used up before them.
    """

    def __init__(
        self, first: int, last: int, set_aside: int, rng: random.Random, taken: set[int] | None = None
    ) -> None:
        """``taken`` is shared with pools whose numbers may be this one's too."""
        self.first = first
        self.last = last
        self._dynamic = min(first + set_aside, last + 1)
        self._rng = rng
        self.taken: set[int] = set() if taken is None else taken

    def check(self, number: int) -> None:
        """Raise :class:`OutOfRangeError` or :class:`AlreadyAllocatedError` unless the number can be taken."""
        if not self.first <= number <= self.last:
            raise OutOfRangeError
        if number in self.taken:
            raise AlreadyAllocatedError

    def choose(self) -> int:
        """Return a free number without taking it; raise :class:`PoolFullError`."""
        for low, high in ((self._dynamic, self.last), (self.first, self._dynamic - 1)):
            size = high - low + 1
            if size <= 0:
                continue
            start = self._rng.randrange(size)
            for step in range(size):
                number = low + (start + step) % size
                if number not in self.taken:
                    return number
        raise PoolFullError

    def take(self, number: int) -> None:
        self.taken.add(number)

    def give_back(self, number: int) -> None:
        """Make the number free; one that is free already is no error."""
        self.taken.discard(number)


def set_aside(size: int, smallest: int, share: int, largest: int) -> int:
    """Return how many of ``size`` numbers to keep for choices by hand: one in ``share``, within bounds.

    A pool that is smaller than ``smallest`` keeps none.
    """
    if size < smallest:
        return 0
    return min(max(smallest, size // share), largest)
