"""Lists of completion indexes."""

import pytest

from apiserver.validation.job_indexes import IndexSyntaxError, count_indexes, first_common, parse_indexes


@pytest.mark.parametrize(
    ("text", "intervals", "count"),
    [
        pytest.param("", [], 0, id="none"),
        pytest.param("3", [(3, 3)], 1, id="one"),
        pytest.param("1,3-5,7", [(1, 1), (3, 5), (7, 7)], 5, id="several"),
    ],
)
def test_lists_that_are_right(text: str, intervals: list[tuple[int, int]], count: int) -> None:
    assert parse_indexes(text, 8) == intervals
    assert count_indexes(intervals) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("x", 'cannot convert string to integer for index: "x"', id="word"),
        pytest.param("1,", 'cannot convert string to integer for index: ""', id="open end"),
        pytest.param("8", 'too large index: "8"', id="large"),
        pytest.param("3-2", "non-increasing order, previous: 3, current: 2", id="falling interval"),
        pytest.param("2,1", "non-increasing order, previous: 2, current: 1", id="falling"),
        pytest.param(
            "1-2-3",
            'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts '
            "separated by '-'",
            id="three parts",
        ),
    ],
)
def test_lists_that_are_not(text: str, message: str) -> None:
    with pytest.raises(IndexSyntaxError) as refused:
        parse_indexes(text, 8)
    assert str(refused.value) == message


def test_the_first_index_that_two_lists_share() -> None:
    assert first_common([(0, 2), (5, 8)], [(3, 3), (7, 9)]) == 7
    assert first_common([(0, 2)], [(3, 3)]) is None
