"""The demonstration, from an empty machine to ready pods and back."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console
from rich.live import Live
from rich.table import Table

from apimachinery.clock import Clock, RealClock
from apimachinery.errors import FatalError, StatusError
from apimachinery.types.base import Object
from apimachinery.types.core import Event
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import EVENTS, NODES, PODS, REPLICASETS, Resource
from kubemu.demo.journey import Journey, elapsed, why
from kubemu.processes import Components, control_plane

_REFRESH_SECONDS = 0.05
_NODES_SECONDS = 60.0
"""How long processes may take to start, which is not what `--timeout` is about."""
_NAMESPACE = "default"
_KINDS: dict[str, Resource[Any]] = {"Pod": PODS, "ReplicaSet": REPLICASETS}


def read_manifests(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the objects in YAML files; raise ``FatalError`` for what the demonstration cannot run."""
    found: list[dict[str, Any]] = []
    for path in paths:
        try:
            documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise FatalError(f"{path}: {' '.join(str(error).split())}") from error
        for document in documents:
            if not isinstance(document, dict) or document.get("kind") not in _KINDS:
                kind = document.get("kind") if isinstance(document, dict) else type(document).__name__
                raise FatalError(f"{path}: the demonstration runs Pods and ReplicaSets, not {kind}")
            found.append(document)
    return found


