"""Which addresses are nodes', and on which node an address is."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from apimachinery.labels import ZONE
from apimachinery.types.core import Node
from kubeproxy.ipv4 import is_address, network

INTERNAL_IP = "InternalIP"


@dataclass(frozen=True, slots=True)
class NodeMap:
    """``addresses`` are the nodes' own (IPv4), each with the node's name, in the order of names.

    ``zones`` has every node, with the empty name for those that are in none.
    """

    addresses: tuple[tuple[str, str], ...] = ()
    ranges: tuple[tuple[ipaddress.IPv4Network, str], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    _found: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)

    def node_of(self, address: str) -> str:
        """Return the node that an address belongs to, its own or one of its pods'; empty when it is no node's."""
        if address not in self._found:
            self._found[address] = self._look_up(address)
        return self._found[address]

    def _look_up(self, address: str) -> str:
        for name, own in self.addresses:
            if own == address:
                return name
        parsed = ipaddress.ip_address(address)
        return next((name for pods, name in self.ranges if parsed in pods), "")


def node_map(nodes: Iterable[Node]) -> NodeMap:
    """Return the map of these nodes."""
    addresses, ranges, zones = [], [], []
    for node in sorted(nodes, key=lambda node: node.metadata.name):
        name = node.metadata.name
        addresses += [
            (name, entry.address)
            for entry in node.status.addresses
            if entry.type == INTERNAL_IP and is_address(entry.address)
        ]
        if (pods := network(node.spec.pod_cidr)) is not None:
            ranges.append((pods, name))
        zones.append((name, node.metadata.labels.get(ZONE, "")))
    return NodeMap(tuple(addresses), tuple(ranges), tuple(zones))
