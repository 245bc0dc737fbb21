"""Scores from how much of a node's resources would be in use: few, many, or what a shape says.

Follows ``pkg/scheduler/framework/plugins/noderesources`` (v1.36): cpu and memory count pods that ask for nothing with
their defaults; a resource that a node has none of, and an extended one that the pod does not ask for, is left out.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from apimachinery.names import is_extended_resource
from scheduler.config.args import (
    LEAST_ALLOCATED,
    MOST_ALLOCATED,
    ResourceSpec,
    ScoringStrategy,
    UtilizationShapePoint,
)
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.interface import MAX_NODE_SCORE
from scheduler.framework.node_info import CPU, MEMORY
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_requests import Requests
from scheduler.framework.resources import ResourceColumn

Wanted = tuple[int, ...]
"""What a pod asks of each resource that is scored."""

Scorer = Callable[[NodeTable, Rows, Wanted], IntArray]

_CUSTOM_MAX = 10
"""The largest score of a shape's corner."""


def wanted_for_scoring(requests: Requests, resources: Sequence[ResourceSpec]) -> Wanted:
    """Return what a pod counts as for each resource."""
    return tuple(_wanted(requests, entry.name) for entry in resources)


def _wanted(requests: Requests, name: str) -> int:
    if name == CPU:
        return requests.scored_milli_cpu
    if name == MEMORY:
        return requests.scored_memory
    return next((amount for resource, amount in requests.amounts if resource == name), 0)


def scorer(strategy: ScoringStrategy) -> Scorer:
    """Return the function for a strategy: raw scores 0 … 100 of some rows for a pod that wants this much."""
    resources = strategy.resources
    if strategy.type == LEAST_ALLOCATED:
        if [(entry.name, entry.weight) for entry in resources] == [(CPU, 1), (MEMORY, 1)]:
            return least_allocated
        return lambda nodes, rows, wanted: _weighted(nodes, rows, wanted, resources, _percent_left)
    if strategy.type == MOST_ALLOCATED:
        return lambda nodes, rows, wanted: _weighted(nodes, rows, wanted, resources, _percent_used)
    ratio = strategy.requested_to_capacity_ratio
    by_percent = broken_linear(ratio.shape if ratio is not None else ())
    return lambda nodes, rows, wanted: _shaped(nodes, rows, wanted, resources, by_percent)


def least_allocated(nodes: NodeTable, rows: Rows, wanted: Wanted) -> IntArray:
    """Return what would be left of cpu and memory with the pod on each node, in percent, their mean rounded down.

    The default strategy, and the same as :func:`_weighted` would find, in fewer steps.
    """
    cpu, memory = nodes.resources.scored(CPU), nodes.resources.scored(MEMORY)
    total = _percent_left(cpu, rows, wanted[0])
    total += _percent_left(memory, rows, wanted[1])
    if cpu.providers == memory.providers == nodes.count:
        total //= 2
        return total
    # A node that reports no capacity at all for a resource is scored by the other one alone.
    parts = (cpu.allocatable[rows] > 0).astype(np.int64) + (memory.allocatable[rows] > 0)
    return total // np.maximum(parts, 1)


def _percent_left(column: ResourceColumn, rows: Rows, wanted: int) -> IntArray:
    """Return whole percents, at least 0.

    Exact for capacities up to 2^46 (64 TiB of memory): below that, no quotient that is not whole is so close to a
    whole number that the division would round to it.
    """
    left = column.free[rows] - wanted
    np.maximum(left, 0, out=left)
    left *= MAX_NODE_SCORE
    whole: IntArray = (left / column.divisor[rows]).astype(np.int64)
    return whole


def _percent_used(column: ResourceColumn, rows: Rows, wanted: int) -> IntArray:
    """Return whole percents, at most 100; exact in the same bounds."""
    used = np.minimum(column.used[rows] + wanted, column.allocatable[rows])
    used *= MAX_NODE_SCORE
    whole: IntArray = (used / column.divisor[rows]).astype(np.int64)
    return whole


def _column(nodes: NodeTable, name: str, wanted: int) -> ResourceColumn | None:
    """Return what the pod is scored on, ``None`` for a resource that plays no part."""
    if name in {CPU, MEMORY}:
        return nodes.resources.scored(name)
    if not wanted and is_extended_resource(name):
        return None
    return nodes.resources.column(name)


def _weighted(
    nodes: NodeTable,
    rows: Rows,
    wanted: Wanted,
    resources: Sequence[ResourceSpec],
    percent: Callable[[ResourceColumn, Rows, int], IntArray],
) -> IntArray:
    """Return the weighted mean of the resources' percents, rounded down, of those that a node has."""
    total, weights = _zeros(nodes, rows), _zeros(nodes, rows)
    for entry, amount in zip(resources, wanted, strict=True):
        column = _column(nodes, entry.name, amount)
        if column is not None:
            total += percent(column, rows, amount) * entry.weight * (column.allocatable[rows] > 0)
            weights += entry.weight * (column.allocatable[rows] > 0)
    return total // np.maximum(weights, 1)


def _shaped(
    nodes: NodeTable, rows: Rows, wanted: Wanted, resources: Sequence[ResourceSpec], by_percent: IntArray
) -> IntArray:
    """Return the weighted mean of the shape's scores, rounded to the nearest; scores of 0 count for nothing."""
    total, weights = _zeros(nodes, rows), _zeros(nodes, rows)
    for entry, amount in zip(resources, wanted, strict=True):
        column = _column(nodes, entry.name, amount)
        if column is not None:
            # What asks for more than there is counts as full, as does what is full.
            scores = by_percent[_percent_used(column, rows, amount)] * (column.allocatable[rows] > 0)
            total += scores * entry.weight
            weights += entry.weight * (scores > 0)
    # Half away from zero, as Go rounds; nothing here is negative.
    rounded: IntArray = np.floor(total / np.maximum(weights, 1) + 0.5).astype(np.int64)
    return rounded


def _zeros(nodes: NodeTable, rows: Rows) -> IntArray:
    return np.zeros(len(range(nodes.count)[rows]) if isinstance(rows, slice) else len(rows), dtype=np.int64)


def broken_linear(shape: Sequence[UtilizationShapePoint]) -> IntArray:
    """Return the score 0 … 100 for each whole percent 0 … 100, on straight lines between the corners."""
    scores: npt.NDArray[np.int64] = np.zeros(101, dtype=np.int64)
    corners = [(point.utilization, point.score * (MAX_NODE_SCORE // _CUSTOM_MAX)) for point in shape]
    for percent in range(101):
        scores[percent] = _on_line(corners, percent)
    return scores


def _on_line(corners: Sequence[tuple[int, int]], percent: int) -> int:
    for index, (utilization, score) in enumerate(corners):
        if percent <= utilization:
            if index == 0:
                return score
            start, from_score = corners[index - 1]
            # Go's division: towards zero, also on a line that falls.
            return from_score + int((score - from_score) * (percent - start) / (utilization - start))
    return corners[-1][1] if corners else 0
