"""A node without an API server: pod workers on a real fake runtime and a clock moved by hand.

Pods are handed to the workers as the informer would; what they report is read from the status manager, which has
nobody to send it to.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import timedelta

from apimachinery.clock import ManualClock
from apimachinery.types.core import ObjectReference
from apimachinery.types.pod import ContainerStatus, Pod, PodStatus
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubelet.allocation import Allocations
from kubelet.config_sources import ConfigSources
from kubelet.environment import NodeFacts
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.image import FakeImage
from kubelet.fake.network import PodNetwork
from kubelet.fake.process import Process
from kubelet.fake.program import Program
from kubelet.fake.runtime import FakeRuntime
from kubelet.fake.tree import build_tree
from kubelet.hooks import HookRunner
from kubelet.image_manager import ImageManager
from kubelet.images.catalogue import builtin_images, unknown_image
from kubelet.metrics import NodeMetrics
from kubelet.pod_workers import PodWorkers
from kubelet.prober.manager import ProbeManager
from kubelet.prober.prober import Prober
from kubelet.runtime import ContainerStatus as RuntimeStatus
from kubelet.services import Services
from kubelet.status_manager import StatusManager
from kubelet.tokens import TokenManager
from kubelet.volumes import Volumes
from kubelet.volumes.host import VolumeHost
from tests.live.addresses import address, own_range

CIDR = own_range(24)
NODE_IP = address(CIDR, 1)


class Recorded(EventRecorder):
    """Keeps events instead of sending them, as ``Reason: message``."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, "kubelet", "node-1")
        self.seen: list[str] = []

    def event(self, about: ObjectReference, kind: str, reason: str, message: str) -> None:
        self.seen.append(f"{reason}: {message}")


async def ends(process: Process) -> int:
    """A program that ends with the exit code it is given, after as many seconds as it is given."""
    code, seconds = (*process.argv[1:], "0", "0")[:2]
    if float(seconds):
        await process.sleep(float(seconds))
    return int(code)


async def stubborn(process: Process) -> int:
    """A program that does not care for TERM."""
    process.on_signal(15, lambda: None)
    await asyncio.Event().wait()
    return 0


async def idle(process: Process) -> int:
    """A program that ends with 0 when asked to."""
    await process.wait_for_signal(15)
    return 0


def _image(program: Program) -> FakeImage:
    return FakeImage(build_tree({}), {"/bin/main": program, "/bin/ends": ends}, ("/bin/main",))


def images(more: Mapping[str, FakeImage]) -> Catalogue:
    """``idle``, ``stubborn`` and ``ends``, beside the built-in ones and ``more``."""
    mine = {"idle": _image(idle), "stubborn": _image(stubborn), "ends": _image(ends)}
    return Catalogue({**builtin_images(), **mine, **more}, unknown_image)


