"""Where containers see which part of a volume."""

from typing import Any

import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.pod import Container
from apimachinery.types.volumes import VolumeMount
from kubelet.environment import ConfigError
from kubelet.fake.filesystem import FileSystem
from kubelet.runtime import Mount
from kubelet.volumes.mounts import container_mounts, sub_path
from kubelet.volumes.sources import Mounted

ENV = {"NAME": "web-0", "EMPTY": ""}
MOUNTED = {
    "v": Mounted("/pods/v"),
    "ro": Mounted("/pods/v", read_only=True),
    "image": Mounted(read_only=True, image="busybox"),
}


@pytest.fixture
def files() -> FileSystem:
    made = FileSystem(ManualClock())
    made.mkdir("/pods/v/folder", parents=True)
    made.chmod("/pods/v", 0o770)
    made.write("/pods/v/file", b"")
    made.symlink("/pods", "/pods/v/out")
    made.symlink("folder", "/pods/v/within")
    return made


def mounts(files: FileSystem, **mount: Any) -> tuple[Mount, ...]:
    made = Container.model_validate({"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/m", **mount}]})
    return container_mounts(files, made, ENV, MOUNTED)


@pytest.mark.parametrize(
    ("mount", "made"),
    [
        pytest.param({}, Mount("/m", "/pods/v"), id="whole"),
        pytest.param({"readOnly": True}, Mount("/m", "/pods/v", True), id="read-only"),
        pytest.param({"name": "ro"}, Mount("/m", "/pods/v", True), id="read-only by itself"),
        pytest.param(
            {"readOnly": True, "recursiveReadOnly": "Enabled"}, Mount("/m", "/pods/v", True, True), id="recursively"
        ),
        pytest.param(
            {"readOnly": True, "recursiveReadOnly": "Disabled"}, Mount("/m", "/pods/v", True), id="not recursively"
        ),
        pytest.param({"subPath": "folder/"}, Mount("/m", "/pods/v/folder"), id="folder"),
        pytest.param({"subPath": "file"}, Mount("/m", "/pods/v/file"), id="file"),
        pytest.param({"subPath": "within"}, Mount("/m", "/pods/v/within"), id="link that stays"),
        pytest.param({"subPathExpr": "new/$(NAME)"}, Mount("/m", "/pods/v/new/web-0"), id="expanded"),
        pytest.param(
            {"name": "image", "subPath": "bin"},
            Mount("/m", "", True, image="busybox", image_sub_path="bin"),
            id="image",
        ),
    ],
)
def test_a_mount(files: FileSystem, mount: dict[str, Any], made: Mount) -> None:
    assert mounts(files, **mount) == (made,)


def test_a_folder_is_made_with_the_permissions_of_the_volume(files: FileSystem) -> None:
    mounts(files, subPath="new")
    assert files.stat("/pods/v/new").mode & 0o777 == 0o770


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        ({"name": "x"}, 'cannot find volume "x" to mount into container "c"'),
        ({"subPath": "/etc"}, "error SubPath `/etc` must not be an absolute path"),
        ({"subPath": "../x"}, "unable to provision SubPath `../x`: must not contain '..'"),
        ({"subPathExpr": "$(NONE)"}, 'missing value for "NONE"'),
        ({"subPathExpr": "$(EMPTY)/x"}, 'missing value for "EMPTY"'),
        ({"subPath": "file/x"}, 'failed to create subPath directory for volumeMount "v" of container "c"'),
        ({"subPath": "out"}, 'failed to prepare subPath for volumeMount "v" of container "c"'),
    ],
)
def test_a_mount_that_cannot_be(files: FileSystem, mount: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as failure:
        mounts(files, **mount)
    assert str(failure.value) == message


def test_a_doubled_dollar_needs_no_value() -> None:
    mount = VolumeMount(name="v", mount_path="/m", sub_path_expr="$$(NONE)/$(NAME)")
    assert sub_path(mount, ENV) == "$(NONE)/web-0"
