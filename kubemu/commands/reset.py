"""``kubemu reset``: a cluster as it was when it was ready."""

import click

from kubemu.commands.target import target_options

RESET_PATH = "/debug/reset"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@target_options
def reset(server: str) -> None:
    """Remove everything that was made since the cluster was ready, at once, and put back what was there.

    Objects of --manifests and of init hooks were there; nodes are what they were, but for images that they have pulled
    and files that pods have put into their folders (hostPath). It takes no restart.
    """
    from kubemu.objects.server import Server

    with Server(server) as opened:
        done = opened.ask("POST", RESET_PATH).json()
    click.echo(f"{done['removed']} objects removed, {done['restored']} put back")
