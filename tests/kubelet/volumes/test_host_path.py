"""Paths of the node, and what their types promise."""

import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.volumes import HostPathVolumeSource
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.node_tree import node_file_system
from kubelet.volumes import host_path
from kubelet.volumes.faults import VolumeFault


@pytest.fixture
def node() -> FileSystem:
    files = node_file_system(ManualClock(), {})
    files.mkdir("/data")
    files.write("/data/file", b"content")
    return files


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data", "Directory"),
        ("/data", "DirectoryOrCreate"),
        ("/data/file", "File"),
        ("/data/file", "FileOrCreate"),
        ("/data/file", ""),
        ("/run/containerd/containerd.sock", "Socket"),
        ("/var/run/containerd/containerd.sock", "Socket"),
        ("/dev/null", "CharDevice"),
    ],
)
def test_what_is_there(node: FileSystem, path: str, kind: str) -> None:
    assert host_path.set_up(node, HostPathVolumeSource(path=path, type=kind)) == path


@pytest.mark.parametrize(
    ("path", "kind", "is_dir"),
    [("/new/er", "", True), ("/new/er", "DirectoryOrCreate", True), ("/data/new", "FileOrCreate", False)],
)
def test_what_is_made(node: FileSystem, path: str, kind: str, is_dir: bool) -> None:
    host_path.set_up(node, HostPathVolumeSource(path=path, type=kind))
    found = node.stat(path)
    assert (found.is_dir, found.mode & 0o777) == (is_dir, 0o755 if is_dir else 0o644)


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/none", "Directory", "hostPath type check failed: /none is not a directory"),
        ("/data/file", "DirectoryOrCreate", "hostPath type check failed: /data/file is not a directory"),
        ("/data", "File", "hostPath type check failed: /data is not a file"),
        ("/data", "FileOrCreate", "hostPath type check failed: /data is not a file"),
        ("/none/er", "FileOrCreate", "open /none/er: no such file or directory"),
        ("/data/file", "Socket", "hostPath type check failed: /data/file is not a socket file"),
        ("/data/file", "CharDevice", "hostPath type check failed: /data/file is not a character device"),
        ("/dev/null", "BlockDevice", "hostPath type check failed: /dev/null is not a block device"),
        ("/data", "Cloud", "Cloud is an invalid volume type"),
        ("/data/../etc", "", "invalid HostPath `/data/../etc`: must not contain '..'"),
    ],
)
def test_what_does_not_fit(node: FileSystem, path: str, kind: str, message: str) -> None:
    with pytest.raises(VolumeFault) as failure:
        host_path.set_up(node, HostPathVolumeSource(path=path, type=kind))
    assert str(failure.value) == message
