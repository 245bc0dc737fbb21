"""Who containers run as."""

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.image import FakeImage
from kubelet.fake.tree import build_tree
from kubelet.fake.users import container_user
from kubelet.runtime import ContainerConfig, LinuxContainerUser

TREE = build_tree({"/etc/passwd": b"root:x:0:0:root:/root:/bin/sh\napp:x:100:101:App:/:/bin/false\nbroken\n"})


@pytest.mark.parametrize(
    ("image_user", "user", "group", "expected"),
    [
        pytest.param(0, None, None, (0, 0), id="root"),
        pytest.param("app", None, None, (100, 101), id="the image's, by name"),
        pytest.param(100, None, None, (100, 101), id="the image's, by number"),
        pytest.param("nobody-has-it", None, None, (0, 0), id="no such name"),
        pytest.param("app", 5, None, (5, 0), id="configured, without an entry"),
        pytest.param(0, 100, 7, (100, 7), id="configured group"),
    ],
)
def test_users(image_user: int | str, user: int | None, group: int | None, expected: tuple[int, int]) -> None:
    image = FakeImage(TREE, user=image_user)
    config = ContainerConfig("c", "i", run_as_user=user, run_as_group=group, supplemental_groups=[9, expected[1]])
    found = container_user(FileSystem(ManualClock(), TREE), image, config)
    assert found == LinuxContainerUser(*expected, (expected[1], 9))
