"""``python -m kubelet``: the kubelet as a process."""

import socket
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import click

from apimachinery import names
from apimachinery.clock import Clock
from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import Taint
from componentbase.options import client_options, logging_options
from componentbase.process import run_component
from kubeclient.client import Client
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.kubelet import Kubelet, NodeRuntime
from kubelet.settings import Settings

NAME = "kubelet"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def _node_name(context: click.Context, parameter: click.Parameter, text: str) -> str:
    if problems := names.dns_subdomain(text):
        raise click.BadParameter(f"{text!r}: {problems[0]}")
    return text


def _labels(context: click.Context, parameter: click.Parameter, text: str) -> Mapping[str, str]:
    labels = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = entry.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{entry!r} is not of the form key=value")
        labels[name] = value
    return labels


def _taints(context: click.Context, parameter: click.Parameter, text: str) -> tuple[Taint, ...]:
    taints = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        rest, _, effect = entry.rpartition(":")
        key, _, value = rest.partition("=")
        if not key or effect not in _EFFECTS:
            raise click.BadParameter(f"{entry!r} is not of the form key=value:effect (effects: {', '.join(_EFFECTS)})")
        taints.append(Taint(key=key, value=value, effect=effect))
    return tuple(taints)


def _quantity(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        amount = parse_quantity(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if amount <= 0:
        raise click.BadParameter(f"{text!r} is not a positive quantity")
    return text


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """Read a duration as upstream writes them: ``10s``, ``5m``, ``1m30s``, or a bare number of seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    total, number = 0.0, ""
    try:
        for character in text:
            if character in units:
                total, number = total + float(number) * units[character], ""
            else:
                number += character
        total += float(number) if number else 0.0
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a duration such as 10s or 1m30s") from None
    if total <= 0:
        raise click.BadParameter("must be longer than nothing")
    return total


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@client_options
@click.option(
    "--node-name",
    "--hostname-override",
    "node_name",
    default=lambda: socket.gethostname().lower(),
    show_default="the machine's host name",
    metavar="NAME",
    callback=_node_name,
    help="Name of the node.",
)
@click.option(
    "--node-labels",
    default="",
    metavar="KEY=VALUE,...",
    callback=_labels,
    help="Labels to register the node with.",
)
@click.option(
    "--register-with-taints",
    default="",
    metavar="KEY=VALUE:EFFECT,...",
    callback=_taints,
    help="Taints to register the node with.",
)
@click.option("--cpu", default="4", show_default=True, metavar="QUANTITY", callback=_quantity, help="CPUs to offer.")
@click.option(
    "--memory", default="8Gi", show_default=True, metavar="QUANTITY", callback=_quantity, help="Memory to offer."
)
@click.option(
    "--max-pods",
    type=click.IntRange(min=1),
    default=110,
    show_default=True,
    metavar="NUMBER",
    help="How many pods the node takes.",
)
@click.option(
    "--node-status-update-frequency",
    default="10s",
    show_default=True,
    metavar="DURATION",
    callback=_seconds,
    help="How often the node's status is looked at; it is written when it has changed, and every five minutes.",
)
@click.option(
    "--healthz-port",
    type=click.IntRange(0, 65535),
    default=10248,
    show_default=True,
    metavar="PORT",
    help="Port of the kubelet's own HTTP server (/healthz, /livez, /readyz). 0 serves nothing.",
)
@click.option(
    "--healthz-bind-address",
    default="",
    show_default="the node's address on the pod network",
    metavar="IP",
    help="Address of the kubelet's own HTTP server. It is opened once the node has its range of pod addresses.",
)
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Draw ids and jitter by this seed, so that the same history gives the same ones.",
)
@logging_options
def main(
    server: str,
    node_name: str,
    node_labels: Mapping[str, str],
    register_with_taints: tuple[Taint, ...],
    cpu: str,
    memory: str,
    max_pods: int,
    node_status_update_frequency: float,
    healthz_port: int,
    healthz_bind_address: str,
    seed: int | None,
    v: int,
) -> None:
    """Be a node: run the pods that are bound to it, and report how they are.

    Registers the node with the API server, waits for its range of pod addresses (a controller of the controller
    manager gives it), and runs pods in a fake container runtime with real addresses on loopback.
    """
    settings = Settings(
        node_name=node_name,
        node_labels=node_labels,
        register_with_taints=register_with_taints,
        cpu=cpu,
        memory=memory,
        max_pods=max_pods,
        node_status_update_frequency=node_status_update_frequency,
        healthz_port=healthz_port,
        healthz_bind_address=healthz_bind_address,
        seed=seed,
    )

    async def run() -> None:
        await serve(server, settings)

    run_component(NAME, run, verbosity=v)


async def serve(server: str, settings: Settings) -> None:
    """Run a kubelet with the fake runtime until cancelled."""
    async with Client(server, user_agent=f"{NAME}/{settings.node_name}") as client:
        await client.wait_for_server()
        await Kubelet(client, settings, lambda cidr: fake_runtime(cidr, client.clock, settings)).run()


def fake_runtime(cidr: str, clock: Clock, settings: Settings) -> AbstractAsyncContextManager[NodeRuntime]:
    """Return a fake runtime for pods with addresses from ``cidr``."""
    return FakeRuntime(clock=clock, network=PodNetwork(cidr), rng=settings.rng("runtime"))


if __name__ == "__main__":
    main()
