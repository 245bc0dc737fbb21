"""Command-line options of the name server; those that kubelets have too have the same names and defaults."""

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar

import click

from componentbase.option_kinds import all_of, port
from kubeproxy.dns.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULTS = Settings()


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value and not parameter.required:
        return ""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not an IP address") from None


def _domain(context: click.Context, parameter: click.Parameter, value: str) -> str:
    domain = value.strip(".").lower()
    if not domain or not all(0 < len(label) <= 63 for label in domain.split(".")):
        raise click.BadParameter(f"{value!r} is not a domain")
    return domain


def dns_options(*, optional: bool) -> Callable[[F], F]:
    """Add ``--cluster-dns``, ``--dns-port`` and ``--cluster-domain``, parameters of the same names.

    The first may be empty where the server is ``optional``.
    """
    return all_of(
        click.option(
            "--cluster-dns",
            default=_DEFAULTS.address,
            required=not optional,
            show_default=True,
            metavar="IP",
            callback=_address,
            help="Address that the name server listens on: the cluster address of the Service kube-system/kube-dns."
            + (" Empty: there is none." if optional else ""),
        ),
        port(
            "--dns-port",
            default=_DEFAULTS.port,
            what="Its port, over UDP and TCP. 64000 more is taken where a port below 1024 may not be bound; "
            "0 takes any free one.",
        ),
        click.option(
            "--cluster-domain",
            default=_DEFAULTS.domain,
            show_default=True,
            metavar="DOMAIN",
            callback=_domain,
            help="Domain of the cluster, of which the name server tells.",
        ),
    )
