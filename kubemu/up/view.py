"""The live view of a cluster: a table on a terminal, lines anywhere else."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import click

from apimachinery.clock import Clock
from apimachinery.tasks import guard
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import EVENTS, NODES, PODS
from kubemu.up.picture import Picture

_REFRESH_SECONDS = 0.2


async def show(server: str, clock: Clock, *, terminal: bool) -> None:
    """Show what happens until cancelled; times are the cluster's ``clock``'s."""
    picture = Picture()
    async with Client(server, user_agent="kubemu-up", clock=clock) as client:
        tell = (lambda line: None) if terminal else (lambda line: _print(clock.now(), line))
        async with asyncio.TaskGroup() as group:
            for watching in _watching(client, picture, tell):
                group.create_task(guard(watching.run(), "view"), name="view")
            if terminal:
                group.create_task(_live(picture), name="live-view")


def _print(now: datetime, line: str) -> None:
    click.echo(f"{now:%H:%M:%S} {line}")


def _watching(client: Client, picture: Picture, tell: Callable[[str], None]) -> list[Informer]:  # type: ignore[type-arg]
    def told(line: str) -> None:
        if line:
            tell(line)

    nodes, pods, events = Informer(client, NODES), Informer(client, PODS), Informer(client, EVENTS)
    nodes.on_change(lambda old, new: told(picture.see_node(old, new)))
    pods.on_change(lambda old, new: told(picture.see_pod(old, new)))
    events.on_change(lambda old, new: told(picture.hear_event(old, new)))
    return [nodes, pods, events]


async def _live(picture: Picture) -> None:
    """Keep a table on the terminal up to date."""
    # Nobody else needs it.
    from rich.console import Console
    from rich.live import Live

    from apimachinery.clock import RealClock
    from kubemu.up.table import rendered

    clock, console = RealClock(), Console()
    shown = -1
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            if shown != picture.changes:
                shown = picture.changes
                live.update(rendered(picture, height=console.height), refresh=True)
            await clock.sleep(_REFRESH_SECONDS)
