"""``kubemu demo``: components as processes, and a few pods' ways through them."""

from pathlib import Path

import click

_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifests", nargs=-1, required=True, type=_EXISTING_FILE)
@click.option(
    "--nodes",
    type=click.IntRange(1, 50),
    default=3,
    show_default=True,
    metavar="NUMBER",
    help="How many kubelets to start, one process and one node each.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the pods may take to become ready.",
)
def demo(manifests: tuple[Path, ...], nodes: int, timeout: float) -> None:
    """Start every component as a process of its own, apply MANIFESTS, and show each pod's way to Ready.

    MANIFESTS are YAML files with Pods and ReplicaSets. When all their pods are ready, one is asked for a page on
    its own address; then everything is stopped again.
    """
    from componentbase.process import run_component
    from kubemu.demo.story import tell

    run_component("kubemu", lambda: tell(manifests, nodes=nodes, timeout=timeout), quiet=True)
