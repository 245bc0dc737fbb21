"""The taints that a node's state gives it (``pkg/controller/nodelifecycle``, v1.36)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from apimachinery.types.core import Node
from apimachinery.types.pod import Taint

NO_SCHEDULE = "NoSchedule"
NO_EXECUTE = "NoExecute"

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"

_BY_CONDITION = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
_OURS = {*_BY_CONDITION.values(), UNSCHEDULABLE}

_EXECUTED = {"False": NOT_READY, "Unknown": UNREACHABLE}


def no_schedule_keys(node: Node) -> set[str]:
    """Return the keys of the ``NoSchedule`` taints that conditions and cordoning give a node."""
    keys = {_BY_CONDITION.get((entry.type, entry.status), "") for entry in node.status.conditions} - {""}
    return keys | ({UNSCHEDULABLE} if node.spec.unschedulable else set())


def no_execute_key(readiness: str) -> str | None:
    """Return the key of the ``NoExecute`` taint of a node that is not ready, ``None`` for one that is."""
    return _EXECUTED.get(readiness)


def has_no_execute(node: Node) -> bool:
    """Return whether the node has one of the ``NoExecute`` taints that are given here."""
    return any(taint.effect == NO_EXECUTE and taint.key in _EXECUTED.values() for taint in node.spec.taints)


def with_taints(
    taints: Iterable[Taint], *, no_schedule: Collection[str] | None, no_execute: str | None, now: datetime
) -> list[Taint]:
    """Return ``taints`` with those that are given here as they should be, and everybody else's as they are.

    ``no_schedule`` has keys, ``None`` for a node that has told nothing: it keeps the taint it was created with.
    """
    wanted = {(key, NO_SCHEDULE) for key in no_schedule or ()} | ({(no_execute, NO_EXECUTE)} if no_execute else set())
    kept = []
    for taint in taints:
        entry = (taint.key, taint.effect)
        ours = (taint.effect == NO_SCHEDULE and taint.key in _OURS and no_schedule is not None) or (
            taint.effect == NO_EXECUTE and taint.key in _EXECUTED.values()
        )
        if not ours or entry in wanted:
            kept.append(taint)
            wanted.discard(entry)
    return [*kept, *(Taint(key=key, effect=effect, time_added=now) for key, effect in sorted(wanted))]


_LABELS = {"kubernetes.io/os": "beta.kubernetes.io/os", "kubernetes.io/arch": "beta.kubernetes.io/arch"}


def missing_labels(node: Node) -> dict[str, str]:
    """Return the older forms of labels, as far as they do not say what the newer ones do."""
    labels = node.metadata.labels
    return {old: labels[new] for new, old in _LABELS.items() if new in labels and labels.get(old) != labels[new]}
