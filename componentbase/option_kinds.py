"""Kinds of command-line options that many commands have, and how their values are read.

What each function returns adds an option to a command. Its names are as click takes them: ``"--max-pods"``, and after
it the parameter's name where that is another.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from apimachinery.duration import go_duration, parse_duration

F = TypeVar("F", bound=Callable[..., Any])


def all_of(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Add several options, which the help shows in this order."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def count(
    *names: str, default: int | None, what: str, minimum: int = 0, maximum: int | None = None, shown: str = ""
) -> Callable[[F], F]:
    """Add an option that takes a whole number. ``shown`` is what the help says of a default that is none."""
    return click.option(
        *names,
        type=click.IntRange(minimum, maximum),
        default=default,
        show_default=shown or True,
        metavar="NUMBER",
        help=what,
    )


def rate(*names: str, default: float, what: str, highest: float | None = None) -> Callable[[F], F]:
    """Add an option that takes a number that may have a fraction."""
    return click.option(
        *names, type=click.FloatRange(0, highest), default=default, show_default=True, metavar="NUMBER", help=what
    )


def switch(*names: str, default: bool, what: str) -> Callable[[F], F]:
    """Add an option that takes ``true`` or ``false``."""
    return click.option(*names, type=bool, default=default, show_default=True, metavar="true|false", help=what)


def port(*names: str, default: int, what: str) -> Callable[[F], F]:
    """Add an option that takes a TCP port, or 0."""
    return click.option(
        *names, type=click.IntRange(0, 65535), default=default, show_default=True, metavar="PORT", help=what
    )


def duration(*names: str, default: float, what: str, positive: bool = False) -> Callable[[F], F]:
    """Add an option that takes a duration as Go writes it; the parameter is in seconds, as ``default``."""
    return click.option(
        *names,
        default=_brief(default),
        show_default=True,
        metavar="DURATION",
        callback=some_seconds if positive else seconds,
        help=what,
    )


def _brief(amount: float) -> str:
    """Return a duration without the parts that are nothing: ``5m``."""
    written = go_duration(amount)
    for unit, nothing in (("m", "0s"), ("h", "0m")):
        if written.endswith(unit + nothing):
            written = written.removesuffix(nothing)
    return written


def seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """Read a duration as Go writes them: ``10s``, ``1m30s``. It may be nothing."""
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if found < 0:
        raise click.BadParameter("must not be negative")
    return found


def some_seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """Read a duration that is longer than nothing."""
    found = seconds(context, parameter, text)
    if not found:
        raise click.BadParameter("must be longer than nothing")
    return found
