"""When thresholds are met."""

from fractions import Fraction

import pytest

from kubelet.eviction.thresholds import (
    DEFAULT_HARD,
    Amount,
    BadThreshold,
    Observation,
    Signal,
    Threshold,
    by_priority,
    kept_back,
    met,
    parse_thresholds,
    shown,
)

MEMORY = Threshold(Signal.MEMORY, Amount(quantity=Fraction(100)), reclaim=Amount(quantity=Fraction(50)))
DISK = Threshold(Signal.NODEFS, Amount(part=Fraction(1, 10)))


def available(memory: int = 1000, disk: int = 1000) -> dict[Signal, Observation]:
    return {
        Signal.MEMORY: Observation(Fraction(1000), Fraction(memory)),
        Signal.NODEFS: Observation(Fraction(1000), Fraction(disk)),
    }


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        pytest.param(available(), [], [], id="plenty"),
        pytest.param(available(memory=99), [], [MEMORY], id="too little memory"),
        pytest.param(available(memory=100), [], [], id="just enough"),
        pytest.param(available(disk=99), [], [DISK], id="a part of what there is"),
        pytest.param(available(memory=149), [MEMORY], [MEMORY], id="not enough has come back"),
        pytest.param(available(memory=150), [MEMORY], [], id="enough has come back"),
        pytest.param({}, [], [], id="nothing known"),
    ],
)
def test_met(seen: dict[Signal, Observation], before: list[Threshold], expected: list[Threshold]) -> None:
    assert met([MEMORY, DISK], seen, before) == expected


def test_memory_comes_first() -> None:
    assert by_priority([DISK, MEMORY]) == [MEMORY, DISK]


def test_upstreams_defaults() -> None:
    found = parse_thresholds(DEFAULT_HARD, {}, {}, {})
    assert [threshold.signal for threshold in found] == [
        Signal.MEMORY,
        Signal.NODEFS,
        Signal.NODEFS_INODES,
        Signal.IMAGEFS,
        Signal.IMAGEFS_INODES,
    ]
    assert all(threshold.hard for threshold in found)
    assert kept_back(found, {"memory": "8Gi", "ephemeral-storage": "100Gi"}) == {
        "memory": 100 * 2**20,
        "ephemeral-storage": 10 * 2**30,
    }


def test_a_soft_threshold() -> None:
    (found,) = parse_thresholds(
        {}, {"memory.available": "1Gi"}, {"memory.available": "1m30s"}, {"memory.available": "10%"}
    )
    assert (found.hard, found.grace, found.reclaim) == (False, 90.0, Amount(part=Fraction(1, 10)))
    assert kept_back([found], {"memory": "8Gi", "ephemeral-storage": "1Gi"}) == {}


def test_a_signal_is_turned_off() -> None:
    assert parse_thresholds({"memory.available": "0%"}, {}, {}, {}) == ()


@pytest.mark.parametrize(
    ("hard", "soft", "grace", "said"),
    [
        ({"cpu.available": "1"}, {}, {}, "unsupported eviction signal cpu.available"),
        ({"memory.available": "lots"}, {}, {}, "'lots': quantities must match"),
        ({"memory.available": "-1"}, {}, {}, "eviction threshold cannot be negative: -1"),
        ({"memory.available": "110%"}, {}, {}, "eviction percentage threshold must be >= 0% and <= 100%: 110%"),
        ({}, {"memory.available": "1"}, {}, "grace period must be specified for the soft eviction threshold"),
        ({}, {"memory.available": "1"}, {"memory.available": "0s"}, "invalid eviction grace period specified"),
        ({}, {"memory.available": "1"}, {"memory.available": "x"}, "invalid duration"),
    ],
)
def test_what_is_refused(hard: dict[str, str], soft: dict[str, str], grace: dict[str, str], said: str) -> None:
    with pytest.raises(BadThreshold) as refused:
        parse_thresholds(hard, soft, grace, {})
    assert said in str(refused.value)


def test_numbers_are_shown_as_upstream_shows_them() -> None:
    assert (shown(100 * 2**20), shown(1536), shown(1000)) == ("100Mi", "1536", "1k")
