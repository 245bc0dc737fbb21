"""Folders of the real machine in a node's file system."""

import os
from pathlib import Path

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.node_tree import node_file_system
from kubelet.fake.tree import Directory, File


@pytest.fixture
def real(tmp_path: Path) -> Path:
    folder = tmp_path / "shown"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_bytes(b"content")
    (folder / "inner").symlink_to("deep/file")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "outer").symlink_to("../secret")
    (folder / "absolute").symlink_to(tmp_path / "secret")
    (folder / "away").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture
def container(real: Path) -> FileSystem:
    """A container that has the node's folder mounted at ``/in``."""
    node = node_file_system(ManualClock(), {"/data/real": str(real)})
    inside = FileSystem(ManualClock())
    inside.mount("/in", node.offered("/data/real"))
    return inside


def test_it_is_read_when_it_is_asked_for(real: Path, container: FileSystem) -> None:
    assert container.read("/in/deep/file") == b"content"
    assert container.listdir("/in") == ["absolute", "away", "deep", "inner", "outer", "pipe"]
    assert container.stat("/in/deep/file").size == 7
    (real / "deep" / "new").write_bytes(b"later")
    assert container.read("/in/deep/new") == b"later"
    assert container.read("/in/inner") == b"content"


@pytest.mark.parametrize("name", ["outer", "absolute", "away/secret"])
def test_no_link_leads_out_of_it(container: FileSystem, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        container.read(f"/in/{name}")


def test_a_folder_swapped_for_a_link_shows_nothing(real: Path, container: FileSystem) -> None:
    held = container.open("/in/deep/file")
    folder = container.node("/in/deep")
    (real / "deep").rename(real / "gone")
    (real / "deep").symlink_to("..")
    assert isinstance(held, File)
    with pytest.raises(OSError, match=r"denied|No such file"):
        bytes(held.content)
    assert isinstance(folder, Directory)
    assert list(folder.entries) == []


@pytest.mark.parametrize("path", ["/in/new", "/in/deep/file", "/in/deep/new"])
def test_nothing_is_written(real: Path, container: FileSystem, path: str) -> None:
    with pytest.raises(OSError, match="Read-only"):
        container.write(path, b"x")
    with pytest.raises(OSError, match="Read-only"):
        container.rmtree("/in/deep")
    assert (real / "deep" / "file").read_bytes() == b"content"


def test_what_is_no_file_cannot_be_opened(container: FileSystem) -> None:
    with pytest.raises(OSError, match="No such device"):
        container.open("/in/pipe")


def test_a_mount_of_what_is_around_it_has_it_too(real: Path) -> None:
    node = node_file_system(ManualClock(), {"/data/real": str(real)})
    inside = FileSystem(ManualClock())
    inside.mount("/host", node.offered("/"))
    assert inside.read("/host/data/real/deep/file") == b"content"
    inside.write("/host/data/mine", b"x")
    assert node.read("/data/mine") == b"x"
    with pytest.raises(OSError, match="Read-only"):
        inside.write("/host/data/real/x", b"x")
