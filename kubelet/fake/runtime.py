"""The fake container runtime: :class:`kubelet.runtime.ContainerRuntime` without containers.

A sandbox is an address and a list; a container is a tree of files and a task that runs its program. One whose program
only waits for its end has no task.
"""

import asyncio
import contextlib
import logging
import random
import signal
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from apimachinery.clock import Clock
from apimachinery.flag import Flag
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.commands import signal_number
from kubelet.fake.console import run_with_streams
from kubelet.fake.container import TERMINAL_ENV, FakeContainer, FakeSandbox
from kubelet.fake.container_files import ContainerFiles
from kubelet.fake.container_log import ContainerLog, LogStore
from kubelet.fake.container_world import NO_SYSCTLS, ContainerWorld, PidSpace
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.image import FakeImage
from kubelet.fake.image_store import ImageStore
from kubelet.fake.log_files import mount_logs
from kubelet.fake.network import PodNetwork
from kubelet.fake.node_tree import load_disk, node_file_system, save_disk
from kubelet.fake.pod_space import PodSpace, open_space
from kubelet.fake.process import Process
from kubelet.fake.snapshot import (
    JSONObject,
    load_container,
    load_log,
    load_sandbox,
    save_sandbox,
)
from kubelet.fake.streams import Capture
from kubelet.fake.usage import Usage, over_limit
from kubelet.fake.users import container_user
from kubelet.images.builtin import catalogue
from kubelet.runtime import (
    ClientStreams,
    ContainerConfig,
    ContainerEvent,
    ContainerState,
    ContainerStats,
    ContainerStatus,
    EventType,
    ExecResult,
    Image,
    LinuxContainerResources,
    LinuxContainerUser,
    LogEntry,
    LogPage,
    NotFound,
    RuntimeFault,
    SandboxConfig,
    SandboxState,
    SandboxStatus,
    StartFailed,
)

logger = logging.getLogger(__name__)

_ENDS_PAUSE = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGKILL})


