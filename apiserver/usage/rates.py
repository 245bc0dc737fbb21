"""Usage out of samples: processor time by the time it took (metrics-server's ``pkg/storage``, v0.8).

A kubelet says how much processor time something has used so far; two samples say how much it uses. Samples are taken
only when somebody asks, so often there is no other, or none that is recent: then the rate is the kubelet's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apiserver.usage.samples import PodKey, Reading, Sample

LONGEST_WINDOW = 60.0
"""Seconds; over more than that an average would say little about now. metrics-server's default resolution."""

KUBELET_WINDOW = 10.0
"""Seconds that a kubelet's own rate is said to be an average of: how often it looks."""

_NANO = 1e9


@dataclass(frozen=True, slots=True)
class Usage:
    """``cpu`` is in nanocores, ``memory`` in bytes."""

    cpu: int
    memory: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a node and its pods' containers use. ``window`` is how many seconds the rates are an average of."""

    time: str
    window: float
    node: Usage | None
    pods: Mapping[PodKey, Mapping[str, Usage]]


def measured(newest: Sample, before: Sample | None) -> Measured:
    """Return the usage between two samples; ``before`` is ignored when it is too old."""
    if before is not None and not 0 < newest.at - before.at <= LONGEST_WINDOW:
        before = None
    window = newest.at - before.at if before is not None else KUBELET_WINDOW
    pods = {}
    for key, containers in newest.pods.items():
        earlier = before.pods.get(key, {}) if before is not None else {}
        used = {name: _usage(reading, earlier.get(name), window) for name, reading in containers.items()}
        whole = {name: usage for name, usage in used.items() if usage is not None}
        if len(whole) == len(used):
            pods[key] = whole
    node = _usage(newest.node, before.node if before is not None else None, window) if newest.node else None
    return Measured(newest.time, window, node, pods)


def _usage(now: Reading, before: Reading | None, window: float) -> Usage | None:
    """Return a rate; ``None`` when there is nothing to tell it from."""
    if before is not None and before.started == now.started and before.cpu <= now.cpu:
        return Usage(round((now.cpu - before.cpu) / window), now.memory)
    return Usage(now.cpu_rate, now.memory) if now.cpu_rate is not None else None
