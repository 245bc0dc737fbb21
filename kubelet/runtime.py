"""The seam between the kubelet and whatever runs containers, shaped like CRI (``runtime.v1`` of cri-api v0.36).

The kubelet decides, the runtime carries out. Nothing of the Kubernetes API crosses this line: a runtime sees
sandboxes, containers, images, and folders of the node's file system.

A pod is one *sandbox* (its pause container, which owns the network address) and containers that live in it.
When a sandbox stops for whatever reason, its containers are stopped with it, and one event says so for each.
"""

import asyncio
import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from kubelet.node_files import NodeFiles


class SandboxState(enum.StrEnum):
    READY = "SANDBOX_READY"
    NOTREADY = "SANDBOX_NOTREADY"


class ContainerState(enum.StrEnum):
    CREATED = "CONTAINER_CREATED"
    RUNNING = "CONTAINER_RUNNING"
    EXITED = "CONTAINER_EXITED"


class EventType(enum.StrEnum):
    CREATED = "CONTAINER_CREATED_EVENT"
    STARTED = "CONTAINER_STARTED_EVENT"
    STOPPED = "CONTAINER_STOPPED_EVENT"
    DELETED = "CONTAINER_DELETED_EVENT"


class RuntimeFault(Exception):
    """Base of what a runtime refuses; the text is fit for an event and a container's waiting message."""


class NotFound(RuntimeFault):
    """No sandbox, container or image by that id."""


class ImagePullFailed(RuntimeFault):
    """The image could not be pulled (``ErrImagePull``)."""


class RegistryUnavailable(ImagePullFailed):
    """The registry does not answer (``RegistryUnavailable``)."""


class InvalidImageName(RuntimeFault):
    """The image reference does not parse (``InvalidImageName``)."""


class StartFailed(RuntimeFault):
    """The container's program cannot be executed: reported as ``StartError`` with exit code 128."""


@dataclass(frozen=True, slots=True)
class PortMapping:
    """A declared container port. ``host_port`` 0 means none; an empty ``host_ip`` every address of the node."""

    container_port: int
    protocol: str = "TCP"
    host_port: int = 0
    name: str = ""
    host_ip: str = ""


@dataclass(frozen=True, slots=True)
class HostAlias:
    """Names for an address in ``/etc/hosts``."""

    ip: str
    hostnames: Sequence[str]


@dataclass(frozen=True, slots=True)
class DNSConfig:
    """What ``/etc/resolv.conf`` says."""

    servers: Sequence[str] = ()
    searches: Sequence[str] = ()
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LinuxContainerResources:
    """What a container, or all of a sandbox together, may use. Zeros mean no limit.

    ``cpu_quota`` is in microseconds of processor time per ``cpu_period``; ``cpu_shares`` is a weight, of which 1024
    stands for one requested processor.
    """

    cpu_shares: int = 2
    cpu_quota: int = 0
    cpu_period: int = 100_000
    memory_limit_in_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """What a pod's sandbox is made from. ``attempt`` counts the pod's sandboxes from 0.

    ``hostname`` is what ``hostname`` prints; ``short_hostname``, where it is another, and ``domain`` are for
    ``/etc/hosts``. With ``host_network`` the pod has the node's address; ``port_mappings`` are all its containers'.
    """

    name: str
    namespace: str
    uid: str
    attempt: int = 0
    hostname: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    host_network: bool = False
    share_process_namespace: bool = False
    short_hostname: str = ""
    domain: str = ""
    host_aliases: Sequence[HostAlias] = ()
    dns: DNSConfig = DNSConfig()
    port_mappings: Sequence[PortMapping] = ()
    resources: LinuxContainerResources = LinuxContainerResources()
    sysctls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    id: str
    config: SandboxConfig
    state: SandboxState
    created_at: datetime
    ip: str
    """The address on loopback that every container of the pod listens on and connects from."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of the node's file system, visible in the container at ``container_path``.

    ``recursive_readonly`` makes what is mounted below it on the node read-only too. With an ``image`` that is present
    on the node, its files are mounted instead, to be read: all of them, or the folder or file ``image_sub_path``.
    """

    container_path: str
    host_path: str
    readonly: bool = False
    recursive_readonly: bool = False
    image: str = ""
    image_sub_path: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A block device of the node's file system that the container has at ``container_path``.

    ``permissions`` are those of its control group: of ``r`` (read), ``w`` (write) and ``m`` (make a name for it).
    """

    container_path: str
    host_path: str
    permissions: str = "mrw"


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """What a container is made from.

    ``command`` and ``args`` are the pod's, already expanded; empty means the image's own entry point and
    arguments, by Docker's rules. ``attempt`` is the restart count; ``annotations`` are the pod's. An empty
    ``stop_signal``, and no user or group, mean the image's own. ``target_id`` is a container whose processes this one's
    see, and the other way round. With ``no_new_privs`` a program cannot get more rights than it is started with.
    """

    name: str
    image: str
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    working_dir: str = ""
    mounts: Sequence[Mount] = ()
    devices: Sequence[Device] = ()
    ports: Sequence[PortMapping] = ()
    attempt: int = 0
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    resources: LinuxContainerResources = LinuxContainerResources()
    annotations: Mapping[str, str] = field(default_factory=dict)
    run_as_user: int | None = None
    run_as_group: int | None = None
    supplemental_groups: Sequence[int] = ()
    stop_signal: str = ""
    target_id: str = ""
    read_only_root: bool = False
    no_new_privs: bool = False
    termination_message_path: str = "/dev/termination-log"


@dataclass(frozen=True, slots=True)
class LinuxContainerUser:
    """Who a container's first process runs as."""

    uid: int
    gid: int
    supplemental_groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """A container as it is now. ``reason`` is ``Completed``, ``Error`` or ``OOMKilled`` once it has exited.

    ``stop_signal`` (``SIGTERM``) and ``user`` are what came of the configuration and the image together.
    """

    id: str
    sandbox_id: str
    config: ContainerConfig
    state: ContainerState
    image_ref: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    """What the program wrote to its termination message path, at most 4096 bytes."""
    stop_signal: str = ""
    user: LinuxContainerUser | None = None


