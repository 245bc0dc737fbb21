"""Pools of numbers that are given out once."""

import random

import pytest

from apiserver.registry.pools import AlreadyAllocatedError, NumberPool, OutOfRangeError, PoolFullError, set_aside


def pool(first: int, last: int, aside: int = 0) -> NumberPool:
    return NumberPool(first, last, aside, random.Random(1))


def test_the_lowest_numbers_are_given_out_last() -> None:
    numbers = pool(10, 29, 5)
    chosen = []
    for _ in range(20):
        chosen.append(numbers.choose())
        numbers.take(chosen[-1])
    assert sorted(chosen) == list(range(10, 30))
    assert sorted(chosen[15:]) == [10, 11, 12, 13, 14]
    with pytest.raises(PoolFullError, match="range is full"):
        numbers.choose()
    numbers.give_back(17)
    assert numbers.choose() == 17


@pytest.mark.parametrize(
    ("number", "error"),
    [
        pytest.param(9, OutOfRangeError, id="below"),
        pytest.param(21, OutOfRangeError, id="above"),
        pytest.param(15, AlreadyAllocatedError, id="taken"),
    ],
)
def test_what_cannot_be_taken(number: int, error: type[Exception]) -> None:
    numbers = pool(10, 20)
    numbers.take(15)
    with pytest.raises(error):
        numbers.check(number)
    numbers.check(16)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(14, 0, id="too small to divide"),
        pytest.param(254, 16, id="small"),
        pytest.param(65534, 256, id="large"),
    ],
)
def test_how_many_addresses_are_kept_for_choices_by_hand(size: int, expected: int) -> None:
    assert set_aside(size, 16, 16, 256) == expected


def test_how_many_node_ports_are_kept_for_choices_by_hand() -> None:
    assert set_aside(2768, 16, 32, 128) == 86
