"""``kubemu apply``: objects of files, put into the cluster."""

from pathlib import Path

import click

from kubemu.commands.target import namespace_option, target_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    required=True,
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    metavar="FILE|FOLDER|-",
    help="YAML or JSON; of a folder, all of it. May be repeated.",
)
@namespace_option
@target_options
def apply(files: tuple[Path, ...], namespace: str, server: str) -> None:
    """Create the objects in files, or bring them up to date, by server-side apply.

    Definitions and namespaces go first, whatever their order in the files.
    """
    from kubemu.objects.applying import apply as apply_all
    from kubemu.objects.manifests import read
    from kubemu.objects.server import Server

    with Server(server) as opened:
        for applied in apply_all(opened, read(files), namespace):
            click.echo(f"{applied.name} {applied.result}")
