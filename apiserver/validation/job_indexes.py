"""Lists of completion indexes, such as ``1,3-5,7`` (``validateIndexesFormat`` in
``pkg/apis/batch/validation/validation.go``, v1.36)."""

import re

_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)


class IndexSyntaxError(ValueError):
    """What is wrong with the list, in upstream's words."""


def parse_indexes(text: str, completions: int) -> list[tuple[int, int]]:
    """Return the intervals, ends included; raise :class:`IndexSyntaxError`.

    They rise, and end below ``completions``.
    """
    intervals: list[tuple[int, int]] = []
    for part in text.split(",") if text else ():
        first, last = _interval(part, completions)
        if intervals and intervals[-1][1] >= first:
            raise IndexSyntaxError(f"non-increasing order, previous: {intervals[-1][1]}, current: {first}")
        intervals.append((first, last))
    return intervals


def _interval(text: str, completions: int) -> tuple[int, int]:
    limits = text.split("-")
    if len(limits) > 2:
        raise IndexSyntaxError(
            f'the fragment "{text}" violates the requirement that an index interval can have at most two parts '
            "separated by '-'"
        )
    first = _index(limits[0], completions)
    if len(limits) == 1:
        return first, first
    last = _index(limits[1], completions)
    if first >= last:
        raise IndexSyntaxError(f"non-increasing order, previous: {first}, current: {last}")
    return first, last


def _index(text: str, completions: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise IndexSyntaxError(f'cannot convert string to integer for index: "{text}"')
    if (number := int(text)) >= completions:
        raise IndexSyntaxError(f'too large index: "{text}"')
    return number


def count_indexes(intervals: list[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in intervals)


def first_common(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> int | None:
    """Return the first index that is in both lists."""
    common = [max(a, c) for a, b in one for c, d in other if max(a, c) <= min(b, d)]
    return min(common, default=None)
