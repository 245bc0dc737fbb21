"""The proxy's command-line options, under kube-proxy's names (v1.36)."""

import ipaddress

import click

from componentbase.option_kinds import all_of, switch
from kubeproxy.settings import Settings

DEFAULT_HEALTHZ_PORT = 10256

_DEFAULTS = Settings()


def _address(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, int] | None:
    """Read ``IP:PORT``, or an IP alone; nothing, or port 0, is None."""
    if not value:
        return None
    host, colon, port = value.rpartition(":") if value.count(":") == 1 or "]" in value else (value, "", "")
    try:
        ipaddress.ip_address(host.strip("[]"))
        number = int(port) if colon else DEFAULT_HEALTHZ_PORT
    except ValueError:
        raise click.BadParameter(f"{value!r} is not IP or IP:PORT") from None
    if not 0 <= number <= 65535:
        raise click.BadParameter(f"{number} is not a port")
    return (host.strip("[]"), number) if number else None


def _networks(context: click.Context, parameter: click.Parameter, value: str) -> tuple[ipaddress.IPv4Network, ...]:
    try:
        return tuple(ipaddress.IPv4Network(entry.strip()) for entry in value.split(",") if entry.strip())
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


proxy_options = all_of(
    click.option(
        "--healthz-bind-address",
        default=f"127.0.0.1:{DEFAULT_HEALTHZ_PORT}",
        show_default=True,
        metavar="IP:PORT",
        callback=_address,
        help="Where the proxy's own HTTP server is (/healthz, /livez, /readyz). Empty: nowhere.",
    ),
    click.option(
        "--nodeport-addresses",
        default="",
        metavar="CIDRS",
        callback=_networks,
        help="The networks, separated by commas, in which nodes' addresses have node ports. Default: all.",
    ),
    switch(
        "--iptables-localhost-nodeports",
        "localhost_nodeports",
        default=_DEFAULTS.localhost_nodeports,
        what="Whether node ports are on 127.0.0.1 as well.",
    ),
)
"""Add the parameters ``healthz_bind_address`` (host and port, or None) and those of :class:`Settings`."""
