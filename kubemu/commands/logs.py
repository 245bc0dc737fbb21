"""``kubemu logs``: what a container has written."""

import sys

import click

from kubemu.commands.target import namespace_option, target_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pod")
@click.option("-c", "--container", default="", metavar="NAME", help="The container; a pod of one needs none.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what it writes.")
@click.option("-p", "--previous", is_flag=True, help="The run before this one.")
@click.option("--tail", type=click.IntRange(min=0), default=None, metavar="LINES", help="The last lines only.")
@click.option("--timestamps", is_flag=True, help="When each line was written.")
@namespace_option
@target_options
def logs(
    pod: str,
    container: str,
    follow: bool,
    previous: bool,
    tail: int | None,
    timestamps: bool,
    namespace: str,
    server: str,
) -> None:
    """Show what a container of a POD has written."""
    from kubemu.objects.kinds import root
    from kubemu.objects.server import Server

    params = {"container": container} if container else {}
    switches = {"follow": follow, "previous": previous, "timestamps": timestamps}
    params |= {name: "true" for name, given in switches.items() if given}
    if tail is not None:
        params["tailLines"] = str(tail)
    with Server(server) as opened:
        out = sys.stdout.buffer
        for part in opened.stream(f"{root('', 'v1')}/namespaces/{namespace}/pods/{pod}/log", params=params):
            out.write(part)
            out.flush()
