"""Images that go when the disk fills up."""

from collections.abc import AsyncIterator
from fractions import Fraction

import pytest

from kubelet.eviction.manager import EvictionManager, NodeUsage
from kubelet.eviction.thresholds import Observation
from kubelet.image_gc import ImageGC, Seen, removable, to_free
from kubelet.runtime import Image
from kubelet.settings import Settings
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig

SETTINGS = Settings("node-1", ephemeral_storage="1000Mi", eviction_pressure_transition_period=30.0)
MIB = 1024**2


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        pytest.param(160, 0, id="84 per cent in use"),
        pytest.param(150, 50, id="85 per cent in use: down to 80"),
        pytest.param(0, 200, id="full"),
    ],
)
def test_to_free(available: int, expected: int) -> None:
    disk = Observation(Fraction(1000), Fraction(available))
    assert to_free(disk, high=85, low=80) == expected


def test_those_unused_for_longest_go_first() -> None:
    images = [Image(name, [name], 1) for name in ("busy", "late", "never", "early", "young")]
    seen = {
        "busy": Seen(0, 200),
        "late": Seen(0, 150),
        "never": Seen(10),
        "early": Seen(0, 50),
        "young": Seen(90),
    }
    found = removable(images, seen, now=200, least_age=120)
    assert [image.id for image in found] == ["never", "early", "late"]


class Disk:
    """A rig whose disk holds its images and ``other`` bytes more."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.other = 0
        self.images = ImageGC(SETTINGS, rig.runtime, usage=self.usage, recorder=rig.events, clock=rig.clock)
        self.eviction = EvictionManager(
            SETTINGS,
            rig.workers,
            usage=self.usage,
            recorder=rig.events,
            clock=rig.clock,
            changed=lambda: None,
            delete_unused_images=self.images.delete_unused,
        )

    def usage(self) -> NodeUsage:
        return NodeUsage(images=sum(image.size for image in self.rig.runtime.list_images()) + self.other)

    @property
    def names(self) -> set[str]:
        return {tag.split("/")[-1] for image in self.rig.runtime.list_images() for tag in image.repo_tags}


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    async with open_rig() as rig:
        for image in ("nginx:1.27", "redis:7", "busybox:1.36"):
            await rig.runtime.pull_image(image)
        await rig.add(make_pod(container(image="busybox:1.36", command=["sleep", "1000"])))
        yield Disk(rig)


async def test_unused_images_make_room(disk: Disk) -> None:
    disk.other = 1000 * MIB - disk.usage().images - 149 * MIB
    await disk.images.step()
    assert {"nginx:1.27", "redis:7", "busybox:1.36"} <= disk.names, "they are young"
    assert any(seen.startswith("FreeDiskSpaceFailed: ") for seen in disk.rig.events.seen)
    assert not any(seen.startswith("ImageGCFailed: ") for seen in disk.rig.events.seen)
    await disk.rig.clock.advance(121)
    await disk.images.step()
    assert "busybox:1.36" in disk.names
    assert not {"nginx:1.27", "redis:7"} <= disk.names


async def test_a_second_failure_is_told_as_such(disk: Disk) -> None:
    disk.other = 2000 * MIB
    for _ in range(2):
        await disk.images.step()
    assert any(
        seen.startswith("ImageGCFailed: Failed to garbage collect required amount of images. Attempted to free ")
        and seen.endswith(" bytes, but only found 0 bytes eligible to free.")
        for seen in disk.rig.events.seen
    )


async def test_images_go_before_pods_do(disk: Disk) -> None:
    pod = make_pod(container(image="busybox:1.36", command=["sleep", "1000"]))
    disk.other = 1000 * MIB - disk.usage().images - 140 * MIB
    await disk.eviction.step()
    assert disk.names == {"busybox:1.36"}
    assert "EvictionThresholdMet: Attempting to reclaim ephemeral-storage" in disk.rig.events.seen
    assert disk.rig.status(pod).phase == "Running"
