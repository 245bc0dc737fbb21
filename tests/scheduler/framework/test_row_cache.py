import numpy as np
import pytest

from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.row_cache import RowCache, RowJournal


class Squares:
    """Counts how many elements it had to work out."""

    def __init__(self, values: list[int]) -> None:
        self.values = np.array(values, dtype=np.int64)
        self.worked_out = 0

    def __call__(self, rows: Rows) -> IntArray:
        result: IntArray = self.values[rows] ** 2
        self.worked_out += len(result)
        return result


def test_only_changed_rows_are_worked_out_again() -> None:
    cache: RowCache[str] = RowCache()
    journal, squares = RowJournal(), Squares([1, 2, 3, 4])
    assert cache.of("k", journal, 4, squares).tolist() == [1, 4, 9, 16]
    squares.values[2] = 10
    journal.note(2)
    journal.note(2)
    assert cache.of("k", journal, 4, squares).tolist() == [1, 4, 100, 16]
    assert squares.worked_out == 5


def test_each_key_has_its_own_vector() -> None:
    cache: RowCache[str] = RowCache()
    journal = RowJournal()
    one, two = Squares([1, 2]), Squares([3, 4])
    assert cache.of("one", journal, 2, one).tolist() == [1, 4]
    assert cache.of("two", journal, 2, two).tolist() == [9, 16]
    assert cache.of("one", journal, 2, one).tolist() == [1, 4]


@pytest.mark.parametrize("changes", [100, 10_000], ids=["more changes than rows", "more than the journal remembers"])
def test_after_many_changes_all_of_it_is(changes: int) -> None:
    cache: RowCache[str] = RowCache()
    journal, squares = RowJournal(), Squares([1, 2])
    cache.of("k", journal, 2, squares)
    squares.values[:] = [5, 6]
    for number in range(changes):
        journal.note(number % 2)
    assert cache.of("k", journal, 2, squares).tolist() == [25, 36]
    assert journal.position == changes


def test_a_table_of_another_length_is_worked_out_anew() -> None:
    cache: RowCache[str] = RowCache()
    journal, squares = RowJournal(), Squares([1, 2, 3])
    cache.of("k", journal, 2, squares)
    journal.note(2)
    assert cache.of("k", journal, 3, squares).tolist() == [1, 4, 9]
    journal.note(2)
    assert cache.of("k", journal, 2, squares).tolist() == [1, 4]


def test_rows_past_the_end_are_left_alone() -> None:
    cache: RowCache[str] = RowCache()
    journal, squares = RowJournal(), Squares([1, 2])
    cache.of("k", journal, 2, squares)
    journal.note(7)
    assert cache.of("k", journal, 2, squares).tolist() == [1, 4]
