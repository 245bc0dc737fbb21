"""``python -m scheduler``: the scheduler as a process."""

import contextlib

import click

from componentbase import sockets
from componentbase.health import serve_health
from componentbase.options import client_options, health_options, logging_options
from componentbase.process import run_component
from kubeclient.client import Client
from scheduler.debug import DECISIONS_PATH, decisions_page
from scheduler.scheduler import Scheduler
from scheduler.settings import Settings

NAME = "scheduler"

# Besides bindings, events and conditions want connections.
_SPARE_CONNECTIONS = 16


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Choose among equally good nodes by this seed, so that the same history gives the same placements.",
)
@health_options(default_port=10259)
@logging_options
def main(server: str, seed: int | None, bind_address: str, secure_port: int, v: int) -> None:
    """Find a node for every pod that has none.

    Watches nodes and pods of the API server, filters and scores the nodes for each waiting pod, and binds it to the
    best. Why a pod went where it is, or waits, is answered by GET /debug/decisions/NAMESPACE/POD.
    """

    async def run() -> None:
        await serve(server, Settings(seed=seed), bind_address, secure_port)

    run_component(NAME, run, verbosity=v)


async def serve(server: str, settings: Settings, bind_address: str, secure_port: int) -> None:
    """Run the scheduler with its HTTP server beside it (none when ``secure_port`` is 0) until cancelled."""
    async with contextlib.AsyncExitStack() as stack:
        client = Client(server, user_agent=NAME, connections=settings.parallel_binds + _SPARE_CONNECTIONS)
        await stack.enter_async_context(client)
        scheduler = Scheduler(client, settings)
        if secure_port:
            listener = sockets.bind(bind_address, secure_port, option="--secure-port")
            pages = {DECISIONS_PATH: decisions_page(scheduler.decisions, scheduler.framework.interests)}
            checks = {"informer-sync": lambda: scheduler.synced}
            await stack.enter_async_context(serve_health(listener, ready=checks, pages=pages))
        await client.wait_for_server()
        await scheduler.run()


if __name__ == "__main__":
    main(prog_name="python -m scheduler")
