"""Command-line options of the name server; those that kubelets have too have the same names and defaults."""

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kubeproxy.dns.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULTS = Settings()


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not an IP address") from None


def _domain(context: click.Context, parameter: click.Parameter, value: str) -> str:
    domain = value.strip(".").lower()
    if not domain or not all(0 < len(label) <= 63 for label in domain.split(".")):
        raise click.BadParameter(f"{value!r} is not a domain")
    return domain


def dns_options(command: F) -> F:
    """Add ``--cluster-dns``, ``--dns-port`` and ``--cluster-domain``, parameters of the same names."""
    options = [
        click.option(
            "--cluster-dns",
            default=_DEFAULTS.address,
            show_default=True,
            metavar="IP",
            callback=_address,
            help="Address to listen on: the cluster address of the Service kube-system/kube-dns.",
        ),
        click.option(
            "--dns-port",
            type=click.IntRange(0, 65535),
            default=_DEFAULTS.port,
            show_default=True,
            metavar="PORT",
            help="Port to listen on, over UDP and TCP. 64000 more is taken where a port below 1024 may not be bound; "
            "0 takes any free one.",
        ),
        click.option(
            "--cluster-domain",
            default=_DEFAULTS.domain,
            show_default=True,
            metavar="DOMAIN",
            callback=_domain,
            help="Domain of the cluster.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
