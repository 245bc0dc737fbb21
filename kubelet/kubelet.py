"""The kubelet, put together."""

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from apimachinery.errors import FatalError
from apimachinery.tasks import cancel_and_wait, guard
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from componentbase import sockets
from componentbase.health import serve_health
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubelet.allocation import Allocations
from kubelet.config_sources import ConfigSources
from kubelet.environment import NodeFacts
from kubelet.eviction.manager import EvictionManager, NodeUsage
from kubelet.eviction.measure import node_usage
from kubelet.feed import Feed
from kubelet.hooks import HookRunner
from kubelet.image_gc import ImageGC
from kubelet.image_manager import ImageManager
from kubelet.leases import Leases
from kubelet.metrics import NodeMetrics
from kubelet.node import NodeState, allocatable
from kubelet.node_admission import NodeAdmission
from kubelet.node_agent import NodeAgent
from kubelet.node_state import NODE, JSONObject, StateFolder, StateKeeper
from kubelet.pod_workers import PodWorkers
from kubelet.preemption import CriticalPods
from kubelet.prober.manager import ProbeManager
from kubelet.prober.prober import Prober
from kubelet.resolver import NODE_RESOLVER, ClusterDNS, parse_resolv_conf
from kubelet.runtime import ContainerRuntime, PortMapped, RuntimeFault
from kubelet.server.served import ServedNode
from kubelet.server.server import KubeletServer
from kubelet.server.usage import UsageMeter
from kubelet.service_links import ServiceLinks
from kubelet.services import Services
from kubelet.settings import Settings
from kubelet.shutdown import Shutdown, until
from kubelet.static_pods.folder import ManifestFolder
from kubelet.static_pods.manager import StaticPods
from kubelet.static_pods.manifest import is_mirror
from kubelet.static_pods.mirrors import MirrorPods
from kubelet.status_manager import StatusManager
from kubelet.tokens import TokenManager
from kubelet.volumes import Volumes
from kubelet.volumes.host import VolumeHost

_LAST_WORDS_SECONDS = 2.0
"""For how long the end of a node waits for the API server to take the last statuses."""

logger = logging.getLogger(__name__)


class PodAddresses(Protocol):
    """The network that a runtime's pods are on, as far as the kubelet uses it."""

    def endpoint(self, ip: str, port: int) -> tuple[str, int]:
        """Return where connections to ``ip:port`` really go."""
        ...

    def avoid(self, address: str) -> None:
        """Give an address out only when there is no other."""
        ...

    def on_port_mapped(self, observer: Callable[[PortMapped], None]) -> None:
        """Call ``observer`` whenever a port has to be replaced by another."""
        ...


class NodeRuntime(ContainerRuntime, Protocol):
    """A runtime together with its pods' network."""

    @property
    def network(self) -> PodAddresses: ...

    def saved(self) -> Mapping[str, JSONObject]:
        """Return everything there is, as JSON, in parts that have names."""
        ...

    async def load(self, parts: Mapping[str, JSONObject]) -> None:
        """Go on with what another process' runtime has :meth:`saved`, before anything else is done."""
        ...


OpenRuntime = Callable[[str, Settings], AbstractAsyncContextManager[NodeRuntime]]
"""Makes the runtime for a node whose pods have addresses from the range given in CIDR notation."""


