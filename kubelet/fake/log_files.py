"""The logs of containers as files of their node: ``/var/log/pods`` and ``/var/log/containers``, for log agents.

Names and lines are those of CRI (``pkg/kubelet/kuberuntime/helpers.go``, v1.36, and the CRI logging format). Folders
and files are made when somebody looks, out of what is kept of the logs anyway. Nobody can write to them.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping

from kubelet.fake.container import FakeContainer, FakeSandbox
from kubelet.fake.container_log import RotatedFile
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.made_entries import MadeEntries
from kubelet.fake.mounts import EXT4
from kubelet.fake.tree import Directory, File, Layer, Node, Symlink
from kubelet.runtime import LogEntry

PODS = "/var/log/pods"
CONTAINERS = "/var/log/containers"

Sandboxes = Callable[[], Iterator[FakeSandbox]]


def mount_logs(files: FileSystem, sandboxes: Sandboxes) -> None:
    """Show the logs of the containers of these sandboxes in a node's file system."""
    layer = Layer()
    files.mount_tree(PODS, _folder(layer, lambda: _pods(layer, sandboxes)), EXT4)
    files.mount_tree(CONTAINERS, _folder(layer, lambda: _links(layer, sandboxes)), EXT4)


def log_line(entry: LogEntry) -> bytes:
    """Return a line as the runtime writes it: when, on which stream, whether it is whole (``F``), and what."""
    when = f"{entry.timestamp:%Y-%m-%dT%H:%M:%S.%f}000Z {entry.stream} {'P' if entry.partial else 'F'} "
    return b"%b%b\n" % (when.encode(), entry.line)


def pod_folder(sandbox: FakeSandbox) -> str:
    """Return the name of a pod's folder below ``/var/log/pods``."""
    config = sandbox.status.config
    return f"{config.namespace}_{config.name}_{config.uid}"


def link_name(container: FakeContainer) -> str:
    """Return the name of a container's link in ``/var/log/containers``."""
    pod, status = container.sandbox.status.config, container.status
    return f"{pod.name}_{pod.namespace}_{status.config.name}-{status.id}.log"


def _pods(layer: Layer, sandboxes: Sandboxes) -> Mapping[str, Node]:
    found: dict[str, list[FakeSandbox]] = {}
    for sandbox in sandboxes():
        found.setdefault(pod_folder(sandbox), []).append(sandbox)
    return {name: _pod(layer, members) for name, members in found.items()}


def _pod(layer: Layer, sandboxes: list[FakeSandbox]) -> Directory:
    def containers() -> Mapping[str, Node]:
        runs: dict[str, MutableMapping[str, Node]] = {}
        for container in (container for sandbox in sandboxes for container in sandbox.containers):
            config = container.status.config
            files, name = runs.setdefault(config.name, {}), f"{config.attempt}.log"
            files[name] = _LogFile(layer, container)
            for rotated in container.log.rotated:
                files[f"{name}.{rotated.at:%Y%m%d-%H%M%S}"] = _LogFile(layer, container, rotated)
        return {name: Directory(layer, entries=files) for name, files in runs.items()}

    return _folder(layer, containers)


def _links(layer: Layer, sandboxes: Sandboxes) -> Mapping[str, Node]:
    return {
        link_name(container): Symlink(
            layer, f"{PODS}/{pod_folder(sandbox)}/{container.status.config.name}/{container.status.config.attempt}.log"
        )
        for sandbox in sandboxes()
        for container in sandbox.containers
    }


def _folder(layer: Layer, entries: Callable[[], Mapping[str, Node]]) -> Directory:
    return Directory(layer, entries=MadeEntries(entries))


class _LogFile(File):
    """The log of one run of a container: the current file, or one that was rotated. It is written when it is read."""

    __slots__ = ("_container", "_next", "_rotated", "_text")

    def __init__(self, layer: Layer, container: FakeContainer, rotated: RotatedFile | None = None) -> None:
        started = container.status.started_at or container.status.created_at
        Node.__init__(self, layer, 0o640, mtime=(started if rotated is None else rotated.at).timestamp())
        self.links = 1
        self._container = container
        self._rotated = rotated
        self._text = bytearray()
        self._next = container.log.start() if rotated is None else rotated.start

    @property
    def size(self) -> int:
        return self._container.log.size if self._rotated is None else self._rotated.size

    @property
    def content(self) -> bytes | bytearray:
        # Who has it open goes on with it when the log is rotated, as with a file that is given another name.
        end = None if self._rotated is None else self._rotated.end
        while (end is None or self._next < end) and (page := self._container.log.read(self._next)).entries:
            first = page.position - len(page.entries)
            for entry in page.entries if end is None else page.entries[: max(0, end - first)]:
                self._text += log_line(entry)
            self._next = page.position
        return self._text

    @content.setter
    def content(self, content: bytes | bytearray) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
