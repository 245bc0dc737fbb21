"""``python -m kubeproxy``: Services' addresses as a process."""

import asyncio
import contextlib
from typing import Any

import click

from apimachinery.tasks import guard
from componentbase import sockets
from componentbase.health import serve_health
from componentbase.open_files import allow_open_files
from componentbase.options import client_options, logging_options
from componentbase.process import run_component
from kubeclient.client import Client
from kubeproxy.options import proxy_options
from kubeproxy.proxier import Proxier
from kubeproxy.settings import Settings

NAME = "kube-proxy"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@proxy_options
@logging_options
def main(server: str, healthz_bind_address: tuple[str, int] | None, v: int, **options: Any) -> None:
    """Let Services be reached.

    Listens on every Service's cluster IP, node ports and external addresses, TCP and UDP, and sends what comes on to
    endpoints that are ready. A client of a Service without any is refused.
    """
    allow_open_files()
    settings = Settings(**options)

    async def run() -> None:
        await serve(server, settings, healthz_bind_address)

    run_component(NAME, run, verbosity=v)


async def serve(server: str, settings: Settings, healthz: tuple[str, int] | None) -> None:
    """Run the proxy, with its HTTP server beside it where ``healthz`` says one is to be, until cancelled."""
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(server, user_agent=NAME))
        proxier = Proxier(client, settings)
        if healthz is not None:
            listener = sockets.bind(*healthz, option="--healthz-bind-address")
            checks = {"informer-sync": lambda: proxier.synced}
            await stack.enter_async_context(serve_health(listener, ready=checks))
        await client.wait_for_server()
        # Each part of the process is a task of its own; the first that ends takes the others along.
        async with asyncio.TaskGroup() as parts:
            parts.create_task(guard(proxier.run(), "proxier"), name="proxier")


if __name__ == "__main__":
    main(prog_name="python -m kubeproxy")
