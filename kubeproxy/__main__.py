"""``python -m kubeproxy``: Services' addresses as a process."""

from typing import Any

import click

from apimachinery.clock import Clock
from componentbase.options import client_options, clock_option, logging_options
from componentbase.process import run_component
from kubeproxy.dns.options import dns_options
from kubeproxy.dns.settings import Settings as DNSSettings
from kubeproxy.options import proxy_options
from kubeproxy.serving import NAME, serve
from kubeproxy.settings import Settings


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@proxy_options
@dns_options(optional=True)
@clock_option
@logging_options
def main(
    server: str,
    healthz_bind_address: tuple[str, int] | None,
    cluster_dns: str,
    dns_port: int,
    cluster_domain: str,
    clock: Clock,
    v: int,
    **options: Any,
) -> None:
    """Let Services be found and reached.

    Listens on every Service's cluster IP, node ports and external addresses, TCP and UDP, and sends what comes on to
    endpoints that are ready. A client of a Service without any is refused. What Services are called is told over DNS,
    as CoreDNS does, on the address of the Service kube-system/kube-dns, which is made when there is none.
    """
    settings = Settings(**options)
    names = DNSSettings(cluster_dns, dns_port, cluster_domain) if cluster_dns else None

    async def run() -> None:
        await serve(server, settings, names, healthz_bind_address, clock=clock)

    run_component(NAME, run, verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m kubeproxy")
