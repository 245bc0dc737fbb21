"""The files that a runtime and the kubelet put into every container of a pod: host name, hosts, resolver.

They belong to the pod: what one container writes into them, the others read. Nothing is worked out before somebody
looks.
"""

from collections.abc import Callable

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
    """A file whose content is worked out when it is first looked at."""

    __slots__ = ("_content", "_make")

    def __init__(self, layer: Layer, make: Callable[[], str]) -> None:
        # The slot of the base class stays unset: the property below stands in for it.
        Node.__init__(self, layer, 0o644)
        self._make = make
        self._content: bytes | bytearray | None = None

    @property
    def content(self) -> bytes | bytearray:
        if self._content is None:
            self._content = self._make().encode()
        return self._content

    @content.setter
    def content(self, content: bytes | bytearray) -> None:
        self._content = content


class PodFiles:
    """The files of one pod. ``node`` is the file system of its node."""

    __slots__ = ("_files",)

    def __init__(self, config: SandboxConfig, ip: str, node: FileSystem) -> None:
        layer = Layer()

        def hosts() -> str:
            if config.host_network:
                return node_hosts(node.read(HOSTS).decode(errors="replace"), config.host_aliases)
            return managed_hosts((ip,), config.short_hostname or config.hostname, config.domain, config.host_aliases)

        self._files = {
            HOSTNAME: LazyFile(layer, lambda: f"{config.hostname}\n"),
            HOSTS: LazyFile(layer, hosts),
            RESOLV_CONF: LazyFile(layer, lambda: resolv_conf(config.dns)),
        }

    def mount(self, fs: FileSystem) -> None:
        """Show the files in a container."""
        for path, file in self._files.items():
            fs.mount_file(path, file)
