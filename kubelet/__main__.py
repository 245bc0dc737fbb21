"""``python -m kubelet``: the kubelet as a process."""

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from apimachinery.clock import Clock
from componentbase.options import client_options, clock_option, logging_options
from componentbase.process import run_component
from kubelet.equal_nodes import counted_nodes, with_manifests
from kubelet.node_shapes import read_shapes
from kubelet.options import (
    dns_options,
    identity_options,
    image_options,
    log_options,
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
from kubelet.serving import NAME, known_images, serve
from kubelet.settings import Settings

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
@log_options
@server_options
@dns_options
@state_option
@seed_option
@clock_option
@logging_options
@click.pass_context
def main(context: click.Context, /, server: str, clock: Clock, v: int, **options: Any) -> None:
    """Be a node, or many: run the pods that are bound to it, and report how they are.

    Registers the node with the API server, waits for its range of pod addresses (a controller of the controller
    manager gives it), and runs pods in a fake container runtime with real addresses on loopback.
    """
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    _check_together(given)
    base = settings_of(options)

    async def run() -> None:
        images = known_images(base.unpullable_images, options["image_files"])
        await serve(server, _nodes(base, options), images, follow_objects=options["fake_image_objects"], clock=clock)

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


if __name__ == "__main__":
    main()
