"""``python -m controller_manager``: the controllers as a process."""

from typing import Any

import click

from apimachinery.clock import Clock
from componentbase.options import client_options, clock_option, health_options, logging_options
from componentbase.process import run_component
from controller_manager.cidr_set import CidrSet
from controller_manager.options import count, endpoint_options, node_options
from controller_manager.registry import controllers, unknown_names
from controller_manager.service_lb import addresses
from controller_manager.serving import NAME, serve
from controller_manager.settings import Settings

_DEFAULTS = Settings()


def _controllers(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    selection = tuple(entry.strip() for entry in value.split(",") if entry.strip())
    unknown = unknown_names(selection, controllers())
    if unknown:
        raise click.BadParameter(f'"{unknown[0]}" is not in the list of known controllers: {", ".join(controllers())}')
    return selection


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@click.option(
    "--controllers",
    default="*",
    show_default=True,
    metavar="LIST",
    callback=_controllers,
    help="Which controllers run, separated by commas: '*' all, 'foo' the controller foo, '-foo' all but foo. "
    f"Controllers: {', '.join(controllers())}.",
)
@click.option(
    "--allocate-node-cidrs",
    type=bool,
    default=_DEFAULTS.allocate_node_cidrs,
    show_default=True,
    metavar="BOOL",
    help="Whether every node is given a range of pod addresses.",
)
@click.option(
    "--cluster-cidr",
    default=_DEFAULTS.cluster_cidr,
    show_default=True,
    metavar="CIDR",
    help="The range that nodes' ranges are taken from.",
)
@click.option(
    "--load-balancer-cidr",
    default=_DEFAULTS.load_balancer_cidr,
    show_default=True,
    metavar="CIDR",
    help="The IPv4 range that the addresses of Services of type LoadBalancer are taken from. Must not overlap with the "
    "ranges of pods and of cluster addresses.",
)
@click.option(
    "--node-cidr-mask-size",
    type=click.IntRange(1, 128),
    default=_DEFAULTS.node_cidr_mask_size,
    show_default=True,
    metavar="BITS",
    help="Prefix length of one node's range.",
)
@count("--concurrent-daemonset-syncs", "How many DaemonSets are brought in line at once.", minimum=1)
@count("--concurrent-deployment-syncs", "How many Deployments are brought one step further at once.", minimum=1)
@count("--concurrent-replicaset-syncs", "How many ReplicaSets are brought in line at once.", minimum=1)
@count("--concurrent-rc-syncs", "How many ReplicationControllers are brought in line at once.", minimum=1)
@count("--concurrent-job-syncs", "How many Jobs are brought in line at once.", minimum=1)
@count("--concurrent-cron-job-syncs", "How many CronJobs are looked at at once.", minimum=1)
@count("--concurrent-ttl-after-finished-syncs", "How many Jobs that have ended are looked at at once.", minimum=1)
@count("--concurrent-statefulset-syncs", "How many StatefulSets are brought one step further at once.", minimum=1)
@count("--concurrent-service-syncs", "How many Services are given a load balancer's address at once.", minimum=1)
@count("--concurrent-gc-syncs", "How many objects are garbage-collected at once.", minimum=1)
@count("--concurrent-namespace-syncs", "How many namespaces are emptied at once.", minimum=1)
@click.option(
    "--enable-dynamic-provisioning",
    type=bool,
    default=_DEFAULTS.enable_dynamic_provisioning,
    show_default=True,
    metavar="BOOL",
    help="Whether volumes are made for claims. A cluster without a storage class 'standard' gets one at the start.",
)
@endpoint_options
@node_options
@health_options(default_port=10257)
@clock_option
@logging_options
def main(server: str, bind_address: str, secure_port: int, clock: Clock, v: int, **options: Any) -> None:
    """Bring the cluster to what its objects ask for.

    Runs what Deployments, DaemonSets, StatefulSets, ReplicaSets, Jobs and CronJobs ask for, deletes what has lost its
    owner, empties namespaces that are being deleted, says where Services lead and how many pods may be evicted, gives
    nodes their ranges of pod addresses, gives up nodes that are silent and evicts their pods, and claims volumes. What
    the controllers have done is shown by GET /debug/controllers.
    """
    settings = Settings(**options)
    try:
        CidrSet(settings.cluster_cidr, settings.node_cidr_mask_size)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--cluster-cidr") from error
    try:
        addresses(settings.load_balancer_cidr)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--load-balancer-cidr") from error

    async def run() -> None:
        await serve(server, settings, bind_address, secure_port, clock=clock)

    run_component(NAME, run, verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m controller_manager")
