"""Whether a node still shows signs of life (``tryUpdateNodeHealth`` of ``pkg/controller/nodelifecycle``, v1.36)."""

from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.core import Lease, Node, NodeCondition

READY = "Ready"

SILENCED = (READY, "MemoryPressure", "DiskPressure", "PIDPressure")
"""The conditions of which nothing is known when the kubelet is silent; the network's is not the kubelet's to tell."""


@dataclass(frozen=True, slots=True)
class Grace:
    """For how many seconds a node may be silent: one that has told its status, and one that never has."""

    monitor: float
    startup: float


@dataclass(slots=True)
class _Seen:
    heartbeat: datetime | None
    renewed: datetime | None
    at: float


class Health:
    """Remembers when each node was last seen to be alive, on this process' own clock.

    Clocks of nodes may differ: what counts is that a heartbeat or a lease changes, not what time it tells.
    """

    def __init__(self, grace: Grace) -> None:
        self._grace = grace
        self._seen: dict[str, _Seen] = {}

    def silent_in(self, node: Node, lease: Lease | None, now: datetime, monotonic: float) -> float:
        """Note what a node shows; return in how many seconds it counts as silent, 0 or less when it does."""
        name = node.metadata.name
        ready = condition(node, READY)
        heartbeat = ready.last_heartbeat_time if ready is not None else None
        renewed = lease.spec.renew_time if lease is not None else None
        seen = self._seen.get(name)
        if seen is None:
            created = node.metadata.creation_timestamp
            age = (now - created).total_seconds() if ready is None and created is not None else 0.0
            seen = self._seen[name] = _Seen(heartbeat, renewed, monotonic - age)
        if heartbeat != seen.heartbeat or renewed != seen.renewed:
            seen.heartbeat, seen.renewed, seen.at = heartbeat, renewed, monotonic
        grace = self._grace.startup if ready is None else self._grace.monitor
        return seen.at + grace - monotonic

    def start_anew(self, monotonic: float) -> None:
        """Give every node its whole time again, as nobody could be seen for a while."""
        for seen in self._seen.values():
            seen.at = monotonic

    def forget(self, name: str) -> None:
        """The node is gone."""
        self._seen.pop(name, None)


def condition(node: Node, kind: str) -> NodeCondition | None:
    return next((entry for entry in node.status.conditions if entry.type == kind), None)


def readiness(node: Node) -> str:
    """Return ``True``, ``False`` or ``Unknown``; empty for a node that has told nothing yet."""
    ready = condition(node, READY)
    return ready.status if ready is not None else ""


def silenced(node: Node, now: datetime) -> list[NodeCondition]:
    """Return the conditions of a node that is silent."""
    conditions = [
        entry.model_copy(
            update={
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "last_transition_time": now,
            }
        )
        if entry.type in SILENCED and entry.status != "Unknown"
        else entry
        for entry in node.status.conditions
    ]
    told = {entry.type for entry in conditions}
    never = [
        NodeCondition(
            type=kind,
            status="Unknown",
            reason="NodeStatusNeverUpdated",
            message="Kubelet never posted node status.",
            last_heartbeat_time=node.metadata.creation_timestamp,
            last_transition_time=now,
        )
        for kind in SILENCED
        if kind not in told
    ]
    return conditions + never
