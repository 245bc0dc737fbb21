"""What all pod workers of a node share."""

from dataclasses import dataclass

from apimachinery.clock import Clock
from kubeclient.events import EventRecorder
from kubelet.allocation import Allocations
from kubelet.config_sources import ConfigSources
from kubelet.environment import NodeFacts
from kubelet.hooks import HookRunner
from kubelet.image_manager import ImageManager
from kubelet.metrics import NodeMetrics
from kubelet.prober.manager import ProbeManager
from kubelet.runtime import ContainerRuntime
from kubelet.service_links import ServiceLinks
from kubelet.status_manager import StatusManager
from kubelet.volumes import Volumes


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one node, handed to each pod worker whole."""

    runtime: ContainerRuntime
    clock: Clock
    recorder: EventRecorder
    images: ImageManager
    allocations: Allocations
    volumes: Volumes
    sources: ConfigSources
    probes: ProbeManager
    hooks: HookRunner
    statuses: StatusManager
    node: NodeFacts
    metrics: NodeMetrics
    links: ServiceLinks | None = None
    """Who tells containers of Services; nobody where there is no API server to ask."""
