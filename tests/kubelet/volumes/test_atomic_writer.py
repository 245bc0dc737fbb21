"""Files that change all at once."""

import random
from collections.abc import Mapping
from datetime import timedelta

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import File
from kubelet.volumes.atomic_writer import AtomicWriter, Payload, Plan, ProjectedFile, clean, plan
from kubelet.volumes.faults import VolumeFault
from tests.kubelet.builders import START


def payload(**files: str) -> dict[str, ProjectedFile]:
    return {path.replace("__", "/"): ProjectedFile(content.encode(), 0o644) for path, content in files.items()}


@pytest.mark.parametrize(
    ("wanted", "present", "planned"),
    [
        pytest.param(payload(a="1"), None, Plan({"a"}, set()), id="new"),
        pytest.param(payload(), None, Plan(set(), set()), id="new and empty"),
        pytest.param(payload(a="1"), {"a": b"1"}, None, id="as it is"),
        pytest.param(payload(a="2"), {"a": b"1"}, Plan({"a"}, set()), id="changed"),
        pytest.param(payload(a="1"), {"a": b"1", "b": b"2"}, Plan({"a"}, {"b"}), id="one less"),
        pytest.param(payload(), {"a": b"1"}, Plan(set(), {"a"}), id="none left"),
        pytest.param(payload(d__a="1"), {"d": None, "d/a": b"1"}, None, id="a folder as it is"),
        pytest.param(
            payload(d__a="1"), {"d": None, "d/a": b"1", "d/b": b"2"}, Plan({"d"}, set()), id="one less in a folder"
        ),
        pytest.param(payload(a="1"), {"d": None, "d/a": b"1"}, Plan({"a"}, {"d"}), id="a folder less"),
    ],
)
def test_plan(
    wanted: Mapping[str, ProjectedFile], present: Mapping[str, bytes | None] | None, planned: Plan | None
) -> None:
    assert plan(wanted, present) == planned


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", 'must not be empty: ""'),
        ("/etc/passwd", "must be relative path: /etc/passwd"),
        ("a/../b", r"must not contain '\.\.': a/\.\./b"),
        ("..data", r"must not start with '\.\.': \.\.data"),
        ("n" * 256, "filenames must be less than or equal to 255 characters"),
        ("n/" * 2049, "must be less than or equal to 4096 characters"),
    ],
)
def test_a_path_that_cannot_be(path: str, message: str) -> None:
    with pytest.raises(VolumeFault, match=message):
        clean({path: ProjectedFile(b"", 0o644)})


def test_paths_are_made_short() -> None:
    assert set(clean(payload(d__a="")).keys() | clean({"./x//y": ProjectedFile(b"", 0o644)}).keys()) == {"d/a", "x/y"}


def shown(files: FileSystem) -> dict[str, str]:
    """What a reader sees in the volume: links, and what is behind them."""
    return {
        name: files.readlink(f"/v/{name}") if files.stat(f"/v/{name}", follow=False).is_link else ""
        for name in files.listdir("/v")
    }


def test_an_update_turns_one_link() -> None:
    clock = ManualClock(START)
    files, rng = FileSystem(clock), random.Random(1)
    files.mkdir("/v")
    writer = AtomicWriter(files, "/v")
    assert writer.write(payload(a="1", d__b="2"), clock.now(), rng)
    first = files.readlink("/v/..data")
    assert first.startswith("..2026_01_01_00_00_00.")
    assert shown(files) == {"..data": first, first: "", "a": "..data/a", "d": "..data/d"}
    assert (files.read("/v/a"), files.read("/v/d/b")) == (b"1", b"2")
    assert not writer.write(payload(a="1", d__b="2"), clock.now(), rng)
    assert files.readlink("/v/..data") == first
    held = files.open("/v/a")
    assert writer.write(payload(a="3", c="4"), clock.now() + timedelta(seconds=61), rng)
    second = files.readlink("/v/..data")
    assert second.startswith("..2026_01_01_00_01_01.")
    assert shown(files) == {"..data": second, second: "", "a": "..data/a", "c": "..data/c"}
    assert files.read("/v/a") == b"3"
    assert isinstance(held, File)
    assert held.content == b"1", "who has opened the old file goes on reading that"


def test_modes_and_owners() -> None:
    clock = ManualClock(START)
    files = FileSystem(clock)
    files.mkdir("/v")
    AtomicWriter(files, "/v").write(
        {"a": ProjectedFile(b"", 0o400), "b": ProjectedFile(b"", 0o600, 1000)}, clock.now(), random.Random(1)
    )
    found = [files.stat(f"/v/{name}") for name in "ab"]
    assert [(stat.mode & 0o777, stat.uid) for stat in found] == [(0o400, 0), (0o600, 1000)]


@pytest.mark.parametrize(
    ("first", "names"),
    [
        pytest.param(payload(), {"..data"}, id="nothing"),
        pytest.param(payload(a="1", b="2"), {"..data", "a", "b"}, id="files"),
        pytest.param(payload(d__b="2"), {"..data", "d"}, id="folders"),
    ],
)
@pytest.mark.parametrize("new", [True, False], ids=["known to be new", "looked into"])
def test_what_is_written_first(first: Payload, names: set[str], new: bool) -> None:
    clock = ManualClock(START)
    files = FileSystem(clock)
    files.mkdir("/v")
    settled: list[str] = []
    writer = AtomicWriter(files, "/v", settle=settled.append)
    assert writer.write(first, clock.now(), random.Random(1), new=new)
    found = shown(files)
    stamp = files.readlink("/v/..data")
    assert found.keys() == names | {stamp}
    assert files.stat(f"/v/{stamp}").is_dir
    assert {path: files.read(f"/v/{path}") for path in first} == {path: file.content for path, file in first.items()}
    assert settled == ["/v"]
