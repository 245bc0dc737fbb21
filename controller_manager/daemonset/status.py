"""A DaemonSet's status, worked out from nodes and pods (``pkg/controller/daemon``, v1.36)."""

from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.apps import DaemonSet, DaemonSetStatus
from controller_manager.availability import until_available
from controller_manager.daemonset.plan import Pods, Suitabilities
from controller_manager.revisions import REVISION_HASH


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status, and in how many seconds time alone will change it."""

    status: DaemonSetStatus
    next_available_seconds: float | None


def calculate_status(
    daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, now: datetime, *, observed: bool
) -> Outcome:
    """Return what there is on the nodes; of several pods on a node the oldest counts.

    ``observed`` says whether the present generation has been acted on.
    """
    counts = dict.fromkeys(("desired", "current", "misscheduled", "ready", "available", "updated"), 0)
    waits: list[float] = []
    for node, suitability in nodes.items():
        here = pods.get(node, ())
        if not suitability.runs:
            counts["misscheduled"] += bool(here)
            continue
        counts["desired"] += 1
        if not here:
            continue
        counts["current"] += 1
        counts["updated"] += here[0].metadata.labels.get(REVISION_HASH) == digest
        counts["ready"] += here[0].ready
        wait = until_available(here[0], daemon_set.spec.min_ready_seconds, now)
        if wait is not None and wait > 0:
            waits.append(wait)
        counts["available"] += wait is not None and wait <= 0
    status = daemon_set.status.model_copy(
        update={
            "desired_number_scheduled": counts["desired"],
            "current_number_scheduled": counts["current"],
            "number_misscheduled": counts["misscheduled"],
            "number_ready": counts["ready"],
            "number_available": counts["available"],
            "number_unavailable": counts["desired"] - counts["available"],
            "updated_number_scheduled": counts["updated"],
        }
    )
    if observed:
        status.observed_generation = daemon_set.metadata.generation
    return Outcome(status, min(waits, default=None))
