"""``kubemu up``: start a cluster, say where it is, and keep it until it is told to end."""

import asyncio
import contextlib
import gc
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from apimachinery.errors import FatalError
from kubemu.environment import KUBECONFIG
from kubemu.up.installed import Place
from kubemu.up.records import NAME, Records, default_folder
from kubemu.up.settings import Settings

_DEFAULTS = Settings()


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if value and not NAME.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no name: it may have lower case letters, digits and hyphens")
    return value


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--name",
    default="",
    show_default="default, or default-2 and so on when that runs",
    metavar="NAME",
    callback=_name,
    help="What to call the cluster: its context is kubemu-NAME.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_DEFAULTS.port,
    show_default="a free one",
    metavar="PORT",
    help="Port of the API server on 127.0.0.1.",
)
@click.option(
    "--nodes",
    type=click.IntRange(1, 10_000),
    default=None,
    show_default=str(_DEFAULTS.nodes),
    metavar="NUMBER",
    help="How many equal nodes there are, called node-0 and so on.",
)
@click.option(
    "--node-shapes",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Have the nodes that this YAML file describes: kinds of machines, and how many there are of each.",
)
@click.option(
    "--images",
    "image_files",
    multiple=True,
    type=click.Path(exists=True),
    metavar="FILE|FOLDER",
    help="Know the images that this file, or every file of this folder, describes. May be repeated.",
)
@click.option(
    "--scheduler-config",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    callback=lambda context, parameter, value: value or "",
    metavar="FILE",
    help="Have the scheduler's profiles and plugins from this KubeSchedulerConfiguration.",
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Write the kubeconfig there. By default it has a place of its own, which is told. It goes with the cluster.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="Put the context into --kubeconfig, or into the kubeconfig that kubectl uses, beside others, and take it out "
    "again at the end.",
)
@click.option("--use-context", is_flag=True, help="With --merge: make the context the current one.")
@click.option(
    "--separate",
    is_flag=True,
    help="Run each component as a process of its own; one that ends is started again.",
)
@click.option(
    "--manifests",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="Apply these objects before the cluster is said to be ready: YAML or JSON, definitions and namespaces first. "
    "May be repeated.",
)
@click.option(
    "--init-hook",
    "init_hooks",
    multiple=True,
    metavar="COMMAND",
    help="Then run this shell command, with KUBECONFIG set; if it fails, so does the start. May be repeated.",
)
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Draw names, ids, jitter and choices among equals by this seed, so that runs repeat.",
)
@click.option(
    "--time-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=_DEFAULTS.time_scale,
    show_default=True,
    metavar="FACTOR",
    help="Let the cluster's time pass so many times as fast, timestamps included. What this machine has to do for it, "
    "such as answering a probe, takes so many times as long then.",
)
@click.option(
    "--die-with-parent",
    is_flag=False,
    flag_value=0,
    type=click.IntRange(min=0),
    default=None,
    metavar="[=PID]",
    help="End once the process has ended that started this one. With its id nothing is missed if it ends at once.",
)
@click.option(
    "--detach",
    "-d",
    is_flag=True,
    help="Return once the cluster is ready, and let it go on in the background until `kubemu down`.",
)
@click.option(
    "--output",
    "-o",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to tell where the cluster is; json is one line on standard output, when it is ready.",
)
@click.option(
    "-v",
    "--v",
    "verbosity",
    type=click.IntRange(min=0),
    default=0,
    show_default="warnings only",
    metavar="LEVEL",
    help="How much the components log, on standard error; 1 and above show what they do, 4 and above debug lines.",
)
def up(
    kubeconfig: Path | None,
    merge: bool,
    use_context: bool,
    die_with_parent: int | None,
    detach: bool,
    output: str,
    nodes: int | None,
    node_shapes: str | None,
    **options: Any,
) -> None:
    """Start a whole cluster in one process, and keep it until Ctrl-C or `kubemu down`.

    It has an API server, a scheduler, the controllers, nodes with fake containers, Services that are reached at their
    addresses, and DNS. Everything is on loopback addresses of this machine that no other such cluster has.
    """
    if nodes is not None and node_shapes is not None:
        raise click.UsageError("--nodes and --node-shapes cannot both be given")
    if use_context and not merge:
        raise click.UsageError("--use-context is for --merge")
    if detach and die_with_parent is not None:
        raise click.UsageError("--detach outlives the parent that --die-with-parent would have it end with")
    settings = Settings(nodes=nodes or _DEFAULTS.nodes, node_shapes=node_shapes or "", **options)
    records = Records(default_folder(os.environ))
    place = _place(kubeconfig, merge, use_context)
    parent = os.getppid() if die_with_parent == 0 else die_with_parent
    if detach:
        from kubemu.up.detached import start_detached

        # Until the cluster is ready there is somebody who waits for it, and who may give up.
        waiting = os.getpid()
        ready = start_detached(lambda say: _run(settings, records, place, waiting, say, outlive=True), records)
        click.echo(_told(ready, output))
    else:
        view = output != "json"
        _run(settings, records, place, parent, lambda line: click.echo(_told(json.loads(line), output)), view=view)


