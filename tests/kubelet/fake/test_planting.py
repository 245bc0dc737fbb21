"""Files that are put into a folder together, at once or when somebody looks."""

import errno
from collections.abc import Callable

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.planting import Content
from kubelet.volumes.atomic_writer import ProjectedFile


def text(content: str) -> ProjectedFile:
    return ProjectedFile(content.encode(), 0o640)


CONTENT: Content = {"new/a": text("1"), "new/d/b": text("2"), "now": "new", "a": "now/a"}


async def test_a_folder_is_filled_when_somebody_looks() -> None:
    clock = ManualClock()
    files, asked = FileSystem(clock), 0

    def content() -> Content:
        nonlocal asked
        asked += 1
        return CONTENT

    files.mkdir("/v/w", parents=True)
    files.fill("/v/w", content)
    filled = clock.now().timestamp()
    await clock.advance(100)
    assert files.listdir("/v") == ["w"]
    assert asked == 0
    assert files.read("/v/w/a") == b"1"
    assert (files.listdir("/v/w"), files.read("/v/w/now/d/b")) == (["a", "new", "now"], b"2")
    assert files.stat("/v/w/new/a").mtime == filled
    files.write("/v/w/new/a", b"3")
    files.unlink("/v/w/now")
    assert (files.listdir("/v/w"), files.read("/v/w/new/a"), asked) == (["a", "new"], b"3", 1)


def test_a_folder_that_nobody_has_looked_into_goes_unmade() -> None:
    files = FileSystem(ManualClock())

    def content() -> Content:
        raise AssertionError("somebody has looked")

    files.mkdir("/v/w", parents=True)
    files.fill("/v/w", content)
    files.rmtree("/v")
    assert not files.exists("/v")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda files: files.fill("/v", dict), errno.ENOTEMPTY, id="not empty"),
        pytest.param(
            lambda files: files.plant("/v/x", {"a": text(""), "a/b": text("")}), errno.ENOTDIR, id="in a file"
        ),
        pytest.param(lambda files: files.plant("/v/x", {"a/b": text(""), "a": text("")}), errno.EISDIR, id="a folder"),
    ],
)
def test_what_is_in_the_way(change: Callable[[FileSystem], None], code: int) -> None:
    files = FileSystem(ManualClock())
    files.mkdir("/v/w", parents=True)
    with pytest.raises(OSError, match="/v") as refused:
        change(files)
    assert refused.value.errno == code