class FakeRuntime:
    """Runs sandboxes and containers as tasks; use as ``async with FakeRuntime(...) as runtime``.

    ``network`` gives sandboxes their addresses. ``images`` is where images come from, by default what is built in; a
    name that nobody knows gives the "unknown" image, which stays up. ``rng`` makes ids. ``exposed`` maps paths on the
    node to folders of the real machine, which are shown there to be read. Leaving the block kills everything and closes
    every socket.
    """

    name = "fake"
    version = "1.0.0"

    def __init__(
        self,
        *,
        clock: Clock,
        network: PodNetwork,
        rng: random.Random,
        images: Catalogue | None = None,
        exposed: Mapping[str, str] | None = None,
        logs: LogStore | None = None,
    ) -> None:
        self.network = network
        self.host = node_file_system(clock, exposed or {})
        """The node's file system, which volumes live in."""
        self._clock = clock
        self._rng = rng
        self.logs = logs or LogStore()
        """When logs are rotated, and where they are."""
        self._images = ImageStore(catalogue() if images is None else images)
        self._files = ContainerFiles(clock, self.host, self._images)
        self._sandboxes: dict[str, FakeSandbox] = {}
        mount_logs(self.host, lambda: iter(self._sandboxes.values()))
        self._containers: dict[str, FakeContainer] = {}
        self._subscribers: list[asyncio.Queue[ContainerEvent]] = []
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sandbox in list(self._sandboxes.values()):
            self._kill_sandbox(sandbox)
        # Waits for every container's task; each ends by the KILL it just got.
        await self._group.__aexit__(kind, error, trace)
        self.logs.spool.close()

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(256):064x}"

    # Events

    @contextlib.asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[ContainerEvent]]:
        queue: asyncio.Queue[ContainerEvent] = asyncio.Queue()
        self._subscribers.append(queue)

        async def iterate() -> AsyncIterator[ContainerEvent]:
            while True:
                yield await queue.get()

        try:
            yield iterate()
        finally:
            self._subscribers.remove(queue)

    def _emit(self, kind: EventType, sandbox: FakeSandbox, container_id: str) -> None:
        event = ContainerEvent(kind, container_id, sandbox.status.id, sandbox.status.config.uid)
        for queue in self._subscribers:
            queue.put_nowait(event)

    # Keeping

    def saved(self) -> dict[str, JSONObject]:
        """Return everything there is, as JSON: the node's disk and images, and each sandbox under a name of its own."""
        parts: dict[str, JSONObject] = {
            "runtime": {
                "disk": save_disk(self.host),
                "images": [tag for image in self._images.list() for tag in image.repo_tags],
            }
        }
        for sandbox in self._sandboxes.values():
            parts[f"sandbox-{sandbox.status.id}"] = {
                "status": save_sandbox(sandbox.status),
                "containers": [container.saved() for container in sandbox.containers],
            }
        return parts

    async def load(self, parts: Mapping[str, JSONObject]) -> None:
        """Go on with what another runtime has :meth:`saved`, before anything else is done.

        Ids, addresses, times, files and logs stay. A program cannot be taken over: those of running containers are run
        anew from their beginning. A sandbox that cannot be had again is left out, with a line in the log.
        """
        node = parts.get("runtime")
        if node is None:
            return
        load_disk(self.host, node["disk"])
        await self._images.ready()
        for image in node["images"]:
            self._images.restore(image)
        for name, part in parts.items():
            if name.startswith("sandbox-"):
                try:
                    await self._load_sandbox(part)
                except (RuntimeFault, OSError, ValueError, KeyError) as error:
                    logger.error("%s is not taken up again: %s", name, error)

    async def _load_sandbox(self, saved: JSONObject) -> None:
        status = load_sandbox(saved["status"])
        config = status.config
        if status.state is SandboxState.NOTREADY:
            space = PodSpace(config, self.network, status.ip, self.host)
            sandbox = FakeSandbox(status, space, retired=True)
        else:
            sandbox = FakeSandbox(status, await open_space(config, self.network, self.host, self._group, ip=status.ip))
            if config.share_process_namespace:
                sandbox.space.share_processes(self._clock, self._rng, self._group, lambda: self._kill_sandbox(sandbox))
        try:
            loaded = [self._load_container(sandbox, entry) for entry in saved["containers"]]
        except BaseException:
            for made in sandbox.containers:
                del self._containers[made.status.id]
            if not sandbox.retired:
                sandbox.space.close()
            raise
        self._sandboxes[status.id] = sandbox
        for container, was in loaded:
            if was.state is ContainerState.RUNNING and not sandbox.retired:
                try:
                    self._launch(container, was.started_at or self._clock.now())
                except StartFailed as failure:
                    logger.error("container %s is not taken up again: %s", was.id, failure)
            elif was.state is ContainerState.EXITED:
                container.exited.set()
                container.log.finish()

    def _load_container(self, sandbox: FakeSandbox, saved: JSONObject) -> tuple[FakeContainer, ContainerStatus]:
        """Return a container that does not run yet, and its status as it was saved."""
        was = load_container(saved["status"])
        _, image = self._images.content(was.config.image)
        fs = self._files.file_system(image, was.config)
        fs.load(saved["files"], image.root)
        running = was.state is ContainerState.RUNNING
        status = replace(was, state=ContainerState.CREATED) if running else was
        user = was.user or container_user(fs, image, was.config)
        container = self._add_container(sandbox, status, image, fs, user)
        container.log.load(load_log(saved["log"]))
        return container, was

    # Sandboxes

    async def run_pod_sandbox(self, config: SandboxConfig) -> str:
        sandbox_id = self._new_id()
        try:
            space = await open_space(config, self.network, self.host, self._group)
        except RuntimeFault as fault:
            raise RuntimeFault(
                f'rpc error: code = Unknown desc = failed to setup network for sandbox "{sandbox_id}": {fault}'
            ) from fault
        status = SandboxStatus(sandbox_id, config, SandboxState.READY, self._clock.now(), space.ip)
        sandbox = self._sandboxes[sandbox_id] = FakeSandbox(status, space)
        if config.share_process_namespace:
            space.share_processes(self._clock, self._rng, self._group, lambda: self._kill_sandbox(sandbox))
        self._emit(EventType.CREATED, sandbox, sandbox_id)
        self._emit(EventType.STARTED, sandbox, sandbox_id)
        return sandbox_id

    async def stop_pod_sandbox(self, sandbox_id: str) -> None:
        sandbox = self._sandbox(sandbox_id)
        self._kill_sandbox(sandbox)
        for container in list(sandbox.containers):
            if container.main is not None:
                await container.exited.wait()

    def _kill_sandbox(self, sandbox: FakeSandbox) -> None:
        """Kill everything in a sandbox; it has stopped when the last of its containers has."""
        sandbox.status = replace(sandbox.status, state=SandboxState.NOTREADY)
        for container in sandbox.containers:
            container.kill()
        sandbox.space.kill_pause()
        self._retire_if_empty(sandbox)

    def _retire_if_empty(self, sandbox: FakeSandbox) -> None:
        if sandbox.retired or sandbox.ready:
            return
        if any(container.running for container in sandbox.containers):
            return
        sandbox.retired = True
        sandbox.space.close()
        self._emit(EventType.STOPPED, sandbox, sandbox.status.id)

    async def remove_pod_sandbox(self, sandbox_id: str) -> None:
        sandbox = self._sandbox(sandbox_id)
        await self.stop_pod_sandbox(sandbox_id)
        for container in list(sandbox.containers):
            await self.remove_container(container.status.id)
        self._sandboxes.pop(sandbox_id, None)
        self._emit(EventType.DELETED, sandbox, sandbox_id)

    async def update_pod_sandbox_resources(self, sandbox_id: str, resources: LinuxContainerResources) -> None:
        sandbox = self._sandbox(sandbox_id)
        sandbox.status = replace(sandbox.status, config=replace(sandbox.status.config, resources=resources))
        self.check_memory(sandbox)

    def pod_sandbox_status(self, sandbox_id: str) -> SandboxStatus:
        return self._sandbox(sandbox_id).status

    def list_pod_sandboxes(self) -> Sequence[SandboxStatus]:
        return [sandbox.status for sandbox in self._sandboxes.values()]

    def _sandbox(self, sandbox_id: str) -> FakeSandbox:
        try:
            return self._sandboxes[sandbox_id]
        except KeyError:
            raise NotFound(f"sandbox {sandbox_id} not found") from None

    # Images

    async def pull_image(self, image: str, annotations: Mapping[str, str] | None = None) -> Image:
        annotations = annotations or {}
        await self._images.ready()
        if seconds := self._images.pull_seconds(image, annotations):
            await self._clock.sleep(seconds)
        return self._images.pull(image, annotations)

    def image_status(self, image: str) -> Image | None:
        return self._images.status(image)

    def list_images(self) -> Sequence[Image]:
        return self._images.list()

    async def remove_image(self, image: str) -> None:
        self._images.remove(image)

    # Containers

    async def create_container(self, sandbox_id: str, config: ContainerConfig) -> str:
        sandbox = self._sandbox(sandbox_id)
        if not sandbox.ready:
            raise RuntimeFault(f"sandbox {sandbox_id} is not ready")
        present, image = self._images.content(config.image)
        container_id = self._new_id()
        fs = self._files.file_system(image, config)
        user = container_user(fs, image, config)
        status = ContainerStatus(
            container_id,
            sandbox_id,
            config,
            ContainerState.CREATED,
            present.id,
            self._clock.now(),
            stop_signal=config.stop_signal or image.stop_signal,
            user=user,
        )
        self._add_container(sandbox, status, image, fs, user)
        self._emit(EventType.CREATED, sandbox, container_id)
        return container_id

    def _add_container(
        self,
        sandbox: FakeSandbox,
        status: ContainerStatus,
        image: FakeImage,
        fs: FileSystem,
        user: LinuxContainerUser,
    ) -> FakeContainer:
        config = status.config
        pids, own = self._pid_space(sandbox, config)
        world = ContainerWorld(
            fs,
            self.network,
            sandbox.space.ip,
            sandbox.space.hostname,
            self._clock,
            self._rng,
            self._group,
            image.programs,
            config.ports,
            own,
            pids,
            pod_uid=sandbox.status.config.uid,
            no_new_privs=config.no_new_privs,
            image=config.image,
            sysctls=sandbox.status.config.sysctls or NO_SYSCTLS,
        )
        world.usage = usage = Usage(self._clock, world.processes, base_memory=image.memory, resources=config.resources)
        self._files.mount_the_rest(fs, sandbox.space, usage)
        cwd = config.working_dir or image.working_dir
        container = world.keeper = FakeContainer(
            self,
            status,
            sandbox,
            image,
            world,
            user,
            usage,
            ContainerLog(self._clock, self.logs),
            Flag(),
            cwd,
            self._clock,
        )
        self._containers[status.id] = container
        sandbox.containers.append(container)
        container.read_wishes()
        return container

    def _pid_space(
        self, sandbox: FakeSandbox, config: ContainerConfig
    ) -> tuple[PidSpace, MutableMapping[int, Process]]:
        """Return the space that a new container's processes are in, and the list of its own."""
        if sandbox.space.pids is not None:
            return sandbox.space.pids, {}
        if config.target_id:
            return self._container(config.target_id).world.pids.opened(), {}
        alone = PidSpace()
        return alone, alone.processes

    async def start_container(self, container_id: str) -> None:
        container = self._container(container_id)
        if container.status.state is not ContainerState.CREATED:
            raise RuntimeFault(f"container {container_id} has been started before")
        if not container.sandbox.ready:
            raise RuntimeFault(f"sandbox {container.sandbox.status.id} is not ready")
        self._launch(container, self._clock.now())
        self._emit(EventType.STARTED, container.sandbox, container_id)
        self.check_memory(container.sandbox)

    def _launch(self, container: FakeContainer, started_at: datetime) -> None:
        """Run a container's program; raise :class:`StartFailed` when it has none that can be run."""
        try:
            container.launch(started_at)
        except StartFailed:
            self._emit(EventType.STOPPED, container.sandbox, container.status.id)
            raise

    def container_ended(self, container: FakeContainer) -> None:
        self._emit(EventType.STOPPED, container.sandbox, container.status.id)
        self._retire_if_empty(container.sandbox)

    def check_memory(self, sandbox: FakeSandbox) -> None:
        """Kill containers for as long as there is one too many."""
        running = {
            id(container.usage): container
            for container in sandbox.containers
            if container.running and not container.oom_killed
        }
        limit = sandbox.status.config.resources.memory_limit_in_bytes
        while (usage := over_limit([container.usage for container in running.values()], limit)) is not None:
            container = running.pop(id(usage))
            container.oom_killed = True
            container.kill()

    async def update_container_resources(
        self, container_id: str, resources: LinuxContainerResources, annotations: Mapping[str, str]
    ) -> None:
        container = self._container(container_id)
        config = replace(container.status.config, resources=resources, annotations=annotations)
        container.status = replace(container.status, config=config)
        container.usage.limit(resources)
        container.read_wishes()
        self.check_memory(container.sandbox)

    async def stop_container(self, container_id: str, timeout: float) -> None:
        container = self._container(container_id)
        if container.main is None or container.exited.is_set():
            return
        if timeout > 0:
            container.main.deliver(signal_number(container.status.stop_signal))
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(timeout):
                    await container.exited.wait()
        container.main.deliver(signal.SIGKILL)
        await container.exited.wait()

    def kill_container(self, container_id: str, signal: int, *, exit_code: int | None = None) -> None:
        """Send one signal; a sandbox's id stands for its pause container, which TERM, INT and KILL end."""
        if (sandbox := self._sandboxes.get(container_id)) is not None:
            if signal in _ENDS_PAUSE and sandbox.ready:
                self._kill_sandbox(sandbox)
            return
        container = self._container(container_id)
        if container.main is not None and container.main.exit_code is None:
            container.forced_exit_code = exit_code
            container.main.deliver(signal)

    async def remove_container(self, container_id: str) -> None:
        container = self._container(container_id)
        await self.stop_container(container_id, 0)
        if self._containers.pop(container_id, None) is not None:
            container.log.finish()
            container.log.forget()
            container.sandbox.containers.remove(container)
            self._emit(EventType.DELETED, container.sandbox, container_id)

    def container_status(self, container_id: str) -> ContainerStatus:
        return self._container(container_id).status

    def container_stats(self, container_id: str) -> ContainerStats:
        container = self._container(container_id)
        return container.usage.stats(container.world.fs.written_bytes())

    def list_containers(self, sandbox_id: str | None = None) -> Sequence[ContainerStatus]:
        found = self._containers.values() if sandbox_id is None else self._sandbox(sandbox_id).containers
        return [container.status for container in found]

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout: float | None) -> ExecResult:
        process, program = self._container(container_id).beside(command)
        stdout, stderr = Capture(), Capture()
        process.stdout, process.stderr = stdout, stderr
        process.start(program)
        try:
            async with self._clock.timeout(timeout):
                code = await process.wait()
        except BaseException:
            process.deliver_to_all(signal.SIGKILL)
            raise
        return ExecResult(bytes(stdout.data), bytes(stderr.data), code)

    # Streams

    async def exec(
        self, container_id: str, command: Sequence[str], streams: ClientStreams, *, tty: bool = False
    ) -> int:
        process, program = self._container(container_id).beside(command)
        if tty:
            process.env |= TERMINAL_ENV
        return await run_with_streams(process, program, streams, tty=tty)

    async def attach(self, container_id: str, streams: ClientStreams) -> None:
        container = self._container(container_id)
        if container.console is None or container.exited.is_set():
            raise RuntimeFault(f"container {container_id} is not running")
        await container.console.attach(streams, container.exited)

    async def port_forward(self, sandbox_id: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sandbox = self._sandbox(sandbox_id)
        ip = sandbox.status.ip
        try:
            return await self.network.connect("localhost", port, source=ip)
        except OSError as error:
            reason = "connection refused" if isinstance(error, ConnectionRefusedError) else str(error)
            namespace = f'"{sandbox_id}"'
            raise RuntimeFault(
                f"failed to execute portforward in network namespace {namespace}: failed to connect to "
                f"localhost:{port} inside namespace {namespace}, IPv4: dial tcp4 127.0.0.1:{port}: connect: {reason}"
            ) from error

    # Logs

    def container_log(self, container_id: str) -> Sequence[LogEntry]:
        return self._container(container_id).log.entries()

    def log_start(self, container_id: str, tail: int | None = None) -> int:
        return self._container(container_id).log.start(tail)

    def read_log(self, container_id: str, position: int) -> LogPage:
        return self._container(container_id).log.read(position)

    async def wait_log(self, container_id: str, position: int) -> None:
        await self._container(container_id).log.wait(position)

    def _container(self, container_id: str) -> FakeContainer:
        try:
            return self._containers[container_id]
        except KeyError:
            raise NotFound(f"container {container_id} not found") from None

    # The node's files

    def make_directory(self, host_path: str, mode: int = 0o777) -> None:
        self.host.mkdir(host_path, mode=mode, parents=True, exist_ok=True)

    def write_file(self, host_path: str, content: bytes, mode: int = 0o644) -> None:
        self.host.mkdir(host_path.rpartition("/")[0] or "/", parents=True, exist_ok=True)
        self.host.write(host_path, content, mode=mode)

    def remove_tree(self, host_path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.host.rmtree(host_path)
