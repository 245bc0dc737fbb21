"""``kubemu why``: where a pod was put and why, or why it waits."""

import os
from typing import Any

import click

from componentbase.options import DEFAULT_SERVER
from kubemu.up.records import Records, default_folder

_FILE_WIDTH = 160
"""How wide a table is that is not printed to a terminal."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pod")
@click.option("-n", "--namespace", default="default", show_default=True, metavar="NAME", help="The pod's namespace.")
@click.option("--name", default="", metavar="CLUSTER", help="Ask the cluster that `kubemu up --name` started.")
@click.option(
    "--server",
    default="",
    metavar="URL",
    show_default=f"the only cluster that runs, or {DEFAULT_SERVER}",
    help="Base URL of the API server to ask.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="NUMBER",
    help="How many nodes to show at most, the best first; 0 for all.",
)
@click.option(
    "--output",
    "-o",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="json has all decisions that are kept, with every node.",
)
def why(pod: str, namespace: str, name: str, server: str, limit: int, output: str) -> None:
    """Explain the scheduler's newest decision about POD.

    Tells which nodes were left out and by whom, what each plugin scored the others, and how one was chosen. Of a pod
    that waits it tells each node's verdict, and which events would have it tried again.
    """
    from componentbase.process import run_component

    async def ask() -> None:
        await _explain(server or _server(name), namespace, pod, limit, output)

    run_component("kubemu", ask, quiet=True)


def _server(name: str) -> str:
    """Return the server of the cluster of this name, of the only one that runs, or the default."""
    from apimachinery.errors import FatalError

    records = Records(default_folder(os.environ))
    if name:
        found = records.read(name)
        if found is None:
            raise FatalError(f"no cluster {name!r} runs")
        return found.server
    running = records.running()
    if len(running) > 1:
        names = ", ".join(record.name for record in running)
        raise FatalError(f"several clusters run ({names}): choose one with --name")
    return running[0].server if running else DEFAULT_SERVER


async def _explain(server: str, namespace: str, pod: str, limit: int, output: str) -> None:
    import orjson
    from rich.console import Console

    from apimachinery.errors import FatalError, StatusError
    from kubeclient.client import Client
    from kubeclient.errors import ConnectionFailed
    from kubeclient.resources import PODS
    from kubemu.why import page_path, show

    async with Client(server, user_agent="kubemu-why", connections=1) as client:
        try:
            shown = await client.get(PODS, pod, namespace=namespace)
            page: dict[str, Any] = orjson.loads(await client.request("GET", page_path(namespace, pod)))
        except ConnectionFailed as error:
            raise FatalError(str(error)) from error
        except StatusError as error:
            if error.code == 404 and "decisions" in str(error):
                raise FatalError(_no_decisions(shown.spec.node_name, namespace, pod)) from error
            raise FatalError(str(error)) from error
    if output == "json":
        click.echo(orjson.dumps(page, option=orjson.OPT_INDENT_2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_FILE_WIDTH)
    show(page, console, limit=limit)


def _no_decisions(node: str, namespace: str, pod: str) -> str:
    where = f"is on node {node}" if node else "has no node"
    return (
        f"pod {namespace}/{pod} {where}, but the scheduler keeps no decision about it: it was not the scheduler's to "
        "decide, or too long ago"
    )
