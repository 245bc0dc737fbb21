"""Sets of completion indexes, kept and written as intervals (``pkg/controller/job/indexed_job_utils.go``, v1.36)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Interval = tuple[int, int]
"""First and last index, both included."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """A set of indexes. ``intervals`` rise, and between two of them there is a gap.

    >>> Indexes.parse("1,3-5,7", 6) | Indexes.of([2])
    Indexes('1-5')
    """

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Indexes":
        return cls(_joined((number, number) for number in numbers))

    @classmethod
    def parse(cls, text: str, completions: int) -> "Indexes":
        """Read ``1,3-5,7``: what is no number is left out, and so is what is not below ``completions``."""
        return cls(_joined(_read(text, completions)))

    def __or__(self, other: "Indexes") -> "Indexes":
        return Indexes(_joined((*self.intervals, *other.intervals)))

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.intervals)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.intervals)

    def __str__(self) -> str:
        """Two neighbours are written apart, ``3,4``; three and more as ``3-5``."""
        return ",".join(
            str(first) if first == last else f"{first},{last}" if last == first + 1 else f"{first}-{last}"
            for first, last in self.intervals
        )

    def __repr__(self) -> str:
        return f"Indexes({str(self)!r})"

    def common(self, other: "Indexes") -> int:
        """Return how many indexes are in both."""
        return sum(
            max(0, min(last, other_last) - max(first, other_first) + 1)
            for first, last in self.intervals
            for other_first, other_last in other.intervals
        )

    def missing(self, count: int, completions: int) -> list[int]:
        """Return the first ``count`` indexes below ``completions`` that are not in the set."""
        found: list[int] = []
        candidate = 0
        for first, last in (*self.intervals, (completions, completions)):
            found.extend(range(candidate, min(first, completions, candidate + count - len(found))))
            candidate = max(candidate, last + 1)
        return found


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for first, last in sorted(intervals):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _read(text: str, completions: int) -> Iterator[Interval]:
    for part in text.split(",") if text else ():
        limits = part.split("-")
        try:
            first = int(limits[0])
            last = int(limits[1]) if len(limits) > 1 else first
        except ValueError:
            continue
        if first < completions:
            yield first, min(last, completions - 1)
