"""Command-line options that several components have, under upstream's names where upstream has them.

>>> @click.command()                     # doctest: +SKIP
... @client_options
... @health_options(default_port=10259)
... @logging_options
... def main(server: str, bind_address: str, secure_port: int, v: int) -> None: ...
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from apimachinery.clock import Clock, parse_time_scale
from componentbase.option_kinds import all_of, duration, port, switch

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_SERVER = "http://127.0.0.1:8080"


def _server_url(context: click.Context, parameter: click.Parameter, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise click.BadParameter(f"{value!r} is not an http:// or https:// URL")
    return value.rstrip("/")


def client_options(command: F) -> F:
    """Add ``--server`` (parameter ``server``): where the API server is."""
    return click.option(
        "--server",
        default=DEFAULT_SERVER,
        show_default=True,
        metavar="URL",
        callback=_server_url,
        help="Base URL of the API server. It is waited for when it does not answer yet.",
    )(command)


def logging_options(command: F) -> F:
    """Add ``--v`` (parameter ``v``): how much is logged."""
    return click.option(
        "-v",
        "--v",
        "v",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        metavar="LEVEL",
        help="Log verbosity; 4 and above show debug lines.",
    )(command)


def _clock(context: click.Context, parameter: click.Parameter, value: str) -> Clock:
    try:
        return parse_time_scale(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def clock_option(command: F) -> F:
    """Add ``--time-scale`` (parameter ``clock``): how fast time passes for the component."""
    return click.option(
        "--time-scale",
        "clock",
        default="1",
        show_default=True,
        metavar="FACTOR[@TIME]",
        callback=_clock,
        help="Let time pass so many times as fast, timestamps included. Processes agree that have the same TIME, at "
        "which both clocks show the same (2026-01-31T12:00:00Z; by default when the process starts).",
    )(command)


def health_options(*, default_port: int) -> Callable[[F], F]:
    """Add ``--bind-address`` and ``--secure-port`` (parameters ``bind_address``, ``secure_port``)."""
    return all_of(
        click.option(
            "--bind-address",
            default="127.0.0.1",
            show_default=True,
            metavar="IP",
            help="Address of this component's own HTTP server.",
        ),
        port(
            "--secure-port",
            default=default_port,
            what="Port of this component's own HTTP server (/healthz, /livez, /readyz, debug pages), in plain HTTP. "
            "0 serves nothing.",
        ),
    )


def leader_election_options(election: Callable[..., object], *, resource_name: str) -> Callable[[F], F]:
    """Add ``--leader-elect`` and what goes with it (``k8s.io/component-base/config/options``, v0.36).

    The command gets them as one parameter ``election``: what is made of ``resource_name``, ``resource_namespace``,
    ``lease_duration``, ``renew_deadline`` and ``retry_period``, or ``None`` without election. A ``ValueError`` of that
    is wrong usage.
    """
    prefix = "leader_elect_"
    options = all_of(
        switch(
            "--leader-elect",
            default=True,
            what="Work only while holding a Lease, so that of several equal processes one does, and another goes on "
            "when that one is gone.",
        ),
        duration(
            "--leader-elect-lease-duration",
            default=15.0,
            what="How long others wait after the last renewal that they saw until they take over. Whole seconds count.",
        ),
        duration(
            "--leader-elect-renew-deadline",
            default=10.0,
            what="How long a leader tries to renew before the process ends. Shorter than the lease.",
        ),
        duration("--leader-elect-retry-period", default=2.0, what="The pause between tries to get or to renew it."),
        click.option(
            "--leader-elect-resource-lock",
            type=click.Choice(["leases"]),
            default="leases",
            show_default=True,
            expose_value=False,
            help="What kind of object is held. There are Leases only, as upstream by now.",
        ),
        click.option(
            "--leader-elect-resource-name",
            default=resource_name,
            show_default=True,
            metavar="NAME",
            help="Name of the Lease.",
        ),
        click.option(
            "--leader-elect-resource-namespace",
            default="kube-system",
            show_default=True,
            metavar="NAMESPACE",
            help="Namespace of the Lease.",
        ),
    )

    def add(command: F) -> F:
        @functools.wraps(command)
        def packed(*args: Any, leader_elect: bool, **values: Any) -> Any:
            found = [name for name in values if name.startswith(prefix)]
            given = {name.removeprefix(prefix): values.pop(name) for name in found}
            try:
                chosen = election(**given) if leader_elect else None
            except ValueError as error:
                raise click.UsageError(str(error)) from error
            return command(*args, election=chosen, **values)

        return options(packed)  # type: ignore[return-value]

    return add
