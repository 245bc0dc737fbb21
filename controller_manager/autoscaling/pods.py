"""Which pods count, and what they ask for (``replica_calculator.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apimachinery.quantity import milli_value
from apimachinery.types.pod import FAILED, PENDING, Pod
from controller_manager.autoscaling.samples import NoReplicaCount, Sample, Samples

CPU = "cpu"


@dataclass(slots=True)
class Groups:
    """``ready`` counts the pods whose samples count; the others are told apart by name."""

    ready: int = 0
    unready: set[str] = field(default_factory=set)
    """Not ready yet, or of which nothing is known since they are: what they use says nothing."""
    missing: set[str] = field(default_factory=set)
    """Those without a sample."""
    ignored: set[str] = field(default_factory=set)
    """Those that are going, or have failed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long pods are let start up, in seconds."""

    cpu_initialization: float
    """While it is no older, a pod's use of CPU counts only when it is ready, and has been for a whole sample."""
    initial_readiness: float
    """A pod that was last not ready so soon after its start has never been ready."""


def group_pods(pods: Iterable[Pod], samples: Samples, resource: str, patience: Patience, now: datetime) -> Groups:
    """Tell pods apart by what their samples are worth; only those of CPU depend on readiness."""
    groups = Groups()
    for pod in pods:
        name = pod.metadata.name
        sample = samples.get(name)
        if pod.deleting or pod.status.phase == FAILED:
            groups.ignored.add(name)
        elif pod.status.phase == PENDING:
            groups.unready.add(name)
        elif sample is None:
            groups.missing.add(name)
        elif resource == CPU and _starting(pod, sample, patience, now):
            groups.unready.add(name)
        else:
            groups.ready += 1
    return groups


def _starting(pod: Pod, sample: Sample, patience: Patience, now: datetime) -> bool:
    """Return whether a pod's use of CPU may still be that of its start."""
    ready, started = pod.condition("Ready"), pod.status.start_time
    if ready is None or started is None:
        return True
    since = ready.last_transition_time or started
    if started + timedelta(seconds=patience.cpu_initialization) > now:
        return ready.status == "False" or sample.time < since + timedelta(seconds=sample.window)
    return ready.status == "False" and started + timedelta(seconds=patience.initial_readiness) > since


def pod_requests(pods: Sequence[Pod], resource: str, container: str = "") -> dict[str, int]:
    """Return how many thousandths of ``resource`` each pod asks for, or one ``container`` of each.

    Sidecars count as containers. Raises :class:`NoReplicaCount` when one asks for none.
    """
    return {pod.metadata.name: _request(pod, resource, container) for pod in pods}


def _request(pod: Pod, resource: str, container: str) -> int:
    spec = pod.spec
    if not container and resource in spec.resources.requests:
        return milli_value(spec.resources.requests[resource])
    total = 0
    for entry in [*spec.containers, *(init for init in spec.init_containers if init.restart_policy == "Always")]:
        if container not in {"", entry.name}:
            continue
        if (asked := entry.resources.requests.get(resource)) is None:
            raise NoReplicaCount(f"missing request for {resource} in container {entry.name} of Pod {pod.metadata.name}")
        total += milli_value(asked)
    return total