def node_address(pod_cidr: str) -> str:
    """Return a node's own address: the first of its pods' range."""
    return str(ipaddress.ip_network(pod_cidr).network_address + 1)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the nodes of a process have in common; :class:`~kubelet.fleet.Fleet` runs it."""

    client: Client
    nodes: Feed[Node]
    pods: Feed[Pod]
    leases: Leases
    statuses: StatusManager
    sources: ConfigSources
    open_runtime: OpenRuntime
    server: KubeletServer
    links: ServiceLinks


def cluster_dns(settings: Settings) -> ClusterDNS:
    """Return what a node knows of names; raise ``FatalError`` when its resolver file cannot be read."""
    node = NODE_RESOLVER
    if settings.resolv_conf:
        try:
            node = parse_resolv_conf(Path(settings.resolv_conf).read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise FatalError(f"--resolv-conf {settings.resolv_conf}: {error.strerror}") from error
    return ClusterDNS(settings.cluster_dns, settings.cluster_domain, node)


class Kubelet:
    """Runs the pods of one node; ``run()`` does the work until cancelled.

    The node is registered at once. Pods are started as soon as the node has been given a range of addresses for
    them; should it be given another one (the API server came back without its data), all pods are started anew
    on that.
    """

    def __init__(self, shared: Shared, settings: Settings) -> None:
        self._shared = shared
        self._clock = shared.client.clock
        self._settings = settings
        self._runtime: ContainerRuntime | None = None
        self._eviction: EvictionManager | None = None
        self._shutdown: Shutdown | None = None
        self._shutting_down = False
        self._pods_synced = False
        self._folder = StateFolder(Path(settings.state_dir, settings.node_name)) if settings.state_dir else None
        self._kept = self._folder.read() if self._folder is not None else {}
        if not settings.pod_cidr and (kept := self._kept.get(NODE)) is not None:
            settings = replace(settings, pod_cidr=kept["podCIDR"])
        self._recorder = EventRecorder(shared.client, "kubelet", settings.node_name)
        self._agent = NodeAgent(shared.client, settings, self._node_state, nodes=shared.nodes, leases=shared.leases)

    @property
    def ready(self) -> bool:
        """Whether pods are being looked after."""
        return self._pods_synced

    def _node_state(self) -> NodeState:
        runtime = self._runtime
        if runtime is None:
            return NodeState()
        return NodeState(
            self._settings.node_ip or node_address(self._agent.pod_cidr),
            f"{runtime.name}://{runtime.version}",
            runtime.list_images(),
            self._eviction.conditions if self._eviction is not None else frozenset(),
            self._shutting_down,
        )

    async def run(self) -> None:
        """Work until cancelled; containers end with the process."""
        async with asyncio.TaskGroup() as group:
            group.create_task(guard(self._agent.run(), "node agent"), name="node-agent")
            group.create_task(guard(self._recorder.run(), "event recorder"), name="event-recorder")
            while True:
                cidr = await self._agent.wait_pod_cidr()
                serving = group.create_task(guard(self._serve(cidr), "pods"), name="pods")
                await self._agent.wait_range_changed()
                logger.warning("the pods' range is no longer %s: starting all pods anew", cidr)
                await cancel_and_wait(serving)

    async def shut_down(self) -> None:
        """End the node's pods and say so, as far as the settings give that time; ``run()`` is still needed for it."""
        settings = self._settings
        if not settings.shutdown_grace_period or self._shutdown is None:
            return
        self._shutting_down = True
        self._agent.wake()
        await self._shutdown.run(
            seconds=settings.shutdown_grace_period, critical_seconds=settings.shutdown_grace_period_critical_pods
        )
        await until(lambda: self._shared.statuses.idle, _LAST_WORDS_SECONDS, self._clock)

    async def _serve(self, cidr: str) -> None:
        """Run pods with addresses from ``cidr`` until cancelled."""
        address = node_address(cidr)
        async with contextlib.AsyncExitStack() as stack:
            if self._settings.healthz_port:
                await stack.enter_async_context(self._health(address))
            runtime = await stack.enter_async_context(self._shared.open_runtime(cidr, self._settings))
            prober = await stack.enter_async_context(Prober(runtime, runtime.network.endpoint, self._clock))
            await self._pull_images(runtime)
            await self._take_up(runtime, cidr)
            self._runtime = runtime
            stack.callback(self._close)
            self._agent.wake()
            logger.info("node %s runs pods on %s", self._settings.node_name, cidr)
            await self._run_pods(runtime, prober, self._settings.node_ip or address, cidr)

    async def _take_up(self, runtime: NodeRuntime, cidr: str) -> None:
        """Go on with the pods that another process of this node has left, if they have addresses from its range."""
        kept, self._kept = self._kept, {}
        if kept and kept.get(NODE, {}).get("podCIDR") == cidr:
            await runtime.load(kept)

    async def _pull_images(self, runtime: ContainerRuntime) -> None:
        for image in self._settings.images:
            try:
                await runtime.pull_image(image)
            except RuntimeFault as fault:
                logger.error("node %s has no image %s: %s", self._settings.node_name, image, fault)

    def _close(self) -> None:
        self._runtime = None
        self._eviction = None
        self._shutdown = None
        self._pods_synced = False

    def _health(self, address: str) -> AbstractAsyncContextManager[None]:
        listener = sockets.bind(
            self._settings.healthz_bind_address or address, self._settings.healthz_port, option="--healthz-port"
        )
        return serve_health(listener, ready={"pod-sync": lambda: self.ready})

    def _services(
        self, group: asyncio.TaskGroup, workers: PodWorkers, runtime: NodeRuntime, prober: Prober, address: str
    ) -> Services:
        """Put together what the workers of the node's pods work with; pulls of images are tasks of ``group``."""
        settings, clock, shared = self._settings, self._clock, self._shared

        def spawn(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
            return group.create_task(work, name=name)

        node = NodeFacts(settings.node_name, address, allocatable(settings), cluster_dns(settings))
        tokens = TokenManager(shared.client, settings.rng("tokens"))
        return Services(
            runtime=runtime,
            clock=clock,
            recorder=self._recorder,
            allocations=Allocations(allocatable(settings), workers.wake),
            images=ImageManager(
                runtime,
                clock,
                self._recorder,
                spawn=spawn,
                wake=workers.wake,
                parallel=1 if settings.serialize_image_pulls else settings.max_parallel_image_pulls,
            ),
            volumes=Volumes(
                VolumeHost(runtime.host, clock, shared.client, node, shared.sources, tokens, settings.rng("volumes")),
                self._recorder,
                sync_frequency=settings.sync_frequency,
            ),
            sources=shared.sources,
            probes=ProbeManager(
                prober,
                clock,
                self._recorder,
                settings.rng("probes"),
                wake=workers.wake,
                image_annotations=lambda name: image.annotations if (image := runtime.image_status(name)) else {},
            ),
            hooks=HookRunner(runtime, prober, clock),
            statuses=shared.statuses,
            node=node,
            metrics=NodeMetrics(),
            links=shared.links,
        )

    async def _run_pods(self, runtime: NodeRuntime, prober: Prober, address: str, cidr: str) -> None:
        settings, clock, shared = self._settings, self._clock, self._shared
        async with asyncio.TaskGroup() as group:
            workers = PodWorkers(group)
            services = self._services(group, workers, runtime, prober, address)
            volumes = services.volumes
            workers.use(services)
            self._watch_pressure(group, workers, runtime, volumes)
            self._shutdown = Shutdown(workers, runtime, clock)
            served = ServedNode(
                address,
                settings,
                runtime,
                workers,
                services.metrics,
                clock,
                volumes.sizes,
                UsageMeter(clock.now()),
                services.probes,
            )
            group.create_task(guard(shared.server.serve(served), "kubelet server"), name="kubelet-server")
            runtime.network.on_port_mapped(workers.port_mapped)
            group.create_task(guard(volumes.run(), "volumes"), name="volumes")
            group.create_task(guard(workers.run(runtime), "runtime events"), name="runtime-events")
            if self._folder is not None:
                state = {NODE: {"podCIDR": cidr}}
                keeper = StateKeeper(self._folder, lambda: {**state, **runtime.saved()}, clock)
                group.create_task(guard(keeper.run(), "state keeper"), name="state-keeper")
            mirrors = self._static_pods(group, workers)
            await shared.pods.wait_synced()

            def on_pod(old: Pod | None, new: Pod | None) -> None:
                concerned = new or old
                shows_static = concerned is not None and is_mirror(concerned)
                (mirrors.on_mirror if shows_static else workers.on_pod)(old, new)

            for pod in shared.pods.of(settings.node_name):
                # Until its pod has a new one, an address that somebody is said to have is nobody else's.
                runtime.network.avoid(pod.status.pod_ip)
            detach = shared.pods.attach(settings.node_name, on_pod)
            await workers.remove_orphans(runtime)
            self._pods_synced = True
            try:
                # Until cancelled.
                await asyncio.Event().wait()
            finally:
                detach()

    def _watch_pressure(
        self, group: asyncio.TaskGroup, workers: PodWorkers, runtime: NodeRuntime, volumes: Volumes
    ) -> None:
        """Start to look after what is left of the node, and let in only pods that it has room for."""
        settings = self._settings

        def usage() -> NodeUsage:
            return node_usage(runtime, volumes, ((seen.pod, seen.state) for seen in workers.active()))

        images = ImageGC(settings, runtime, usage=usage, recorder=self._recorder, clock=self._clock)
        self._eviction = eviction = EvictionManager(
            settings,
            workers,
            usage=usage,
            recorder=self._recorder,
            clock=self._clock,
            changed=self._agent.wake,
            delete_unused_images=images.delete_unused,
        )
        admission = NodeAdmission(
            allocatable(settings),
            node=lambda: self._agent.node,
            pressures=lambda: eviction.conditions,
            shutting_down=lambda: self._shutting_down,
            active=workers.active_uids,
            make_room=CriticalPods(workers, self._recorder).make_room,
        )
        workers.admit_by(admission.admit)
        group.create_task(guard(eviction.run(), "eviction manager"), name="eviction-manager")
        group.create_task(guard(images.run(), "image collection"), name="image-collection")

    def _static_pods(self, group: asyncio.TaskGroup, workers: PodWorkers) -> MirrorPods:
        """Start to run the pods of the manifest files; return what shows them in the API."""
        settings, clock, statuses = self._settings, self._clock, self._shared.statuses
        mirrors = MirrorPods(
            self._shared.client,
            statuses,
            clock,
            node=lambda: self._agent.node,
            enabled=settings.mirror_static_pods,
        )
        group.create_task(guard(mirrors.run(), "mirror pods"), name="mirror-pods")
        if settings.pod_manifest_path:
            static = StaticPods(
                ManifestFolder(settings.pod_manifest_path, settings.node_name, clock),
                node_name=settings.node_name,
                workers=workers,
                statuses=statuses,
                mirrors=mirrors,
                recorder=self._recorder,
                clock=clock,
            )
            static.sync()
            group.create_task(guard(static.run(), "static pods"), name="static-pods")
        return mirrors
