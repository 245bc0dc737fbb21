"""What a node and its pods use at one moment, and what they have used so far.

The runtime tells of containers only as long as it has them. Counters of pods and of the node must not fall when a
container is removed, so a :class:`UsageMeter` remembers what it has seen of those that are gone. It looks only when it
is asked: what has come and gone between two looks is not in the counters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import Pod
from kubelet.node import capacity
from kubelet.runtime import ContainerState, ContainerStats, NotFound, SandboxStatus
from kubelet.server.served import SeenPod, ServedNode

SYSTEM_CORES = 0.02
"""Cores that the kubelet, the container runtime and the system use beside the pods."""

SYSTEM_MEMORY = 128 * 1024 * 1024
"""Bytes of memory that they use."""

IDLE_NETWORK_RATE = 64
"""Bytes a second that a pod receives, and sends, while it does nothing."""

NETWORK_BYTES_PER_CPU_SECOND = 1_000_000
"""Bytes that a pod receives, and sends, for each second of processor time: who works has something to work on."""

_NANO = 10**9


@dataclass(slots=True)
class Counter:
    """A sum over members that come and go, which never falls."""

    _gone: int = 0
    _last: Mapping[str, int] = field(default_factory=dict)

    def add_up(self, members: Mapping[str, int]) -> int:
        """Return the sum, given what each of the present members has counted; the others keep what they had."""
        self._gone += sum(value for key, value in self._last.items() if key not in members)
        self._last = dict(members)
        return self._gone + sum(members.values())


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """``id`` and ``image`` are the runtime's."""

    name: str
    id: str
    image: str
    started_at: datetime
    stats: ContainerStats
    memory_limit: int
    """In bytes; 0 is none."""


@dataclass(frozen=True, slots=True)
class VolumeUse:
    """``claim`` is the name of the volume's claim, empty for one that has none; ``used`` is in bytes."""

    name: str
    used: int
    claim: str
    in_memory: bool


@dataclass(frozen=True, slots=True)
class PodUse:
    """Processor time is in nanoseconds, all else in bytes. ``network`` is what came in, and as much went out."""

    namespace: str
    name: str
    uid: str
    started_at: datetime
    containers: Sequence[ContainerUse]
    volumes: Sequence[VolumeUse]
    cpu: int
    network: int

    @property
    def nano_cores(self) -> int:
        return sum(entry.stats.usage_nano_cores for entry in self.containers)

    @property
    def memory(self) -> int:
        in_volumes = sum(volume.used for volume in self.volumes if volume.in_memory)
        return in_volumes + sum(entry.stats.working_set_bytes for entry in self.containers)

    @property
    def memory_limit(self) -> int:
        """The sum of its containers' limits; 0 when one of them has none."""
        limits = [entry.memory_limit for entry in self.containers]
        return sum(limits) if all(limits) else 0

    @property
    def disk(self) -> int:
        """The bytes that it has written into files of its own: those of containers, and volumes on the node's disk."""
        written = sum(entry.stats.writable_layer_used_bytes for entry in self.containers)
        return written + sum(volume.used for volume in self.volumes if not volume.in_memory and not volume.claim)


@dataclass(frozen=True, slots=True)
class NodeUse:
    """``cpu`` is in nanoseconds since ``started_at``; ``images`` and the capacities are in bytes."""

    name: str
    at: datetime
    started_at: datetime
    pods: Sequence[PodUse]
    cpu: int
    images: int
    memory_capacity: int
    disk_capacity: int

    @property
    def nano_cores(self) -> int:
        return round(SYSTEM_CORES * _NANO) + sum(pod.nano_cores for pod in self.pods)

    @property
    def memory(self) -> int:
        return SYSTEM_MEMORY + sum(pod.memory for pod in self.pods)

    @property
    def disk(self) -> int:
        return self.images + sum(pod.disk for pod in self.pods)


class UsageMeter:
    """Reads a node's usage. ``started_at`` is when the node came up."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._node = Counter()
        self._pods: dict[str, Counter] = {}

    def read(self, node: ServedNode, *, files: bool = True) -> NodeUse:
        """Return what is used now; without ``files`` volumes are not looked at, which takes the most time."""
        now = node.clock.now()
        pods = list(self._read_pods(node, now, files=files))
        self._pods = {pod.uid: self._pods[pod.uid] for pod in pods}
        uptime = max(0.0, (now - self._started_at).total_seconds())
        offered = capacity(node.settings)
        return NodeUse(
            name=node.settings.node_name,
            at=now,
            started_at=self._started_at,
            pods=pods,
            cpu=round(uptime * SYSTEM_CORES * _NANO) + self._node.add_up({pod.uid: pod.cpu for pod in pods}),
            images=sum(image.size for image in node.runtime.list_images()),
            memory_capacity=int(parse_quantity(offered["memory"])),
            disk_capacity=int(parse_quantity(offered["ephemeral-storage"])),
        )

    def _read_pods(self, node: ServedNode, now: datetime, *, files: bool) -> Iterator[PodUse]:
        for seen in node.pods.seen():
            sandbox = seen.state.sandbox
            if sandbox is not None and seen.state.sandbox_ready:
                yield self._read_pod(node, seen, sandbox, now, files=files)

    def _read_pod(
        self, node: ServedNode, seen: SeenPod, sandbox: SandboxStatus, now: datetime, *, files: bool
    ) -> PodUse:
        metadata, running, counted = seen.pod.metadata, [], {}
        for run in node.runtime.list_containers(sandbox.id):
            try:
                stats = node.runtime.container_stats(run.id)
            except NotFound:
                continue
            counted[run.id] = stats.usage_core_nano_seconds
            if run.state is ContainerState.RUNNING:
                running.append(
                    ContainerUse(
                        name=run.config.name,
                        id=run.id,
                        image=run.config.image,
                        started_at=run.started_at or run.created_at,
                        stats=stats,
                        memory_limit=run.config.resources.memory_limit_in_bytes,
                    )
                )
        cpu = self._pods.setdefault(metadata.uid, Counter()).add_up(counted)
        age = max(0.0, (now - sandbox.created_at).total_seconds())
        return PodUse(
            namespace=metadata.namespace,
            name=metadata.name,
            uid=metadata.uid,
            started_at=sandbox.created_at,
            containers=running,
            volumes=_volumes(seen.pod, node.volume_sizes(seen.pod)) if files else (),
            cpu=cpu,
            network=round(age * IDLE_NETWORK_RATE + cpu * NETWORK_BYTES_PER_CPU_SECOND / _NANO),
        )


def _volumes(pod: Pod, sizes: Mapping[str, int]) -> list[VolumeUse]:
    found = []
    for volume in pod.spec.volumes:
        if volume.name not in sizes:
            continue
        claim = volume.persistent_volume_claim.claim_name if volume.persistent_volume_claim is not None else ""
        if volume.ephemeral is not None:
            claim = f"{pod.metadata.name}-{volume.name}"
        in_memory = volume.empty_dir is not None and volume.empty_dir.medium == "Memory"
        found.append(VolumeUse(volume.name, sizes[volume.name], claim, in_memory))
    return found
