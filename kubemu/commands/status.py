"""``kubemu status``: which clusters run, and how they are."""

import json
from typing import Any

import click

from apimachinery.errors import FatalError, StatusError
from kubemu.commands.target import chosen, records
from kubemu.environment import KUBECONFIG
from kubemu.up.records import Record


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", default="")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="How to tell it.")
def status(name: str, form: str) -> None:
    """Tell of all clusters that run, or of the one of that NAME; 1 when there is none."""
    found = records()
    told = [_state(record) for record in ([chosen(name, found)] if name else found.running())]
    if not told:
        raise FatalError("no cluster runs: `kubemu up` starts one")
    if form == "json":
        click.echo(json.dumps(told[0] if name else told))
        return
    for state in told:
        click.echo(
            f"{state['name']}: {state['state']}, {state['server'] or 'no server yet'}, "
            f"{state['nodesReady']} of {len(state['nodes'])} nodes ready, {state['podsReady']} of {state['pods']} pods "
            f"ready\n  export {KUBECONFIG}={state['kubeconfig']}   (context {state['context']}, process {state['pid']})"
        )


def _state(record: Record) -> dict[str, Any]:
    state: dict[str, Any] = {
        "name": record.name,
        "state": "running" if record.ready else "starting",
        "server": record.server,
        "kubeconfig": record.kubeconfig,
        "context": record.context,
        "pid": record.pid,
        "nodes": list(record.nodes),
        "components": dict(record.components),
        "nodesReady": 0,
        "pods": 0,
        "podsReady": 0,
    }
    if record.ready:
        try:
            state |= _counts(record.server)
        except (FatalError, StatusError) as error:
            state |= {"state": "not answering", "message": str(error)}
    return state


def _counts(url: str) -> dict[str, int]:
    from kubemu.objects.server import Server

    with Server(url) as server:
        nodes = server.ask("GET", "/api/v1/nodes").json()["items"]
        pods = server.ask("GET", "/api/v1/pods").json()["items"]
    return {"nodesReady": sum(map(_ready, nodes)), "pods": len(pods), "podsReady": sum(map(_ready, pods))}


def _ready(obj: dict[str, Any]) -> bool:
    conditions = obj.get("status", {}).get("conditions", ())
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)
