"""Values shared by many nodes, each stored once and known by a small number."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Interner(Generic[T]):
    """Hands out small numbers for values and takes them back when nobody holds the value any longer.

    Numbers are reused, so that an array indexed by them stays as short as there are different values at one time;
    :attr:`version` changes whenever a number gets a new meaning.
    """

    def __init__(self) -> None:
        self.version = 0
        self._ids: dict[T, int] = {}
        self._values: list[T | None] = []
        self._holders: list[int] = []
        self._unused: list[int] = []

    @property
    def size(self) -> int:
        """One more than the largest number ever handed out."""
        return len(self._values)

    @property
    def held(self) -> int:
        """How many values somebody holds."""
        return len(self._ids)

    def acquire(self, value: T) -> int:
        """Return the value's number; to be given back with :meth:`release`."""
        known = self._ids.get(value)
        if known is not None:
            self._holders[known] += 1
            return known
        if self._unused:
            number = self._unused.pop()
            self._values[number] = value
            self._holders[number] = 1
        else:
            number = len(self._values)
            self._values.append(value)
            self._holders.append(1)
        self._ids[value] = number
        self.version += 1
        return number

    def release(self, number: int) -> None:
        """Give back what :meth:`acquire` returned."""
        self._holders[number] -= 1
        if self._holders[number] == 0:
            value = self._values[number]
            assert value is not None
            del self._ids[value]
            self._values[number] = None
            self._unused.append(number)

    def get(self, value: T) -> int | None:
        """Return the value's number when somebody holds it."""
        return self._ids.get(value)

    def items(self) -> Iterator[tuple[T, int]]:
        """Return the values that are held, with their numbers."""
        return iter(self._ids.items())
