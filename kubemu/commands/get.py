"""``kubemu get``: objects, as the server's tables or as they are."""

import json
from typing import Any

import click

from kubemu.commands.target import namespace_option, target_options

_FORMS = ("table", "wide", "name", "json", "yaml")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("kind")
@click.argument("name", default="")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="Objects of all namespaces.")
@click.option("-l", "--selector", default="", metavar="SELECTOR", help="Only objects with these labels.")
@click.option("-o", "--output", "form", type=click.Choice(_FORMS), default="table", help="How to show them.")
@namespace_option
@target_options
def get(kind: str, name: str, everywhere: bool, selector: str, form: str, namespace: str, server: str) -> None:
    """Show objects of a KIND (pods, po, deployment, jobs.batch, KIND/NAME), or the one of that NAME."""
    from kubemu.objects import tables
    from kubemu.objects.kinds import Kinds
    from kubemu.objects.server import JSON_TYPE, TABLE, Server

    kind, _, given = kind.partition("/")
    name = name or given
    if name and (everywhere or selector):
        raise click.UsageError("an object has one name: --all-namespaces and --selector are for many")
    with Server(server) as opened:
        found = Kinds(opened).called(kind)
        answer = opened.ask(
            "GET",
            found.path("" if everywhere else namespace, name),
            params={"labelSelector": selector} if selector else None,
            accept=TABLE if form in {"table", "wide"} else JSON_TYPE,
        ).json()
    if form in {"table", "wide"}:
        rows = tables.rows_of(answer, wide=form == "wide", namespaces=everywhere and found.namespaced)
        if len(rows) == 1:
            click.echo("No resources found" + (f" in {namespace} namespace." if found.namespaced else "."), err=True)
        else:
            click.echo(tables.text(rows))
    elif form == "name":
        for obj in [answer] if name else answer["items"]:
            click.echo(f"{found.qualified}/{obj['metadata']['name']}")
    else:
        click.echo(_whole(answer, form))


def _whole(answer: Any, form: str) -> str:
    if form == "json":
        return json.dumps(answer, indent=4)
    from apimachinery import yaml_documents

    return yaml_documents.dump(answer).decode().rstrip()
