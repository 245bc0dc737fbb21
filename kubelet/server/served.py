"""What the server is told of a node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from apimachinery.clock import Clock
from apimachinery.types.pod import Pod
from kubelet.metrics import NodeMetrics
from kubelet.pod_state import PodState
from kubelet.prober.manager import ProbeManager
from kubelet.runtime import ContainerRuntime
from kubelet.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from aiohttp import web

    from kubelet.server.usage import UsageMeter

    Handler = Callable[["ServedNode", web.Request], Awaitable[web.StreamResponse]]
    """Answers a request that is for a node; may raise :class:`~apimachinery.errors.StatusError`."""


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod with the newest status that the kubelet made, and what it knows of it in the runtime."""

    pod: Pod
    state: PodState


class PodDirectory(Protocol):
    """The pods of a node; :class:`kubelet.pod_workers.PodWorkers` is one."""

    def find(self, namespace: str, name: str) -> SeenPod | None:
        """Return a pod that has not left the node yet."""
        ...

    def seen(self) -> Sequence[SeenPod]:
        """Return all pods that have not left the node yet."""
        ...


@dataclass(frozen=True, slots=True)
class ServedNode:
    """One node of the process. ``address`` is the node's own, which its requests come in on."""

    address: str
    settings: Settings
    runtime: ContainerRuntime
    pods: PodDirectory
    metrics: NodeMetrics
    clock: Clock
    volume_sizes: Callable[[Pod], Mapping[str, int]]
    """Tells how many bytes are in each of a pod's volumes, by their names."""
    meter: "UsageMeter"
    probes: ProbeManager
