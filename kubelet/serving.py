"""The kubelets of a process with what surrounds them: their client, and the images that they know."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from apimachinery.clock import Clock
from apimachinery.quantity import parse_quantity
from apimachinery.tasks import guard
from componentbase.garbage import search_rarely
from kubeclient.client import Client
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.container_log import LogStore
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.fleet import Fleet
from kubelet.images.builtin import catalogue
from kubelet.images.declared.objects import FakeImageObjects
from kubelet.images.plugins import load_installed
from kubelet.instance import this_instance
from kubelet.kubelet import NodeRuntime
from kubelet.settings import Settings

NAME = "kubelet"


def known_images(unpullable: Sequence[str], files: Sequence[str] = ()) -> Catalogue:
    """Return the images that are built in, installed, and in ``files``, which are paths of files and folders.

    ``unpullable`` are the patterns of those that no node can pull.
    """
    images = catalogue(unpullable)
    load_installed(images)
    if files:
        # Kubelets without such files, which is nearly all, do not need what checks them.
        from kubelet.images.declared.files import load_images

        for path in files:
            load_images(path, images)
    return images


async def serve(
    server: str, nodes: Sequence[Settings], images: Catalogue, *, follow_objects: bool, clock: Clock | None = None
) -> None:
    """Run the kubelets of these nodes with the fake runtime until cancelled.

    ``images`` is added to by the ``FakeImage`` objects of the API, if they are to be followed.
    """
    search_rarely()

    def open_runtime(cidr: str, settings: Settings) -> AbstractAsyncContextManager[NodeRuntime]:
        return fake_runtime(cidr, client.clock, settings, images)

    who = nodes[0].node_name if len(nodes) == 1 else f"{len(nodes)}-nodes"
    async with Client(server, user_agent=f"{NAME}/{who}", clock=clock) as client:
        fleet = Fleet(client, nodes, open_runtime, instance=this_instance())
        if not follow_objects:
            await fleet.run_to_shutdown()
            return
        async with asyncio.TaskGroup() as group:
            following = group.create_task(
                guard(FakeImageObjects(client, images).run(), "fake image objects"), name="fake-image-objects"
            )
            await fleet.run_to_shutdown()
            following.cancel()


def fake_runtime(
    cidr: str, clock: Clock, settings: Settings, images: Catalogue
) -> AbstractAsyncContextManager[NodeRuntime]:
    """Return a fake runtime for pods with addresses from ``cidr``."""
    return FakeRuntime(
        clock=clock,
        network=PodNetwork(cidr, node_address=settings.node_ip),
        rng=settings.rng("runtime"),
        images=images,
        exposed=settings.exposed_host_paths,
        logs=LogStore(int(parse_quantity(settings.container_log_max_size)), settings.container_log_max_files),
    )
