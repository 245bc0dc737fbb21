"""Options of the command line, by what they are about; names and defaults are upstream's."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from apimachinery.duration import parse_duration
from controller_manager.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULTS = Settings()


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if seconds < 0:
        raise click.BadParameter(f"{text} is negative")
    return seconds


def field_name(option: str) -> str:
    """Return the field of :class:`Settings` that an option sets."""
    return option.removeprefix("--").replace("-", "_")


def duration(option: str, what: str) -> Callable[[F], F]:
    """Add an option that takes a duration as Go writes it."""
    default = f"{getattr(_DEFAULTS, field_name(option)):g}s"
    return click.option(option, default=default, show_default=True, metavar="DURATION", callback=_seconds, help=what)


def count(option: str, what: str, *, minimum: int = 0, maximum: int | None = None) -> Callable[[F], F]:
    """Add an option that takes a whole number."""
    return click.option(
        option,
        type=click.IntRange(minimum, maximum),
        default=getattr(_DEFAULTS, field_name(option)),
        show_default=True,
        metavar="NUMBER",
        help=what,
    )


def rate(option: str, what: str, *, highest: float | None = None) -> Callable[[F], F]:
    """Add an option that takes a number that may have a fraction."""
    return click.option(
        option,
        type=click.FloatRange(0, highest),
        default=getattr(_DEFAULTS, field_name(option)),
        show_default=True,
        metavar="NUMBER",
        help=what,
    )


def all_of(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Add several options, which the help shows in this order."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


endpoint_options = all_of(
    count("--concurrent-endpoint-syncs", "How many Endpoints are brought in line at once.", minimum=1),
    count("--concurrent-service-endpoint-syncs", "For how many Services slices are written at once.", minimum=1),
    count(
        "--mirroring-concurrent-service-endpoint-syncs",
        "Of how many hand-made Endpoints slices are written at once.",
        minimum=1,
    ),
    count("--max-endpoints-per-slice", "How many endpoints one slice takes.", minimum=1, maximum=1000),
    count(
        "--mirroring-max-endpoints-per-subset",
        "How many addresses of one subset of hand-made Endpoints are mirrored.",
        minimum=1,
        maximum=1000,
    ),
    duration("--endpoint-updates-batch-period", "For how long changes of pods are collected before Endpoints change."),
    duration(
        "--endpointslice-updates-batch-period", "For how long changes of pods are collected before slices change."
    ),
    duration(
        "--mirroring-endpointslice-updates-batch-period",
        "For how long changes of hand-made Endpoints are collected before slices change.",
    ),
)
"""Options about Endpoints and EndpointSlices."""

node_options = all_of(
    duration("--node-monitor-period", "How often nodes are looked at."),
    duration("--node-monitor-grace-period", "How long a node may show no sign of life until it is unreachable."),
    duration("--node-startup-grace-period", "The same for a node that has never told its status."),
    rate("--node-eviction-rate", "How many nodes of a zone a second lose their pods because they are not ready."),
    rate(
        "--secondary-node-eviction-rate",
        "The same in a large zone of which many nodes are not ready; none do in a small one.",
    ),
    count("--large-cluster-size-threshold", "Zones of more nodes than this are large."),
    rate(
        "--unhealthy-zone-threshold",
        "From which share of nodes that are not ready, and at least three of them, a zone is disrupted.",
        highest=1.0,
    ),
    count("--terminated-pod-gc-threshold", "How many pods that have ended are kept. 0 keeps all."),
    click.option(
        "--reschedule-bare-pods",
        type=bool,
        default=_DEFAULTS.reschedule_bare_pods,
        show_default=True,
        metavar="BOOL",
        help="Whether pods that no controller owns are created anew, under another name, when their node is lost.",
    ),
)
"""Options about nodes that are lost, and their pods."""
