"""Which cluster a command is about."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from apimachinery.errors import FatalError
from kubemu.up.records import DEFAULT_NAME, Record, Records, default_folder

F = TypeVar("F", bound=Callable[..., Any])


def records() -> Records:
    """Return this user's records."""
    return Records(default_folder(os.environ))


def target_options(command: F) -> F:
    """Add ``--name`` and ``--server``, which become the parameter ``server``: a URL."""
    command = click.option(
        "--name",
        "cluster",
        default="",
        expose_value=False,
        is_eager=True,
        show_default="the one that runs",
        metavar="CLUSTER",
        callback=lambda context, parameter, value: context.meta.__setitem__("kubemu.cluster", value),
        help="The cluster that `kubemu up --name` started.",
    )(command)
    return click.option(
        "--server",
        default="",
        show_default="that cluster's",
        metavar="URL",
        callback=lambda context, parameter, value: value or chosen(context.meta["kubemu.cluster"]).server,
        help="The API server's URL instead.",
    )(command)


namespace_option = click.option(
    "-n", "--namespace", default="default", show_default=True, metavar="NAME", help="The namespace."
)


def chosen(name: str, found: Records | None = None) -> Record:
    """Return the record of the named cluster, or of the only one; raise ``FatalError`` when there is no such."""
    found = found or records()
    if name:
        record = found.read(name)
        if record is None:
            raise FatalError(f"no cluster {name} runs{_running(found)}")
        return record
    running = found.running()
    if not running:
        raise FatalError("no cluster runs: `kubemu up` starts one")
    default = [record for record in running if record.name == DEFAULT_NAME]
    if len(running) > 1 and not default:
        raise FatalError(f"several clusters run: say which{_running(found)}")
    return (default or running)[0]


def _running(found: Records) -> str:
    names = ", ".join(record.name for record in found.running())
    return f" ({names} do)" if "," in names else f" ({names} does)" if names else ""
