"""The files that a runtime and the kubelet put into every container of a pod: host name, hosts, resolver.

They belong to the pod: what one container writes into them, the others read. Nothing is worked out before somebody
looks.
"""

from collections.abc import Callable, Mapping

from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import File, Layer, Node
from kubelet.hosts_file import managed_hosts, node_hosts
from kubelet.resolver import resolv_conf
from kubelet.runtime import SandboxConfig

HOSTS = "/etc/hosts"
RESOLV_CONF = "/etc/resolv.conf"
HOSTNAME = "/etc/hostname"
POD_FILES = (HOSTNAME, HOSTS, RESOLV_CONF)


class LazyFile(File):
    """A file whose content is worked out when it is first looked at, by ``make`` from what is known of the pod."""

    __slots__ = ("_content", "_facts", "_make")

    def __init__(self, layer: Layer, make: "Callable[[PodFiles], str]", facts: "PodFiles") -> None:
        # The slot of the base class stays unset: the property below stands in for it.
        Node.__init__(self, layer, 0o644)
        self.links = 1
        self._make = make
        self._facts = facts
        self._content: bytes | bytearray | None = None

    @property
    def content(self) -> bytes | bytearray:
        if self._content is None:
            self._content = self._make(self._facts).encode()
        return self._content

    @content.setter
    def content(self, content: bytes | bytearray) -> None:
        self._content = content


def _hostname(pod: "PodFiles") -> str:
    return f"{pod.config.hostname}\n"


def _hosts(pod: "PodFiles") -> str:
    config = pod.config
    if config.host_network:
        return node_hosts(pod.node.read(HOSTS).decode(errors="replace"), config.host_aliases)
    return managed_hosts((pod.ip,), config.short_hostname or config.hostname, config.domain, config.host_aliases)


def _resolv_conf(pod: "PodFiles") -> str:
    return resolv_conf(pod.config.dns)


_MAKERS: "Mapping[str, Callable[[PodFiles], str]]" = {HOSTNAME: _hostname, HOSTS: _hosts, RESOLV_CONF: _resolv_conf}


class PodFiles:
    """The files of one pod, and what they are made from. ``node`` is the file system of its node."""

    __slots__ = ("_files", "config", "ip", "node")

    def __init__(self, config: SandboxConfig, ip: str, node: FileSystem) -> None:
        self.config = config
        self.ip = ip
        self.node = node
        self._files: tuple[LazyFile, ...] = ()

    def mount(self, fs: FileSystem) -> None:
        """Show the files in a container."""
        if not self._files:
            layer = Layer()
            self._files = tuple(LazyFile(layer, make, self) for make in _MAKERS.values())
        for path, file in zip(_MAKERS, self._files, strict=True):
            fs.mount_file(path, file)
