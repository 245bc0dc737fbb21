"""``kubemu why``: where a pod was put and why, or why it waits."""

import json

import click

from kubemu.commands.target import namespace_option, target_options

_FILE_WIDTH = 160
"""How wide a table is that is not printed to a terminal."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pod")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="NUMBER",
    help="How many nodes to show at most, the best first; 0 for all.",
)
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="json has all decisions that are kept, with every node.",
)
@namespace_option
@target_options
def why(pod: str, limit: int, form: str, namespace: str, server: str) -> None:
    """Explain the scheduler's newest decision about POD.

    Tells which nodes were left out and by whom, what each plugin scored the others, and how one was chosen. Of a pod
    that waits it tells each node's verdict, and which events would have it tried again.
    """
    from apimachinery.errors import FatalError, StatusError
    from kubemu.objects.server import Server
    from scheduler.service import NAME, decisions_path

    pod = pod.removeprefix("pod/")
    with Server(server) as opened:
        shown = opened.ask("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}").json()
        try:
            params = {"newest": "1"} if form == "table" else None
            page = opened.ask("GET", decisions_path(namespace, pod), params=params).json()
        except StatusError as error:
            if error.code == 404 and "no decisions" in str(error):
                raise FatalError(_no_decisions(shown["spec"].get("nodeName", ""), namespace, pod)) from error
            if NAME in str(error):
                raise FatalError(f"no scheduler tells its decisions there, or none yet: {error}") from error
            raise
    if form == "json":
        click.echo(json.dumps(page, indent=4))
        return
    from rich.console import Console

    from kubemu.why import show

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
