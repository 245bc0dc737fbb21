"""A container's files as JSON, and back."""

from dataclasses import replace

import orjson
import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import BlockDevice, Layer, build_tree
from kubelet.fake.tree_snapshot import decode

IMAGE = {"/bin/tool": b"program", "/etc/conf": b"old", "/etc/keep": b"kept", "/usr/share/doc": b"long"}


def again(files: FileSystem, clock: ManualClock) -> FileSystem:
    """What another process makes of what this one has saved."""
    saved = orjson.loads(orjson.dumps(files.saved(ROOT)))
    found = FileSystem(clock, ROOT)
    found.load(saved, ROOT)
    return found


ROOT = build_tree(dict(IMAGE))


def test_only_what_is_its_own_is_saved() -> None:
    clock = ManualClock()
    files = FileSystem(clock, ROOT)
    assert files.saved(ROOT) is None
    files.write("/etc/conf", b"new")
    files.chmod("/etc/conf", 0o600)
    files.unlink("/etc/keep")
    files.mkdir("/data")
    files.write("/data/raw", b"\x00\xff")
    files.symlink("/data/raw", "/data/link")
    saved = files.saved(ROOT)
    assert saved is not None
    assert saved["entries"]["usr"] is None, "what the image has is not repeated"
    found = again(files, clock)
    assert found.read("/etc/conf") == b"new"
    assert found.stat("/etc/conf").mode & 0o777 == 0o600
    assert not found.exists("/etc/keep")
    assert found.read("/data/link") == b"\x00\xff"
    assert found.read("/usr/share/doc") == b"long"
    found.write("/data/raw", b"more")
    assert files.read("/data/raw") == b"\x00\xff"
    assert found.written_bytes() == len(b"new") + len(b"more")


def test_files_with_several_names_stay_one() -> None:
    clock = ManualClock()
    files = FileSystem(clock, ROOT)
    files.link("/etc/conf", "/etc/copy")
    files.link("/etc/copy", "/usr/third")
    files.write("/etc/conf", b"new")
    found = again(files, clock)
    assert found.stat("/etc/copy").nlink == 3
    found.write("/usr/third", b"newer")
    assert (found.read("/etc/conf"), found.read("/etc/copy")) == (b"newer", b"newer")
    assert found.written_bytes() == len(b"newer") // 3 * 3


def test_another_image_is_noticed() -> None:
    with pytest.raises(ValueError, match="has changed"):
        decode({"mode": 0o755, "uid": 0, "gid": 0, "mtime": 0, "entries": {"gone": None}}, ROOT, Layer())


def test_what_is_on_a_device_is_saved() -> None:
    clock = ManualClock()
    files = FileSystem(clock, ROOT)
    files.make_block_device("/dev/sdb", 1024**4)
    files.write("/dev/sdb", b"text")
    saved = files.saved(ROOT)
    assert saved is not None
    assert len(orjson.dumps(saved)) < 200_000, "what has not been written is not saved"
    found = again(files, clock)
    device = found.node("/dev/sdb")
    assert isinstance(device, BlockDevice)
    assert (device.disk.size, device.disk.read(0, 5)) == (1024**4, b"text\0")
    assert found.stat("/dev/sdb") == replace(files.stat("/dev/sdb"), ino=found.stat("/dev/sdb").ino)
    found.write("/dev/sdb", b"more")
    original = files.node("/dev/sdb")
    assert isinstance(original, BlockDevice)
    assert original.disk.read(0, 4) == b"text"
