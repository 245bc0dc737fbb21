"""What is on a node's own disk before there are pods: what ``hostPath`` volumes are commonly pointed at."""

import functools
import posixpath
from collections.abc import Mapping

from apimachinery.clock import Clock
from kubelet.fake.exposed import real_folder
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.made_entries import MadeEntries
from kubelet.fake.mounts import EXT4
from kubelet.fake.tree import Directory, File, Layer, Node, Socket, build_tree
from kubelet.fake.tree_snapshot import JSONObject

_FILES: Mapping[str, bytes | str | None] = {
    "/boot": None,
    "/etc/hosts": b"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    "/etc/os-release": b'NAME="Kubemu"\nID=kubemu\nPRETTY_NAME="Kubemu"\n',
    "/etc/localtime": "/usr/share/zoneinfo/Etc/UTC",
    "/home": None,
    "/lib/modules": None,
    "/mnt": None,
    "/opt/cni/bin": None,
    "/etc/cni/net.d": None,
    "/proc": None,
    "/root": None,
    "/run/containerd": None,
    "/srv": None,
    "/sys/fs/cgroup": None,
    "/tmp": None,
    "/usr/share/zoneinfo/Etc/UTC": b"TZif2",
    "/var/lib/kubelet/pods": None,
    "/var/log/pods": None,
    "/var/log/containers": None,
    "/var/run": "/run",
    "/var/tmp": None,
}
_MODES = {"/tmp": 0o1777, "/var/tmp": 0o1777}


@functools.cache
def _programs() -> Mapping[str, Node]:
    """Return the files of a shell and the usual commands, for those who ``chroot /host``."""
    # Hardly any node is looked at so closely.
    from kubelet.images.base import program_file, shell_programs

    layer = Layer()
    paths = (path for path in shell_programs(bash=True) if path.startswith("/bin/"))
    return {posixpath.basename(path): File(layer, 0o755, program_file(path)) for path in paths}


def _tree() -> Directory:
    root = build_tree(dict(_FILES), modes=_MODES)
    root.entries["bin"] = Directory(Layer(), entries=MadeEntries(_programs))
    containerd = root.entries["run"]
    assert isinstance(containerd, Directory)
    folder = containerd.entries["containerd"]
    assert isinstance(folder, Directory)
    folder.entries["containerd.sock"] = Socket(Layer(), 0o660)
    return root


_BASE = _tree()
"""Shared by all nodes, each of which copies what it changes."""


def save_disk(files: FileSystem) -> JSONObject:
    """Return what is on a node's disk beside what is there from the start."""
    return {"tree": files.saved(_BASE), "memory": files.saved_memory()}


def load_disk(files: FileSystem, saved: JSONObject) -> None:
    """Put back what :func:`save_disk` has returned."""
    files.load(saved["tree"], _BASE)
    files.load_memory(saved["memory"])


def node_file_system(clock: Clock, exposed: Mapping[str, str]) -> FileSystem:
    """Return a new node's file system, with folders of the real machine at the paths that name them."""
    files = FileSystem(clock, _BASE, kind=EXT4)
    for path, folder in sorted(exposed.items()):
        files.mount_tree(path, real_folder(folder), EXT4)
    return files
