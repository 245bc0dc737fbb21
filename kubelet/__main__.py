"""``python -m kubelet``: the kubelet as a process."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import click
from click.core import ParameterSource

from apimachinery.clock import Clock
from apimachinery.tasks import guard
from componentbase.garbage import search_rarely
from componentbase.open_files import allow_open_files
from componentbase.options import client_options, logging_options
from componentbase.process import run_component
from kubeclient.client import Client
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.fleet import Fleet
from kubelet.images.catalogue import catalogue
from kubelet.images.declared.objects import FakeImageObjects
from kubelet.images.plugins import load_installed
from kubelet.instance import this_instance
from kubelet.kubelet import NodeRuntime
from kubelet.node_shapes import counted_nodes, read_shapes, with_manifests
from kubelet.options import (
    dns_options,
    identity_options,
    image_options,
    offer_options,
    registration_options,
    reserve_options,
    seed_option,
    server_options,
    settings_of,
    shutdown_options,
    state_option,
    static_pod_options,
)
from kubelet.settings import Settings

NAME = "kubelet"

_ALTERNATIVES = ("node_name", "nodes", "node_shapes")
_ONE_NODE_ONLY = ("node_ip", "provider_id", "healthz_bind_address", "pod_cidr")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@identity_options
@registration_options
@offer_options
@reserve_options
@shutdown_options
@static_pod_options
@image_options
@server_options
@dns_options
@state_option
@seed_option
@logging_options
@click.pass_context
def main(context: click.Context, /, server: str, v: int, **options: Any) -> None:
    """Be a node, or many: run the pods that are bound to it, and report how they are.

    Registers the node with the API server, waits for its range of pod addresses (a controller of the controller
    manager gives it), and runs pods in a fake container runtime with real addresses on loopback.
    """
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    _check_together(given)
    base = settings_of(options)

    async def run() -> None:
        nodes, images = _nodes(base, options), _catalogue(base, options)
        await serve(server, nodes, images, follow_objects=options["fake_image_objects"])

    run_component(NAME, run, verbosity=v)


def _check_together(given: set[str]) -> None:
    """Refuse options that contradict one another."""
    chosen = [name for name in _ALTERNATIVES if name in given]
    if len(chosen) > 1:
        raise click.UsageError(f"{_option(chosen[0])} and {_option(chosen[1])} cannot both be given")
    for name in _ONE_NODE_ONLY:
        if name in given and {"nodes", "node_shapes"} & given:
            raise click.UsageError(f"{_option(name)} is for a process of one node")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _nodes(base: Settings, options: Mapping[str, Any]) -> list[Settings]:
    """Return the settings of each node that the options ask for; ``base`` has what they say of all."""
    if options["node_shapes"] is not None:
        found = read_shapes(options["node_shapes"], base)
    elif options["nodes"] is not None:
        found = counted_nodes(base, options["name_prefix"], options["nodes"])
    else:
        found = [base]
    return with_manifests(found)


def _catalogue(base: Settings, options: Mapping[str, Any]) -> Catalogue:
    """Return the images that are built in, installed, and in files that the options name."""
    images = catalogue(base.unpullable_images)
    load_installed(images)
    if options["image_files"]:
        # Kubelets without such files, which is nearly all, do not need what checks them.
        from kubelet.images.declared.files import load_images

        for path in options["image_files"]:
            load_images(path, images)
    return images


async def serve(server: str, nodes: Sequence[Settings], images: Catalogue, *, follow_objects: bool) -> None:
    """Run the kubelets of these nodes with the fake runtime until cancelled.

    ``images`` is added to by the ``FakeImage`` objects of the API, if they are to be followed.
    """
    allow_open_files()
    search_rarely()

    def open_runtime(cidr: str, settings: Settings) -> AbstractAsyncContextManager[NodeRuntime]:
        return fake_runtime(cidr, client.clock, settings, images)

    who = nodes[0].node_name if len(nodes) == 1 else f"{len(nodes)}-nodes"
    async with Client(server, user_agent=f"{NAME}/{who}") as client:
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
    )


if __name__ == "__main__":
    main()
