"""How the values of the kubelet's options are read. Each reader is a callback of click's."""

import ipaddress
import os
from collections.abc import Mapping

import click

from apimachinery import names
from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import Taint
from componentbase.option_kinds import seconds

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def node_name(context: click.Context, parameter: click.Parameter, text: str) -> str:
    if problems := names.dns_subdomain(text):
        raise click.BadParameter(f"{text!r}: {problems[0]}")
    return text


def name_prefix(context: click.Context, parameter: click.Parameter, text: str) -> str:
    if problems := names.dns_subdomain(f"{text}0"):
        raise click.BadParameter(f"{text!r} does not begin names: {problems[0]}")
    return text


def pairs(context: click.Context, parameter: click.Parameter, text: str) -> Mapping[str, str]:
    """Read ``key=value,...``."""
    found = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = entry.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{entry!r} is not of the form key=value")
        found[name] = value
    return found


def quantities(context: click.Context, parameter: click.Parameter, text: str) -> Mapping[str, str]:
    """Read ``resource=quantity,...``."""
    found = pairs(context, parameter, text)
    for name, amount in found.items():
        try:
            negative = parse_quantity(amount) < 0
        except ValueError as error:
            raise click.BadParameter(f"{name}: {error}") from error
        if negative:
            raise click.BadParameter(f"{name}={amount}: must not be negative")
    return found


def limits(context: click.Context, parameter: click.Parameter, text: str) -> Mapping[str, str]:
    """Read ``signal<quantity,...``."""
    found = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        signal, less, amount = entry.partition("<")
        if not signal or not less or not amount:
            raise click.BadParameter(f"{entry!r} is not of the form signal<quantity")
        found[signal] = amount
    return found


def taints(context: click.Context, parameter: click.Parameter, text: str) -> tuple[Taint, ...]:
    """Read ``key=value:effect,...``."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        rest, _, effect = entry.rpartition(":")
        key, _, value = rest.partition("=")
        if not key or effect not in _EFFECTS:
            raise click.BadParameter(f"{entry!r} is not of the form key=value:effect (effects: {', '.join(_EFFECTS)})")
        found.append(Taint(key=key, value=value, effect=effect))
    return tuple(found)


def host_paths(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> Mapping[str, str]:
    """Read ``/path/on/the/node=/real/folder``."""
    found = {}
    for text in texts:
        path, equals, folder = text.partition("=")
        if not equals or not path.startswith("/") or path.strip("/") == "" or ".." in path.split("/"):
            raise click.BadParameter(f"{text!r} is not of the form /path/on/the/node=/real/folder")
        if not os.path.isdir(folder):
            raise click.BadParameter(f"{folder!r} is not a folder of this machine")
        found[path.rstrip("/")] = os.path.realpath(folder)
    return found


def quantity(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        amount = parse_quantity(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if amount <= 0:
        raise click.BadParameter(f"{text!r} is not a positive quantity")
    return text


def log_size(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        parse_quantity(text)
    except ValueError as error:
        raise click.BadParameter(f"failed to parse container log max size {text!r}: {error}") from error
    return text


def patterns(context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, ...]:
    """Read ``pattern,...``."""
    return tuple(filter(None, (entry.strip() for entry in text.split(","))))


def addresses(context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, ...]:
    """Read ``ip,...``."""
    return tuple(address(context, parameter, entry.strip()) for entry in text.split(",") if entry.strip())


def address(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text)) if text else ""
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def pod_range(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text)) if text else ""
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def whole_seconds(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Read a duration of one second or several."""
    found = seconds(context, parameter, text)
    if found < 1 or found % 1:
        raise click.BadParameter("must be whole seconds, one at least")
    return int(found)