def expected_pods(manifests: Sequence[dict[str, Any]]) -> int:
    """Return how many pods the objects will come to."""
    return sum(
        1 if manifest["kind"] == "Pod" else int((manifest.get("spec") or {}).get("replicas", 1))
        for manifest in manifests
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """What the story knows: the nodes, and each pod's journey so far."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.journeys: dict[str, Journey] = {}
        self.nodes: dict[str, bool] = {}

    def see_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            return
        now = self.clock.monotonic()
        self.journeys.setdefault(new.metadata.name, Journey(new.metadata.name, now)).see(new, now)

    def hear_event(self, old: Event | None, new: Event | None) -> None:
        if new is not None and new.involved_object.kind == "Pod" and old is None:
            journey = self.journeys.get(new.involved_object.name)
            if journey is not None:
                journey.hear(new)

    def see_node(self, old: Object | None, new: Any) -> None:
        if new is not None:
            self.nodes[new.metadata.name] = any(
                condition.type == "Ready" and condition.status == "True" for condition in new.status.conditions
            )

    def ready_pods(self) -> int:
        return sum(journey.ready is not None for journey in self.journeys.values())

    def ready_nodes(self) -> int:
        return sum(self.nodes.values())

    def what_is_late(self, timeout: float, nodes: int) -> str:
        """Say which pods are not ready, and the last that was heard of each."""
        if self.ready_nodes() < nodes:
            return f"{self.ready_nodes()} of {nodes} nodes are ready after {timeout:g} s"
        late = [journey for journey in self.journeys.values() if journey.ready is None]
        said = "; ".join(f"{journey.name}: {(journey.messages or [journey.phase])[-1]}" for journey in late)
        return f"{len(late)} pods are not ready after {timeout:g} s. {said}"

    def table(self, expected: int) -> Table:
        nodes = ", ".join(f"{name} {'Ready' if ready else 'NotReady'}" for name, ready in sorted(self.nodes.items()))
        table = Table(
            title=f"{self.ready_pods()} of {expected} pods ready", caption=f"nodes: {nodes or 'none yet'}", min_width=76
        )
        for heading in ("POD", "PHASE", "CONTAINERS", "NODE", "IP", "READY"):
            table.add_column(heading)
        for journey in sorted(self.journeys.values(), key=lambda journey: journey.name):
            table.add_row(
                journey.name,
                journey.phase,
                journey.containers,
                journey.node or "-",
                journey.ip or "-",
                elapsed(journey.created, journey.ready),
            )
        return table


async def tell(paths: Sequence[Path], *, nodes: int, timeout: float) -> None:
    """Run the demonstration; raise ``FatalError`` when something does not come about in time."""
    manifests = read_manifests(paths)
    clock, console = RealClock(), Console()
    port = _free_port()
    console.print(f"Starting an apiserver, a scheduler, a controller_manager, a kubeproxy and {nodes} kubelets …")
    async with control_plane(clock, nodes, scheduler_port=port) as (server, components):
        console.print(f"The API is at [bold]{server}[/bold] (try: kubectl --server {server} get pods)")
        async with Client(server) as client, asyncio.TaskGroup() as group:
            stage = Stage(clock)
            watchers = [group.create_task(work, name="demo-watch") for work in _watch(client, stage)]
            # Pods would wait for the nodes otherwise, and the times told would be those of processes starting.
            await _until(stage, components, console, max(timeout, _NODES_SECONDS), nodes=nodes)
            for manifest in manifests:
                await _create(client, manifest)
                console.print(f"{manifest['kind'].lower()}/{manifest['metadata']['name']} created")
            await _until(stage, components, console, timeout, nodes=nodes, pods=expected_pods(manifests))
            await _ask(stage, console)
            await _print_journeys(stage, console, port)
            for watcher in watchers:
                watcher.cancel()
        console.print("Stopping everything …")
    console.print("Done: no process is left.")


def _watch(client: Client, stage: Stage) -> Iterator[Any]:
    pods = Informer(client, PODS, namespace=_NAMESPACE)
    pods.on_change(stage.see_pod)
    events = Informer(client, EVENTS, namespace=_NAMESPACE)
    events.on_change(stage.hear_event)
    nodes = Informer(client, NODES)
    nodes.on_change(stage.see_node)
    yield from (pods.run(), events.run(), nodes.run())


async def _create(client: Client, manifest: dict[str, Any]) -> None:
    try:
        await client.create(_KINDS[manifest["kind"]], manifest, namespace=_NAMESPACE)
    except StatusError as error:
        raise FatalError(f"{manifest['kind']} was refused: {error.message}") from error


async def _until(
    stage: Stage, components: Components, console: Console, timeout: float, *, nodes: int, pods: int = 0
) -> None:
    """Show what is there until so many nodes and pods are ready; raise ``FatalError`` when they are not in time."""
    try:
        with Live(stage.table(pods), console=console, refresh_per_second=20, transient=not pods) as live:
            async with stage.clock.timeout(timeout):
                while stage.ready_pods() < pods or stage.ready_nodes() < nodes:
                    await stage.clock.sleep(_REFRESH_SECONDS)
                    components.watch()
                    live.update(stage.table(pods))
            live.update(stage.table(pods))
    except TimeoutError:
        raise FatalError(stage.what_is_late(timeout, nodes)) from None


async def _ask(stage: Stage, console: Console) -> None:
    """Reach the first pod that serves HTTP on its own address, with curl where there is one."""
    by_age = sorted(stage.journeys.values(), key=lambda journey: journey.created)
    url = next((journey.url for journey in by_age if journey.url), "")
    if not url:
        return
    if shutil.which("curl"):
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "5", url]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        if process.returncode:
            raise FatalError(f"curl {url} ended with status {process.returncode}")
        console.print(f"\n$ curl {url}", highlight=False)
        console.print(output.decode(errors="replace").rstrip(), highlight=False, markup=False)
        return
    async with httpx.AsyncClient(timeout=5) as http:
        answer = await http.get(url)
    answer.raise_for_status()
    console.print(f"\nGET {url}", highlight=False)
    console.print(answer.text.rstrip(), highlight=False, markup=False)


async def _print_journeys(stage: Stage, console: Console, scheduler_port: int) -> None:
    console.print("\nEach pod's way, in time since it was created:")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{scheduler_port}", timeout=5) as http:
        for journey in sorted(stage.journeys.values(), key=lambda journey: journey.created):
            reason = why(await _decision(http, journey.name), journey.node)
            start = journey.created
            console.print(
                f"  [bold]{journey.name}[/bold]: created → "
                f"scheduled to {journey.node} {elapsed(start, journey.scheduled)} ({reason}) → "
                f"containers started {elapsed(start, journey.started)} → ready {elapsed(start, journey.ready)}",
                highlight=False,
                soft_wrap=True,
            )


async def _decision(http: httpx.AsyncClient, pod: str) -> dict[str, Any] | None:
    with contextlib.suppress(httpx.HTTPError):
        answer = await http.get(f"/debug/decisions/{_NAMESPACE}/{pod}")
        if answer.status_code == 200:
            last: dict[str, Any] = answer.json()["decisions"][-1]
            return last
    return None
