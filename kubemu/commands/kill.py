"""``kubemu kill``: a container that ends, to see what becomes of it."""

import click

from kubemu.commands.target import namespace_option, target_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pod")
@click.option(
    "-c",
    "--container",
    default="",
    show_default="the pod's first",
    metavar="NAME",
    help="The container; pause is the one that holds the pod together.",
)
@click.option(
    "--signal", "number", default="KILL", show_default=True, metavar="SIGNAL", help="A signal's name or number."
)
@click.option(
    "--exit-code",
    type=click.IntRange(0, 255),
    default=None,
    metavar="NUMBER",
    help="What the container is then said to have ended with.",
)
@namespace_option
@target_options
def kill(pod: str, container: str, number: str, exit_code: int | None, namespace: str, server: str) -> None:
    """Send a container of a POD a signal, as a fault would come over it: nobody has asked for its end."""
    from apimachinery.errors import FatalError
    from kubemu.objects.kinds import root
    from kubemu.objects.server import Server

    with Server(server) as opened:
        found = opened.ask("GET", f"{root('', 'v1')}/namespaces/{namespace}/pods/{pod}").json()
        node = found["spec"].get("nodeName", "")
        if not node:
            raise FatalError(f"pod {pod} has no node yet")
        container = container or found["spec"]["containers"][0]["name"]
        params = {"signal": number} | ({} if exit_code is None else {"exitCode": str(exit_code)})
        path = f"{root('', 'v1')}/nodes/{node}/proxy/debug/kill/{namespace}/{pod}/{container}"
        opened.ask("POST", path, params=params)
    click.echo(f"pod/{pod}: {container} got {number}")
