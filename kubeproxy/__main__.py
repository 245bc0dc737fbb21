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
from kubeproxy.dns.options import dns_options
from kubeproxy.dns.server import NameServer
from kubeproxy.dns.settings import Settings as DNSSettings
from kubeproxy.options import proxy_options
from kubeproxy.proxier import Proxier
from kubeproxy.settings import Settings

NAME = "kube-proxy"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@proxy_options
@dns_options(optional=True)
@logging_options
def main(
    server: str,
    healthz_bind_address: tuple[str, int] | None,
    cluster_dns: str,
    dns_port: int,
    cluster_domain: str,
    v: int,
    **options: Any,
) -> None:
    """Let Services be found and reached.

    Listens on every Service's cluster IP, node ports and external addresses, TCP and UDP, and sends what comes on to
    endpoints that are ready. A client of a Service without any is refused. What Services are called is told over DNS,
    as CoreDNS does, on the address of the Service kube-system/kube-dns, which is made when there is none.
    """
    allow_open_files()
    settings = Settings(**options)
    names = DNSSettings(cluster_dns, dns_port, cluster_domain) if cluster_dns else None

    async def run() -> None:
        await serve(server, settings, names, healthz_bind_address)

    run_component(NAME, run, verbosity=v)


async def serve(server: str, settings: Settings, names: DNSSettings | None, healthz: tuple[str, int] | None) -> None:
    """Run the proxy until cancelled.

    Beside it are a name server, if ``names`` has settings for one, and an HTTP server, if ``healthz`` has a place.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(server, user_agent=NAME))
        proxier = Proxier(client, settings)
        name_server = NameServer(client, proxier.services, proxier.slices, names) if names is not None else None
        if healthz is not None:
            listener = sockets.bind(*healthz, option="--healthz-bind-address")
            checks = {"informer-sync": lambda: proxier.synced}
            await stack.enter_async_context(serve_health(listener, ready=checks))
        await client.wait_for_server()
        # Each part of the process is a task of its own; the first that ends takes the others along.
        async with asyncio.TaskGroup() as parts:
            parts.create_task(guard(proxier.run(), "proxier"), name="proxier")
            if name_server is not None:
                parts.create_task(guard(name_server.run(), "name server"), name="name-server")


if __name__ == "__main__":
    main(prog_name="python -m kubeproxy")