def _run(
    settings: Settings,
    records: Records,
    place: Place | None,
    parent: int | None,
    say: Callable[[str], None],
    *,
    outlive: bool = False,
    view: bool = False,
) -> None:
    """Run a cluster to its end; ``say`` gets what is to be known of it, in JSON, when it is ready.

    It ends with ``parent``; with ``outlive`` only if that ends before the cluster is ready.
    """
    # What is imported is no garbage, and looking for some among it would take a tenth of the time until the cluster is
    # ready. Whoever runs the cluster has garbage looked for again.
    gc.disable()
    from componentbase.process import run_component
    from kubemu.up.parent import ending_with_parent
    from kubemu.up.session import session

    async def run() -> None:
        with contextlib.ExitStack() as while_watched:
            if parent is not None:
                # A kernel that cannot tell of a parent's end is no reason not to go on without one.
                with contextlib.suppress(FatalError) if outlive else contextlib.nullcontext():
                    while_watched.enter_context(ending_with_parent(parent))
            async with session(settings, records, place) as ready:
                if outlive:
                    while_watched.close()
                say(ready.text())
                if view:
                    from kubemu.up.view import show

                    await show(ready.record.server, ready.clock, terminal=sys.stdout.isatty())
                # Until cancelled.
                await asyncio.Event().wait()

    run_component("kubemu", run, verbosity=settings.verbosity, quiet=not settings.verbosity)


def _told(ready: dict[str, Any], output: str) -> str:
    """Return what is printed when a cluster is ready."""
    return json.dumps(ready) if output == "json" else ready_text(ready)


def ready_text(ready: dict[str, Any]) -> str:
    """Return for a person where the cluster is, and how it ends."""
    ending = "" if ready["pid"] == os.getpid() else f" {ready['name']}"
    how = f"`kubemu down{ending}`" if ending else "Ctrl-C"
    return (
        f"Cluster {ready['name']} is ready after {ready['readySeconds']:.2f} s: {ready['server']}\n\n"
        f"  export {KUBECONFIG}={shlex.quote(ready['kubeconfig'])}\n\n"
        f"{how} ends it, and leaves nothing behind.\n"
    )


def _place(kubeconfig: Path | None, merge: bool, use_context: bool) -> Place | None:
    """Return where the options want the kubeconfig; ``None`` for its own place."""
    if kubeconfig is None and not merge:
        return None
    if kubeconfig is None:
        from kubemu.up.kubeconfig import default_path

        kubeconfig = default_path(os.environ.get(KUBECONFIG), _home())
    return Place(kubeconfig.absolute(), merge, use_context)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        # A container's user need not be in its list of users.
        raise FatalError("this user has no home folder: say with --kubeconfig which file to write") from error
