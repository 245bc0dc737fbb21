"""What each component of a cluster is told, worked out from the cluster's settings and addresses."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from kubemu.up.addresses import Addresses
from kubemu.up.settings import Settings

if TYPE_CHECKING:
    from kubelet.settings import Settings as NodeSettings

HOST = "127.0.0.1"
"""Where API servers listen; the port tells one from another."""

NODE_PREFIX = "node-"

NODE_MASK_SIZE = 24
"""Prefix length of the range of one node's pods."""

PORTS = {"scheduler": 10259, "controller-manager": 10257, "proxy": 10256}
"""The ports of the components' own HTTP servers, upstream's, on :attr:`~kubemu.up.addresses.Addresses.servers`."""


def component_urls(addresses: Addresses) -> dict[str, str]:
    """Return where the components' own HTTP servers are, by the components' names."""
    return {name: f"http://{addresses.servers}:{port}" for name, port in PORTS.items()}


def planned_nodes(settings: Settings) -> "list[NodeSettings]":
    """Return the nodes that the settings ask for; raise ``FatalError`` for a file that cannot be used."""
    from kubelet.node_shapes import counted_nodes, read_shapes
    from kubelet.settings import Settings as NodeSettings

    base = NodeSettings(node_name=f"{NODE_PREFIX}0", seed=settings.seed)
    if settings.node_shapes:
        return read_shapes(settings.node_shapes, base)
    return counted_nodes(base, NODE_PREFIX, settings.nodes)


def placed_nodes(nodes: "Sequence[NodeSettings]", addresses: Addresses) -> "list[NodeSettings]":
    """Return the nodes in a cluster that has these addresses, each with its range of them.

    So a node need not wait for a controller to give it one; the controller sees that it has one.
    """
    ranges = ip_network(addresses.pods_cidr).subnets(new_prefix=NODE_MASK_SIZE)
    return [
        replace(node, cluster_dns=(addresses.dns,), pod_cidr=str(cidr), register_pod_cidr=True)
        for node, cidr in zip(nodes, ranges, strict=False)
    ]
