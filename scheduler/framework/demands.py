"""What a pod needs of a node, where that can be counted."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from scheduler.framework.arrays import IntArray
from scheduler.framework.pod_info import PodInfo


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that the pods of a node share, such as its memory.

    ``spare[row]`` is what would be left of it with the pod on the node: below zero it does not fit, for ``reason``.
    ``takes`` returns how much of it a pod on a node has. ``key`` stands for ``takes``: demands with equal keys count
    alike. ``wants`` is how much of it the pod would have.
    """

    key: Hashable
    reason: str
    spare: IntArray
    takes: Callable[[PodInfo], int]
    wants: int
