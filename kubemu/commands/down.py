"""``kubemu down``: the end of a cluster that runs."""

import asyncio
import os
import select
import signal

import click

from apimachinery.clock import RealClock
from apimachinery.errors import FatalError
from kubemu.commands.target import chosen, records
from kubemu.up.leftovers import clear
from kubemu.up.records import Record, Records

_SECONDS = 10.0
_KILLED_SECONDS = 5.0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="End all clusters of this user.")
def down(names: tuple[str, ...], everything: bool) -> None:
    """End the cluster of that NAME, or the only one. Returns when nothing is left of it.

    What clusters have left that were killed is removed, too.
    """
    if names and everything:
        raise click.UsageError("--all leaves nothing to name")
    found = records()
    asyncio.run(clear(found, RealClock()))
    ending = found.running() if everything else [chosen(name, found) for name in names or ("",)]
    for record in ending:
        end(record, found)
        click.echo(f"{record.name} is down")


def end(record: Record, found: Records) -> None:
    """End a cluster's process, if need be by force; raise :class:`FatalError` when it cannot be ended."""
    try:
        watched = os.pidfd_open(record.pid)
    except ProcessLookupError:
        return
    try:
        # The id cannot be another process's from here on; what has ended before is no longer running.
        if not record.running:
            return
        signal.pidfd_send_signal(watched, signal.SIGTERM)
        if not select.select([watched], [], [], _SECONDS)[0]:
            signal.pidfd_send_signal(watched, signal.SIGKILL)
            if not select.select([watched], [], [], _KILLED_SECONDS)[0]:
                raise FatalError(f"process {record.pid} of {record.name} does not end")
            asyncio.run(clear(found, RealClock()))
    except PermissionError as error:
        raise FatalError(f"process {record.pid} of {record.name} is not yours to end") from error
    finally:
        os.close(watched)
