"""What each component of a cluster is told, worked out from the cluster's settings and addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from kubemu.up.addresses import Addresses
from kubemu.up.settings import Settings

if TYPE_CHECKING:
    from kubelet.settings import Settings as NodeSettings
    from scheduler.config.load import Configuration

HOST = "127.0.0.1"
"""Where API servers listen; the port tells one from another."""

NODE_PREFIX = "node-"

NODE_MASK_SIZE = 24
"""Prefix length of the range of one node's pods."""


def component_urls(addresses: Addresses) -> dict[str, str]:
    """Return where the components' own HTTP servers are, by the components' names."""
    ports = addresses.ports
    named = {"scheduler": ports.scheduler, "controller-manager": ports.controller_manager, "proxy": ports.proxy}
    return {name: f"http://{addresses.servers}:{port}" for name, port in named.items()}


def api_server_arguments(settings: Settings, addresses: Addresses, time_scale: str, port: int) -> list[str]:
    """Return the options of ``python -m apiserver``."""
    urls = component_urls(addresses)
    return [
        *("--bind-address", HOST, "--port", str(port), "--enable-reset"),
        *("--scheduler-url", urls["scheduler"], "--controller-manager-url", urls["controller-manager"]),
        *("--service-cluster-ip-range", addresses.services),
        *_common(settings, time_scale),
    ]


def client_arguments(
    settings: Settings, addresses: Addresses, time_scale: str, server: str
) -> Mapping[str, Sequence[str]]:
    """Return the options of all other components, by the modules that they are started as."""
    common = ["--server", server, *_common(settings, time_scale)]
    # There is one of each, so that nobody has to be waited for after a restart.
    alone = ["--bind-address", addresses.servers, "--leader-elect=false"]
    which = ["--node-shapes", settings.node_shapes] if settings.node_shapes else ["--nodes", str(settings.nodes)]
    ranges = ["--cluster-cidr", addresses.pods_cidr, "--load-balancer-cidr", addresses.load_balancers]
    images = [part for path in settings.image_files for part in ("--images", path)]
    profiles = ["--config", settings.scheduler_config] if settings.scheduler_config else []
    proxy = ["--server", server, "--time-scale", time_scale, "--v", str(settings.verbosity)]
    ports = addresses.ports
    nodes = ["--port", str(ports.kubelet), "--healthz-port", str(ports.kubelet_health)]
    return {
        "controller_manager": [*proxy, *alone, *ranges, "--secure-port", str(ports.controller_manager)],
        "scheduler": [*common, *alone, *profiles, "--secure-port", str(ports.scheduler)],
        "kubelet": [*common, *which, *nodes, "--name-prefix", NODE_PREFIX, "--cluster-dns", addresses.dns, *images],
        "kubeproxy": [
            *proxy,
            *("--cluster-dns", addresses.dns),
            *("--healthz-bind-address", f"{addresses.servers}:{ports.proxy}"),
        ],
    }


def _common(settings: Settings, time_scale: str) -> list[str]:
    seed = [] if settings.seed is None else ["--seed", str(settings.seed)]
    return ["--time-scale", time_scale, "--v", str(settings.verbosity), *seed]


def scheduler_configuration(settings: Settings) -> "Configuration | None":
    """Return what the scheduler is to be like, ``None`` for the default; ``FatalError`` for a file of no use."""
    if not settings.scheduler_config:
        return None
    from scheduler.config.load import load

    return load(Path(settings.scheduler_config))


def planned_nodes(settings: Settings) -> "list[NodeSettings]":
    """Return the nodes that the settings ask for; raise ``FatalError`` for a file that cannot be used."""
    from kubelet.settings import Settings as NodeSettings

    base = NodeSettings(node_name=f"{NODE_PREFIX}0", seed=settings.seed)
    if settings.node_shapes:
        from kubelet.node_shapes import read_shapes

        return read_shapes(settings.node_shapes, base)
    from kubelet.equal_nodes import counted_nodes

    return counted_nodes(base, NODE_PREFIX, settings.nodes)


def placed_nodes(nodes: "Sequence[NodeSettings]", addresses: Addresses) -> "list[NodeSettings]":
    """Return the nodes in a cluster that has these addresses, each with its range of them.

    So a node need not wait for a controller to give it one; the controller sees that it has one.
    """
    ranges = ip_network(addresses.pods_cidr).subnets(new_prefix=NODE_MASK_SIZE)
    ports = addresses.ports
    return [
        replace(
            node,
            cluster_dns=(addresses.dns,),
            pod_cidr=str(cidr),
            register_pod_cidr=True,
            port=ports.kubelet,
            healthz_port=ports.kubelet_health,
        )
        for node, cidr in zip(nodes, ranges, strict=False)
    ]
