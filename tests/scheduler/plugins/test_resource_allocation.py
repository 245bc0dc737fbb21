"""Strategies over arrays against the same rules for one node, on random clusters."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.config.args import (
    RequestedToCapacityRatioParam,
    ResourceSpec,
    ScoringStrategy,
    UtilizationShapePoint,
)
from scheduler.plugins.resource_allocation import broken_linear, scorer, wanted_for_scoring
from tests.scheduler.builders import make_node, make_pod, table

NAMES = ("cpu", "memory", "example.com/gpu", "ephemeral-storage")
EXTENDED = {"example.com/gpu"}


def go_division(number: int, divisor: int) -> int:
    """Towards zero."""
    quotient = abs(number) // abs(divisor)
    return quotient if (number >= 0) == (divisor > 0) else -quotient


def on_shape(shape: list[tuple[int, int]], percent: int) -> int:
    corners = [(utilization, 10 * score) for utilization, score in shape]
    for index, (utilization, score) in enumerate(corners):
        if percent <= utilization:
            if index == 0:
                return score
            start, before = corners[index - 1]
            return before + go_division((score - before) * (percent - start), utilization - start)
    return corners[-1][1]


def plain(
    kind: str,
    shape: list[tuple[int, int]],
    weights: dict[str, int],
    has: dict[str, int],
    used: dict[str, int],
    wanted: dict[str, int],
) -> int:
    """One node's score, resource by resource."""
    total = weight_sum = 0
    for name, weight in weights.items():
        capacity = has.get(name, 0)
        if not capacity or (name in EXTENDED and not wanted[name]):
            continue
        requested = used[name] + wanted[name]
        if kind == "LeastAllocated":
            score = 0 if requested > capacity else (capacity - requested) * 100 // capacity
        elif kind == "MostAllocated":
            score = min(requested, capacity) * 100 // capacity
        else:
            score = on_shape(shape, 100 if requested > capacity else requested * 100 // capacity)
            if not score:
                continue
        total += score * weight
        weight_sum += weight
    if not weight_sum:
        return 0
    if kind == "RequestedToCapacityRatio":
        return (2 * total + weight_sum) // (2 * weight_sum)
    return total // weight_sum


amounts = st.fixed_dictionaries({name: st.integers(0, 12) for name in NAMES})
shapes = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 10)), min_size=1, max_size=4, unique_by=lambda corner: corner[0]
).map(sorted)
weights = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100), min_size=1)


def quantities(found: dict[str, int]) -> dict[str, str]:
    names = {"example.com/gpu": "gpu", "ephemeral-storage": "ephemeral_storage"}
    return {names.get(name, name): str(amount) for name, amount in found.items()}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"]),
    shapes,
    weights,
    st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4),
    amounts,
)
def test_arrays_agree_with_plain_rules(
    kind: str,
    shape: list[tuple[int, int]],
    weights: dict[str, int],
    nodes: list[tuple[dict[str, int], dict[str, int]]],
    wanted: dict[str, int],
) -> None:
    """S12: whatever a node has and its pods take, and also where that is more than it has."""
    builders = [make_node(f"n{number}").capacity(pods="9", **quantities(has)) for number, (has, _) in enumerate(nodes)]
    pods = tuple(
        make_pod(f"p{number}").requests(**quantities(used)).node(f"n{number}") for number, (_, used) in enumerate(nodes)
    )
    strategy = ScoringStrategy(
        type=kind,
        resources=tuple(ResourceSpec(name=name, weight=weight) for name, weight in weights.items()),
        requested_to_capacity_ratio=RequestedToCapacityRatioParam(
            shape=tuple(UtilizationShapePoint(utilization=at, score=score) for at, score in shape)
        ),
    )
    pod = make_pod().requests(**quantities(wanted)).info()
    found = scorer(strategy)(
        table(*builders, pods=pods), slice(0, len(nodes)), wanted_for_scoring(pod.requests, strategy.resources)
    )

    def counted(given: dict[str, int]) -> dict[str, int]:
        return {name: amount * 1000 if name == "cpu" else amount for name, amount in given.items()}

    expected = [plain(kind, shape, weights, counted(has), counted(used), counted(wanted)) for has, used in nodes]
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("shape", "percent", "expected"),
    [
        pytest.param([(50, 5)], 0, 50, id="before the only corner"),
        pytest.param([(50, 5)], 100, 50, id="after it"),
        pytest.param([(0, 0), (100, 10)], 33, 33, id="on a rising line"),
        pytest.param([(0, 10), (30, 0)], 1, 97, id="on a falling line, towards zero: 100 - 3.33"),
    ],
)
def test_broken_linear(shape: list[tuple[int, int]], percent: int, expected: int) -> None:
    corners = [UtilizationShapePoint(utilization=at, score=score) for at, score in shape]
    found: Any = broken_linear(corners)
    assert found[percent] == expected
    assert isinstance(found, np.ndarray)
