"""``python -m scheduler``: the scheduler as a process."""

from pathlib import Path

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
from kubeclient.leader_election import Election
from scheduler.config.load import load
from scheduler.framework.interface import Profile
from scheduler.serving import LEASE, NAME, serve
from scheduler.settings import Settings


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Read profiles, plugins and their arguments from a KubeSchedulerConfiguration "
    "(kubescheduler.config.k8s.io/v1) in YAML or JSON.",
)
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Choose among equally good nodes by this seed, so that the same history gives the same placements.",
)
@leader_election_options(Election, resource_name=LEASE)
@health_options(default_port=10259)
@clock_option
@logging_options
def main(
    server: str,
    config: Path | None,
    seed: int | None,
    election: Election | None,
    bind_address: str,
    secure_port: int,
    clock: Clock,
    v: int,
) -> None:
    """Find a node for every pod that has none.

    Watches nodes and pods of the API server, filters and scores the nodes for each waiting pod, and binds it to the
    best. Why a pod went where it is, or waits, is answered by GET /debug/decisions/NAMESPACE/POD.
    """

    async def run() -> None:
        settings, chosen = Settings(seed=seed), election
        profiles: tuple[Profile, ...] = ()
        if config is not None:
            loaded = load(config)
            settings, profiles, chosen = loaded.applied_to(settings), loaded.profiles, loaded.election(election)
        await serve(server, settings, bind_address, secure_port, profiles=profiles, election=chosen, clock=clock)

    run_component(NAME, run, verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m scheduler")
