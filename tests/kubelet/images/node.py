"""A node that runs images, and how its pods are reached from outside."""

from typing import Any

from apimachinery.clock import ManualClock
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.testing import Bench


class Node(Bench):
    """A bench with pods of given images, reached over HTTP."""

    def __init__(self, runtime: FakeRuntime, clock: ManualClock, network: PodNetwork, images: Catalogue) -> None:
        super().__init__(runtime, clock.advance)
        self.fake = runtime
        self.clock = clock
        self.network = network
        self.images = images

    async def start(self, image: str, *args: str, name: str = "pod", **changes: Any) -> str:
        """Run a pod with one container of an image's own program; return the container's id."""
        await self.runtime.pull_image(image)
        pod = await self.sandbox(name)
        started = await self.run(pod, image=image, command=(), args=args, **changes)
        await self.pass_time(0)
        return started

    def ip(self, container_id: str) -> str:
        status = self.runtime.container_status(container_id)
        return self.runtime.pod_sandbox_status(status.sandbox_id).ip

    def url(self, container_id: str, path: str = "/", port: int = 80) -> str:
        host, real = self.network.endpoint(self.ip(container_id), port)
        return f"http://{host}:{real}{path}"

    def entries(self, container_id: str) -> list[str]:
        return [entry.line.decode() for entry in self.runtime.container_log(container_id)]
