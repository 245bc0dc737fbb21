"""``python -m apiserver``"""

from typing import Any

import click

from apiserver.server import serve
from apiserver.settings import Settings
from componentbase.options import logging_options
from componentbase.process import run_component

_DEFAULTS = Settings()


def names(context: click.Context, option: click.Parameter, given: str) -> tuple[str, ...]:
    """Read a list of names with commas between them."""
    return tuple(name for name in (part.strip() for part in given.split(",")) if name)


@click.command(name="apiserver", context_settings={"max_content_width": 100})
@click.option(
    "--bind-address",
    default=_DEFAULTS.bind_address,
    show_default=True,
    metavar="IP",
    help="Address to listen on. There is no authentication: choose another than loopback only on purpose.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_DEFAULTS.port,
    show_default=True,
    metavar="PORT",
    help="Port to serve plain HTTP on; 0 lets the system choose one, which is then logged.",
)
@click.option(
    "--watch-history",
    type=click.IntRange(min=1),
    default=_DEFAULTS.watch_history,
    show_default=True,
    metavar="WRITES",
    help="How many writes are remembered, for watches that resume and for paged lists. Older resource "
    "versions are answered with 410 Expired.",
)
@click.option(
    "--service-cluster-ip-range",
    default=_DEFAULTS.service_cluster_ip_range,
    show_default=True,
    metavar="CIDR",
    help="IPv4 network to give services their cluster addresses from. Must not overlap with the nodes' pod networks.",
)
@click.option(
    "--service-node-port-range",
    default=_DEFAULTS.service_node_port_range,
    show_default=True,
    metavar="LOW-HIGH",
    help="Ports to give services of type NodePort and LoadBalancer; both ends belong to the range.",
)
@click.option(
    "--enable-admission-plugins",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Admission plugins to run beside those that are on by default. The order of names does not matter.",
)
@click.option(
    "--disable-admission-plugins",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Admission plugins not to run although they are on by default.",
)
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Seed of generated names and uids, for runs that repeat. Drawn anew by default.",
)
@logging_options
def main(v: int, **options: Any) -> None:
    """Serve the Kubernetes API over a store in memory.

    Everything is forgotten when the process ends.
    """
    # Options are named after the settings they fill.
    settings = Settings(**options)
    run_component("apiserver", lambda: serve(settings), verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m apiserver")
