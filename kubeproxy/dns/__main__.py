"""``python -m kubeproxy.dns``: the name server as a process of its own."""

import asyncio
import contextlib

import click

from apimachinery.clock import Clock
from apimachinery.tasks import guard
from componentbase import sockets
from componentbase.health import serve_health
from componentbase.options import client_options, clock_option, health_options, logging_options
from componentbase.process import run_component
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import ENDPOINT_SLICES, SERVICES
from kubeproxy.dns.options import dns_options
from kubeproxy.dns.server import NAME, NameServer
from kubeproxy.dns.settings import Settings


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@dns_options(optional=False)
@health_options(default_port=8181)
@clock_option
@logging_options
def main(
    server: str,
    cluster_dns: str,
    dns_port: int,
    cluster_domain: str,
    bind_address: str,
    secure_port: int,
    clock: Clock,
    v: int,
) -> None:
    """Tell the addresses of Services and endpoints over DNS, as the cluster's CoreDNS does.

    Listens on the address of the Service kube-system/kube-dns, which is made when there is none, and answers what is
    asked about the cluster's domain, and about addresses, over UDP and TCP.
    """

    async def run() -> None:
        await serve(server, Settings(cluster_dns, dns_port, cluster_domain), bind_address, secure_port, clock)

    run_component(NAME, run, verbosity=v)


async def serve(server: str, settings: Settings, bind_address: str, secure_port: int, clock: Clock) -> None:
    """Run the name server with its HTTP server beside it (none when ``secure_port`` is 0) until cancelled."""
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(server, user_agent=NAME, clock=clock))
        services, slices = Informer(client, SERVICES), Informer(client, ENDPOINT_SLICES)
        name_server = NameServer(client, services, slices, settings)
        if secure_port:
            listener = sockets.bind(bind_address, secure_port, option="--secure-port")
            checks = {"answering": lambda: name_server.answering}
            await stack.enter_async_context(serve_health(listener, ready=checks))
        await client.wait_for_server()
        async with asyncio.TaskGroup() as parts:
            for name, work in (
                ("services", services.run()),
                ("endpointslices", slices.run()),
                ("name server", name_server.run()),
            ):
                parts.create_task(guard(work, name), name=name)


if __name__ == "__main__":
    main(prog_name="python -m kubeproxy.dns")
