"""What the pause container holds for its pod: an address, host ports, files, and perhaps one space of processes."""

import asyncio
import random
from collections.abc import Callable

from apimachinery.clock import Clock
from kubelet.fake.container_world import ContainerWorld, PidSpace
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.host_ports import HostPorts
from kubelet.fake.network import PodNetwork
from kubelet.fake.pod_files import PodFiles
from kubelet.fake.process import Process
from kubelet.images.pause import pause
from kubelet.runtime import SandboxConfig


class PodSpace:
    """Made by :func:`open_space`; given back with :meth:`close`. ``node`` is the file system of its node."""

    __slots__ = ("_files", "_host_ports", "_node", "_pause", "config", "hostname", "ip", "network", "pids")

    def __init__(self, config: SandboxConfig, network: PodNetwork, ip: str, node: FileSystem) -> None:
        self.config = config
        self.network = network
        self.ip = ip
        self.hostname = config.hostname or config.name
        self._node = node
        self._files: PodFiles | None = None
        self.pids: PidSpace | None = None
        """The processes of all containers, where they share a space; the pause container's is number 1."""
        self._host_ports: HostPorts | None = None
        self._pause: Process | None = None

    @property
    def files(self) -> PodFiles:
        """What the pod adds to the files of its containers; made when somebody first looks."""
        if self._files is None:
            self._files = PodFiles(self.config, self.ip, self._node)
        return self._files

    async def open_host_ports(self, group: asyncio.TaskGroup) -> None:
        """Listen on the pod's host ports; raise :class:`~kubelet.runtime.RuntimeFault` when one is taken."""
        if self.config.host_network or not any(mapping.host_port for mapping in self.config.port_mappings):
            # A pod on its node's network has its ports there anyhow.
            return
        self._host_ports = HostPorts(self.network, self.ip, group, owner=self.config.uid)
        await self._host_ports.open(self.config.port_mappings)

    def share_processes(
        self, clock: Clock, rng: random.Random, group: asyncio.TaskGroup, on_pause_exit: Callable[[], None]
    ) -> None:
        """Give all containers one space of processes, in which the pause container comes first."""
        self.pids = PidSpace()
        fs = FileSystem(clock)
        world = ContainerWorld(fs, self.network, self.ip, self.hostname, clock, rng, group, {}, pids=self.pids)
        self._pause = Process(world, ["/pause"], env={}, uid=65535, gid=65535)
        self._pause.start(pause, on_pause_exit)

    def kill_pause(self) -> None:
        """End the pause container's process, where it has one."""
        if self._pause is not None:
            self._pause.deliver(9)

    def close(self) -> None:
        """Give the address and the host ports back."""
        if self._host_ports is not None:
            self._host_ports.close()
        self.network.release(self.ip)


async def open_space(
    config: SandboxConfig, network: PodNetwork, node: FileSystem, group: asyncio.TaskGroup, *, ip: str = ""
) -> PodSpace:
    """Give a pod its address, which is the node's own with ``host_network``, and its host ports.

    ``ip`` is the address of one that had its space before.

    Raises :class:`~kubelet.runtime.RuntimeFault` when there is no address left, or a host port is taken.
    """
    if config.host_network:
        ip = network.gateway
    elif ip:
        network.reserve(ip)
    else:
        ip = network.allocate()
    space = PodSpace(config, network, ip, node)
    try:
        await space.open_host_ports(group)
    except BaseException:
        space.close()
        raise
    return space
