"""A kubelet's ``/stats/summary``, as far as it is about processor and memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSONObject = dict[str, Any]
PodKey = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``cpu`` counts nanoseconds since ``started``, ``cpu_rate`` is in nanocores, ``memory`` in bytes."""

    started: str
    cpu: int
    cpu_rate: int | None
    memory: int


@dataclass(frozen=True, slots=True)
class Sample:
    """``at`` is when it was taken in seconds of the collector's clock, ``time`` when by the kubelet's, as it says."""

    at: float
    time: str
    node: Reading | None
    pods: Mapping[PodKey, Mapping[str, Reading]]
    """Each pod's containers, by name; only pods all of whose containers could be read."""


def sample(summary: JSONObject, at: float) -> Sample:
    """Read a ``Summary``; what it does not tell in full is left out, as metrics-server leaves it out.

    Raises ``KeyError``, ``TypeError`` or ``AttributeError`` for what is none.
    """
    node = summary["node"]
    pods: dict[PodKey, Mapping[str, Reading]] = {}
    for pod in summary.get("pods") or ():
        containers = {entry["name"]: _reading(entry) for entry in pod.get("containers") or ()}
        whole = {name: reading for name, reading in containers.items() if reading is not None}
        if whole and len(whole) == len(containers):
            pods[pod["podRef"]["namespace"], pod["podRef"]["name"]] = whole
    return Sample(at, str((node.get("cpu") or {}).get("time", "")), _reading(node), pods)


def _reading(stats: JSONObject) -> Reading | None:
    cpu, memory = stats.get("cpu") or {}, stats.get("memory") or {}
    counted, used = cpu.get("usageCoreNanoSeconds"), memory.get("workingSetBytes")
    if counted is None or used is None:
        return None
    return Reading(str(stats.get("startTime", "")), int(counted), cpu.get("usageNanoCores"), int(used))
