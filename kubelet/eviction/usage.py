"""What pods use of a node, and which of them has to go (``pkg/kubelet/eviction/helpers.go``, v1.36)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apimachinery.amounts import pod_amounts
from apimachinery.quantity import format_quantity, parse_quantity
from apimachinery.types.base import to_wire
from apimachinery.types.pod import Container, Pod
from kubelet.eviction.thresholds import EPHEMERAL_STORAGE, INODES, MEMORY, Observations, Threshold, shown
from kubelet.eviction.thresholds import RESOURCES as RESOURCE_OF
from kubelet.pods import all_containers
from kubelet.static_pods.manifest import is_mirror, is_static

SYSTEM_CRITICAL_PRIORITY = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Used:
    """What one container uses, in bytes; ``disk`` is what it has written into its own files."""

    memory: int = 0
    disk: int = 0


@dataclass(frozen=True, slots=True)
class PodUsage:
    """A pod that runs, what its containers use by their names, and the bytes in its ``emptyDir`` volumes by theirs."""

    pod: Pod
    containers: Mapping[str, Used] = field(default_factory=dict)
    volumes: Mapping[str, int] = field(default_factory=dict)

    @property
    def memory(self) -> int:
        return sum(used.memory for used in self.containers.values()) + self._in_volumes(memory=True)

    @property
    def disk(self) -> int:
        return sum(used.disk for used in self.containers.values()) + self._in_volumes(memory=False)

    def _in_volumes(self, *, memory: bool) -> int:
        """Return the bytes in the volumes that are kept in memory, or in those on the disk."""
        return sum(
            self.volumes.get(volume.name, 0)
            for volume in self.pod.spec.volumes
            if volume.empty_dir is not None and (volume.empty_dir.medium == "Memory") is memory
        )

    @property
    def processes(self) -> int:
        """Its running containers: each is counted as one process."""
        return len(self.containers)

    def of(self, resource: str) -> int:
        if resource == MEMORY:
            return self.memory
        return self.disk if resource in {EPHEMERAL_STORAGE, INODES} else self.processes

    def requested(self, resource: str) -> int:
        found = pod_amounts(to_wire(self.pod.spec), "requests").get(resource)
        return int(found.number) if found is not None else 0


def is_critical(pod: Pod) -> bool:
    """Whether a pod is never ended for the node's sake."""
    return is_static(pod) or is_mirror(pod) or pod.spec.priority >= SYSTEM_CRITICAL_PRIORITY


def ranked(pods: Sequence[PodUsage], resource: str) -> list[PodUsage]:
    """Return pods in the order in which they go.

    First those that use more than they have requested, then those of low priority, then those that exceed their
    request by most. Of processes there are no requests.
    """

    def rank(usage: PodUsage) -> tuple[bool, int, int]:
        used = usage.of(resource)
        requested = usage.requested(resource) if resource in {MEMORY, EPHEMERAL_STORAGE} else 0
        within = used <= requested if resource in {MEMORY, EPHEMERAL_STORAGE} else False
        return within, usage.pod.spec.priority, requested - used

    return sorted(pods, key=rank)


def eviction_message(usage: PodUsage, threshold: Threshold, observations: Observations) -> str:
    """Return why a pod has to go, in upstream's words."""
    resource = RESOURCE_OF[threshold.signal]
    text = f"The node was low on resource: {resource}. "
    seen = observations.get(threshold.signal)
    if seen is not None:
        text += f"Threshold quantity: {shown(int(threshold.value.of(seen.capacity)))}, available: "
        text += f"{shown(max(0, int(seen.available)))}. "
    if resource not in {MEMORY, EPHEMERAL_STORAGE}:
        return text
    for container in all_containers(usage.pod):
        used = usage.containers.get(container.name, Used())
        amount = used.memory if resource == MEMORY else used.disk
        request = parse_quantity(container.resources.requests.get(resource, "0"))
        if amount > request:
            asked = format_quantity(request, "binary")
            text += f"Container {container.name} was using {shown(amount)}, request is {asked}, "
            text += f"has larger consumption of {resource}. "
    return text


def limit_exceeded(usage: PodUsage) -> str:
    """Return which limit on local storage a pod exceeds, in upstream's words; empty for none."""
    return next(_limits_exceeded(usage), "")


def _limits_exceeded(usage: PodUsage) -> Iterator[str]:
    pod = usage.pod
    for volume in pod.spec.volumes:
        limit = volume.empty_dir.size_limit if volume.empty_dir is not None else None
        if limit and parse_quantity(limit) > 0 and usage.volumes.get(volume.name, 0) > parse_quantity(limit):
            yield f'Usage of EmptyDir volume "{volume.name}" exceeds the limit "{limit}". '
    containers: list[Container] = list(all_containers(pod))
    if not any(EPHEMERAL_STORAGE in container.resources.limits for container in containers):
        # Adding up what there is none of would cost more than all the rest, for each pod every ten seconds.
        return
    limits = pod_amounts(to_wire(pod.spec), "limits").get(EPHEMERAL_STORAGE)
    if limits is not None and usage.disk > limits.number:
        yield f"Pod ephemeral local storage usage exceeds the total limit of containers {limits}. "
    for container in containers:
        limit = container.resources.limits.get(EPHEMERAL_STORAGE)
        used = usage.containers.get(container.name, Used()).disk
        if limit and used > parse_quantity(limit):
            yield f'Container {container.name} exceeded its local ephemeral storage limit "{limit}". '