@dataclass(frozen=True, slots=True)
class ContainerStats:
    """What a container uses at ``timestamp``.

    ``usage_core_nano_seconds`` is the processor time since its start, ``usage_nano_cores`` the rate of this moment;
    ``writable_layer_used_bytes`` counts what it has written into its own files, volumes not included.
    """

    timestamp: datetime
    usage_nano_cores: int
    usage_core_nano_seconds: int
    working_set_bytes: int
    writable_layer_used_bytes: int


@dataclass(frozen=True, slots=True)
class Image:
    """``id`` is what ``status.containerStatuses[].imageID`` shows; ``size`` is in bytes.

    ``uid`` is the user that the image runs as, ``None`` when it names one instead (``username``). ``annotations`` are
    the image's own.
    """

    id: str
    repo_tags: Sequence[str]
    size: int
    uid: int | None = 0
    username: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExecResult:
    stdout: bytes
    stderr: bytes
    exit_code: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of a container's log, without its newline; ``partial`` when the newline was not written yet."""

    timestamp: datetime
    stream: str
    line: bytes
    partial: bool = False


class ByteSource(Protocol):
    """What a client sends."""

    async def read(self, limit: int = -1) -> bytes:
        """Return up to ``limit`` bytes, at least one unless the end is reached; -1 reads to the end."""
        ...


class ByteSink(Protocol):
    """What a client wants to see."""

    async def write(self, data: bytes) -> None:
        """Take ``data``, waiting for room if need be; raise ``BrokenPipeError`` when nobody reads any more."""
        ...


class TerminalSize(NamedTuple):
    """How large the window is that a terminal is seen in, in characters."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class ClientStreams:
    """A client's ends of the streams of a process; ``None`` for one that it does not ask for.

    ``sizes`` yields the size of the client's window whenever it changes, for a process on a terminal.
    """

    stdin: ByteSource | None = None
    stdout: ByteSink | None = None
    stderr: ByteSink | None = None
    sizes: AsyncIterator[TerminalSize] | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of a container's log. ``position`` is where the next part begins; ``ended`` says that this is the last."""

    entries: Sequence[LogEntry]
    position: int
    ended: bool


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """Something happened to a container, or to a sandbox when ``container_id`` equals ``sandbox_id``."""

    type: EventType
    container_id: str
    sandbox_id: str
    pod_uid: str


@dataclass(frozen=True, slots=True)
class PortMapped:
    """A pod's port that could not be bound (for lack of privilege), and the one that stands in for it."""

    ip: str
    port: int
    real_port: int
    pod_uid: str = ""


