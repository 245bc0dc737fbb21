"""Removes images that nobody uses when the disk fills up (``pkg/kubelet/images/image_gc_manager.go``, v1.36)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from apimachinery.clock import Clock
from kubeclient.events import WARNING, EventRecorder
from kubelet.eviction.manager import NodeUsage, observe
from kubelet.eviction.thresholds import Observation, Signal
from kubelet.node import node_reference
from kubelet.runtime import ContainerRuntime, Image
from kubelet.settings import Settings

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 300.0


@dataclass(slots=True)
class Seen:
    """When an image was first found on the node, and when it was last in use, on the monotonic clock."""

    detected: float
    used: float = float("-inf")


def to_free(disk: Observation, *, high: int, low: int) -> int:
    """Return how many bytes have to go: none below ``high`` per cent of the disk, else what brings it to ``low``."""
    if 100 - int(disk.available * 100 / disk.capacity) < high:
        return 0
    return int(disk.capacity * (100 - low) / 100 - disk.available)


def removable(images: Iterable[Image], seen: Mapping[str, Seen], now: float, least_age: float) -> list[Image]:
    """Return the images that may go, in the order in which they do: those unused for longest first.

    ``seen`` has been brought up to date at ``now``. An image stays for ``least_age`` seconds, used or not.
    """
    found = [image for image in images if (was := seen[image.id]).used < now and now - was.detected >= least_age]
    return sorted(found, key=lambda image: (seen[image.id].used, seen[image.id].detected))


class ImageGC:
    """Looks at a node's disk every five minutes; ``run()`` does, :meth:`step` looks once."""

    def __init__(
        self,
        settings: Settings,
        runtime: ContainerRuntime,
        *,
        usage: Callable[[], NodeUsage],
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._runtime = runtime
        self._usage = usage
        self._recorder = recorder
        self._clock = clock
        self._seen: dict[str, Seen] = {}
        self._failed = False
        self._node = node_reference(settings.node_name)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.step()
            await self._clock.sleep(PERIOD_SECONDS)

    async def step(self) -> None:
        """Remove images if too little of the disk is left, as many as it takes."""
        disk = observe(self._settings, self._usage())[Signal.IMAGEFS]
        wanted = to_free(
            disk,
            high=self._settings.image_gc_high_threshold,
            low=self._settings.image_gc_low_threshold,
        )
        freed = await self._free(wanted, self._settings.minimum_image_ttl_duration)
        if freed >= wanted:
            self._failed = False
            return
        message = (
            f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, "
            f"but only found {freed} bytes eligible to free."
        )
        self._recorder.event(self._node, WARNING, "FreeDiskSpaceFailed", message)
        if self._failed:
            self._recorder.event(self._node, WARNING, "ImageGCFailed", message)
        self._failed = True

    async def delete_unused(self) -> None:
        """Remove every image that is not in use, however young."""
        await self._free(None, 0.0)

    async def _free(self, wanted: int | None, least_age: float) -> int:
        """Remove images until ``wanted`` bytes are free, all that may go for ``None``; return how many bytes went."""
        now = self._clock.monotonic()
        images = self._runtime.list_images()
        self._note(images, now)
        freed = 0
        for image in removable(images, self._seen, now, least_age):
            if wanted is not None and freed >= wanted:
                break
            logger.info("node %s: removing image %s to free %d bytes", self._node.name, image.repo_tags[0], image.size)
            await self._runtime.remove_image(image.repo_tags[0])
            del self._seen[image.id]
            freed += image.size
        return freed

    def _note(self, images: Iterable[Image], now: float) -> None:
        """Take note of which images there are, and which are in use."""
        used = {status.image_ref for status in self._runtime.list_containers()}
        present = {image.id for image in images}
        self._seen = {image: was for image, was in self._seen.items() if image in present}
        for image in present:
            self._seen.setdefault(image, Seen(now))
            if image in used:
                self._seen[image].used = now
