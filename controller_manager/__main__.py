"""``python -m controller_manager``: the controllers as a process."""

from typing import Any

import click

from apimachinery.clock import Clock
from componentbase.options import (
    client_options,
    clock_option,
    health_options,
    leader_election_options,
    logging_options,
)
from componentbase.process import run_component
from controller_manager.cidr_set import CidrSet
from controller_manager.options import (
    autoscaler_options,
    endpoint_options,
    network_options,
    node_options,
    quota_options,
    sync_options,
    volume_options,
)
from controller_manager.registry import controllers, unknown_names
from controller_manager.service_lb import addresses
from controller_manager.serving import NAME, serve
from controller_manager.settings import Settings
from kubeclient.leader_election import Election


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
@network_options
@sync_options
@volume_options
@endpoint_options
@node_options
@autoscaler_options
@quota_options
@leader_election_options(Election, resource_name=NAME)
@health_options(default_port=10257)
@clock_option
@logging_options
def main(
    server: str,
    election: Election | None,
    bind_address: str,
    secure_port: int,
    clock: Clock,
    v: int,
    **options: Any,
) -> None:
    """Bring the cluster to what its objects ask for.

    Runs what Deployments, DaemonSets, StatefulSets, ReplicaSets, Jobs and CronJobs ask for, deletes what has lost its
    owner, empties namespaces that are being deleted, says where Services lead and how many pods may be evicted, gives
    nodes their ranges of pod addresses, gives up nodes that are silent and evicts their pods, claims volumes,
    and scales what has an autoscaler. What the controllers have done is shown by GET /debug/controllers.
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
        await serve(server, settings, bind_address, secure_port, election=election, clock=clock)

    run_component(NAME, run, verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m controller_manager")