class ContainerRuntime(Protocol):
    """What the kubelet asks of a runtime.

    Ids are opaque and never reused. Stop and remove calls may be repeated and succeed on what is already
    stopped; asking about something unknown raises :class:`NotFound`. Status calls never block.
    """

    @property
    def name(self) -> str:
        """The scheme of container ids in the API (``containerd`` gives ``containerd://<id>``)."""
        ...

    @property
    def version(self) -> str: ...

    # Sandboxes

    async def run_pod_sandbox(self, config: SandboxConfig) -> str:
        """Create and start the pause container with its own address; return the sandbox's id."""
        ...

    async def stop_pod_sandbox(self, sandbox_id: str) -> None:
        """Kill what still runs in the sandbox, then the pause container; the address is given back."""
        ...

    async def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """Stop if needed, and forget the sandbox with its containers."""
        ...

    async def update_pod_sandbox_resources(self, sandbox_id: str, resources: LinuxContainerResources) -> None:
        """Let other limits hold for all of a sandbox's containers together."""
        ...

    def pod_sandbox_status(self, sandbox_id: str) -> SandboxStatus: ...

    def list_pod_sandboxes(self) -> Sequence[SandboxStatus]: ...

    # Images

    async def pull_image(self, image: str, annotations: Mapping[str, str] | None = None) -> Image:
        """Make an image present; raise :class:`ImagePullFailed` or :class:`InvalidImageName`.

        ``annotations`` are those of the container that it is pulled for.
        """
        ...

    def image_status(self, image: str) -> Image | None:
        """Return the image when it is present on the node."""
        ...

    def list_images(self) -> Sequence[Image]: ...

    async def remove_image(self, image: str) -> None:
        """Have an image no longer; one that is not there is no error. Containers that were made of it run on."""
        ...

    # Containers

    async def create_container(self, sandbox_id: str, config: ContainerConfig) -> str:
        """Create, not start, a container in a ready sandbox; its image must be present."""
        ...

    async def start_container(self, container_id: str) -> None:
        """Start a created container once; raise :class:`StartFailed` when its program cannot run."""
        ...

    async def stop_container(self, container_id: str, timeout: float) -> None:
        """Send the stop signal, wait ``timeout`` seconds on the clock, send KILL; return once it has exited."""
        ...

    def kill_container(self, container_id: str, signal: int, *, exit_code: int | None = None) -> None:
        """Send one signal and return.

        ``exit_code`` is what the container is then reported to have ended with, whatever its program says. A sandbox's
        id stands for its pause container.
        """
        ...

    async def remove_container(self, container_id: str) -> None:
        """Kill if needed, and forget the container with its log."""
        ...

    async def update_container_resources(
        self, container_id: str, resources: LinuxContainerResources, annotations: Mapping[str, str]
    ) -> None:
        """Let other limits hold for a container, which its status shows from then on, and note the pod's annotations.

        A container that uses more than its new limit is killed (``OOMKilled``).
        """
        ...

    def container_status(self, container_id: str) -> ContainerStatus: ...

    def container_stats(self, container_id: str) -> ContainerStats:
        """Return what a container uses now; one that does not run uses no memory and no processor."""
        ...

    def list_containers(self, sandbox_id: str | None = None) -> Sequence[ContainerStatus]:
        """Return containers in order of creation, those of one sandbox when an id is given."""
        ...

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout: float | None) -> ExecResult:
        """Run a program in a running container to its end.

        Raises ``TimeoutError`` past ``timeout`` seconds (the program is killed), and :class:`StartFailed`
        when there is no such program.
        """
        ...

    async def exec(
        self, container_id: str, command: Sequence[str], streams: ClientStreams, *, tty: bool = False
    ) -> int:
        """Run a program in a running container with a client's streams, and return its exit code.

        With ``tty`` the streams are a terminal. Raises :class:`StartFailed` when there is no such program. When it is
        cancelled, because the client has left, the program goes on by itself.
        """
        ...

    async def attach(self, container_id: str, streams: ClientStreams) -> None:
        """Join a client to the streams of a running container's own program, until that has ended."""
        ...

    async def port_forward(self, sandbox_id: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection to a port of a pod, as from inside it; raise :class:`RuntimeFault` when nobody listens."""
        ...

    def container_log(self, container_id: str) -> Sequence[LogEntry]:
        """Return the lines of the current log file, oldest first, one that is not ended yet included."""
        ...

    def log_start(self, container_id: str, tail: int | None = None) -> int:
        """Return the position of the current log file's first line, or of the last ``tail`` lines in it.

        Logs are rotated; what is in older files is not shown to those who begin to read.
        """
        ...

    def read_log(self, container_id: str, position: int) -> LogPage:
        """Return some of the log lines that are ended, oldest first, from a position on; none when there are no more.

        Who goes on where an earlier page ended misses nothing, even when the log was rotated in between.
        """
        ...

    async def wait_log(self, container_id: str, position: int) -> None:
        """Return once there is more to read at ``position``, or there never will be."""
        ...

    # The node's file system, which volumes live in

    @property
    def host(self) -> NodeFiles: ...

    def make_directory(self, host_path: str, mode: int = 0o777) -> None:
        """Create a folder and its parents; no error when it is there already."""
        ...

    def write_file(self, host_path: str, content: bytes, mode: int = 0o644) -> None:
        """Create or replace a file, its parents included."""
        ...

    def remove_tree(self, host_path: str) -> None:
        """Remove a file or folder with all below it; no error when there is none."""
        ...

    # Events

    def events(self) -> AbstractAsyncContextManager[AsyncIterator[ContainerEvent]]:
        """Subscribe to everything that happens from now on, in order; nothing is dropped."""
        ...