class Rig:
    """One node's pod workers; made by :func:`open_rig`."""

    def __init__(
        self, group: asyncio.TaskGroup, client: Client, clock: ManualClock, runtime: FakeRuntime, prober: Prober
    ) -> None:
        self.client = client
        self.clock = clock
        self.runtime = runtime
        self.events = Recorded(client)
        self.statuses = StatusManager(client, clock)
        self.workers = PodWorkers(group)
        rng = random.Random(1)
        node = NodeFacts("node-1", NODE_IP, {"cpu": "4", "memory": "8Gi"})

        def spawn(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
            return group.create_task(work, name=name)

        self.sources = ConfigSources(client, rng)
        group.create_task(self.sources.run(), name="config sources")
        self.tokens = TokenManager(client, rng)
        self.volumes = Volumes(
            VolumeHost(runtime.host, clock, client, node, self.sources, self.tokens, random.Random(2)), self.events
        )
        group.create_task(self.volumes.run(), name="volumes")
        self.services = Services(
            runtime=runtime,
            clock=clock,
            recorder=self.events,
            allocations=Allocations(node.allocatable, self.workers.wake),
            images=ImageManager(runtime, clock, self.events, spawn=spawn, wake=self.workers.wake),
            volumes=self.volumes,
            sources=self.sources,
            probes=ProbeManager(prober, clock, self.events, rng, wake=self.workers.wake),
            hooks=HookRunner(runtime, prober, clock),
            statuses=self.statuses,
            node=node,
            metrics=NodeMetrics(),
        )
        self.workers.use(self.services)

    async def add(self, pod: Pod) -> None:
        """Have the node see a pod, and let it work."""
        self.workers.on_pod(None, pod)
        await self.settle()

    async def update(self, old: Pod, new: Pod) -> None:
        self.workers.on_pod(old, new)
        await self.settle()

    async def remove(self, pod: Pod) -> None:
        """The API server no longer has the pod."""
        self.workers.on_pod(pod, None)
        await self.settle()

    async def delete(self, pod: Pod, *, grace: int) -> Pod:
        """Ask for a pod's deletion; return it as it is then shown."""
        deleted = pod.model_copy(deep=True)
        deleted.metadata.deletion_grace_period_seconds = grace
        deleted.metadata.deletion_timestamp = self.clock.now().replace(microsecond=0) + timedelta(seconds=grace)
        await self.update(pod, deleted)
        return deleted

    async def settle(self) -> None:
        for _ in range(5):
            await self.clock.settle()

    async def until(self, holds: Callable[[], bool], *, passing: float = 0.0) -> None:
        """Wait for something that real sockets take part in; ``passing`` seconds go by on the clock between looks."""
        async with asyncio.timeout(30):
            while not holds():
                await self.settle()
                if passing and not holds():
                    await self.clock.advance(passing)

    def status(self, pod: Pod) -> PodStatus:
        status = self.statuses.newest(pod.metadata.uid)
        assert status is not None
        return status

    def container(self, pod: Pod, name: str = "web") -> ContainerStatus:
        status = self.status(pod)
        both = (*status.init_container_statuses, *status.container_statuses)
        return next(entry for entry in both if entry.name == name)

    async def output(self, pod: Pod, script: str, name: str = "web") -> str:
        """Run a shell script in a running container of a pod, to its end; return what it printed and complained."""
        run = next(run for run in self.runtime.list_containers() if self._is_of(run, pod, name))
        result = await self.runtime.exec_sync(run.id, ["sh", "-c", script], None)
        return (result.stdout + result.stderr).decode()

    def _is_of(self, run: RuntimeStatus, pod: Pod, name: str) -> bool:
        uid = self.runtime.pod_sandbox_status(run.sandbox_id).config.uid
        return (uid, run.config.name, run.state) == (pod.metadata.uid, name, "CONTAINER_RUNNING")

    def running(self) -> list[str]:
        """The names of the containers that run, in the order of their creation."""
        return [run.config.name for run in self.runtime.list_containers() if run.state == "CONTAINER_RUNNING"]

    def reasons(self) -> list[str]:
        return [entry.partition(":")[0] for entry in self.events.seen]


@contextlib.asynccontextmanager
async def open_rig(
    server: str = "http://127.0.0.1:1", *, more: Mapping[str, FakeImage] | None = None
) -> AsyncIterator[Rig]:
    """Open a node; everything on it is gone at the end of the block.

    ``server`` is the API server that ConfigMaps, Secrets and tokens come from; by default nothing answers there.
    ``more`` are images beside those of :func:`images`.
    """
    clock = ManualClock()
    network = PodNetwork(CIDR)
    async with (
        Client(server, clock=clock) as client,
        FakeRuntime(clock=clock, network=network, rng=random.Random(0), images=images(more or {})) as runtime,
        Prober(runtime, network.endpoint, clock) as prober,
        asyncio.TaskGroup() as owner,
    ):
        opened: asyncio.Future[Rig] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            async with asyncio.TaskGroup() as group:
                opened.set_result(Rig(group, client, clock, runtime, prober))
                await opened.result().workers.run(runtime)

        node = owner.create_task(work(), name="node")
        rig = await opened
        await rig.settle()
        try:
            yield rig
        finally:
            node.cancel()
