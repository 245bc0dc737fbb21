"""Groups and owners of volumes' files."""

from typing import Any

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.volumes.ownership import ON_ROOT_MISMATCH, group_mode, only_user, set_ownership
from tests.kubelet.builders import container, make_pod


@pytest.mark.parametrize(
    ("mode", "folder", "read_only", "wanted"),
    [
        pytest.param(0o600, False, False, 0o660, id="file"),
        pytest.param(0o600, False, True, 0o640, id="read-only file"),
        pytest.param(0o755, True, False, 0o2775, id="folder"),
        pytest.param(0o700, True, True, 0o2750, id="read-only folder"),
        pytest.param(0o777, False, False, 0o777, id="nothing to add"),
    ],
)
def test_what_the_group_may(mode: int, folder: bool, read_only: bool, wanted: int) -> None:
    assert group_mode(mode, folder=folder, read_only=read_only) == wanted


def test_everything_in_a_volume_is_given_to_the_group() -> None:
    files = FileSystem(ManualClock())
    files.mkdir("/v/d", parents=True)
    files.write("/v/d/f", b"", mode=0o600)
    files.symlink("d/f", "/v/l")
    set_ownership(files, "/v", None)
    assert files.stat("/v").gid == 0
    set_ownership(files, "/v", 2000)
    found = {path: files.stat(path, follow=False) for path in ("/v", "/v/d", "/v/d/f", "/v/l")}
    assert {path: (stat.gid, stat.mode & 0o7777) for path, stat in found.items()} == {
        "/v": (2000, 0o2775),
        "/v/d": (2000, 0o2775),
        "/v/d/f": (2000, 0o660),
        "/v/l": (2000, 0o777),
    }
    files.chown("/v/d/f", 0, 7)
    set_ownership(files, "/v", 2000, policy=ON_ROOT_MISMATCH)
    assert files.stat("/v/d/f").gid == 7, "the folder is right, so nobody looks into it"
    set_ownership(files, "/v", 2000)
    assert files.stat("/v/d/f").gid == 2000


@pytest.mark.parametrize(
    ("pod", "containers", "user"),
    [
        pytest.param(None, [None], None, id="nobody says"),
        pytest.param(1000, [None, None], 1000, id="the pod says"),
        pytest.param(1000, [None, 2000], None, id="one differs"),
        pytest.param(None, [3000, 3000], 3000, id="the containers agree"),
        pytest.param(None, [3000, None], None, id="one does not say"),
    ],
)
def test_the_one_user_of_a_pod(pod: int | None, containers: list[int | None], user: int | None) -> None:
    def made(name: str, run_as: int | None) -> dict[str, Any]:
        return container(name, **({"securityContext": {"runAsUser": run_as}} if run_as is not None else {}))

    security = {"runAsUser": pod} if pod is not None else {}
    made_pod = make_pod(
        *(made(f"c{number}", run_as) for number, run_as in enumerate(containers)), securityContext=security
    )
    assert only_user(made_pod) == user
