"""Which addresses are nodes', and on which node an address is."""

import pytest

from kubeproxy.node_map import node_map
from tests.kubeproxy.builders import NODES, node


def test_addresses_are_internal_ones_in_the_order_of_names() -> None:
    assert NODES.addresses == (("a", "127.150.0.1"), ("b", "127.150.1.1"))


def test_zones_are_of_every_node() -> None:
    assert NODES.zones == (("a", ""), ("b", "east"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("127.150.0.1", "a", id="own-address"),
        pytest.param("127.150.1.77", "b", id="pod"),
        pytest.param("127.0.0.1", "", id="nobodys"),
    ],
)
def test_node_of(address: str, expected: str) -> None:
    assert NODES.node_of(address) == expected
    assert NODES.node_of(address) == expected


def test_a_node_without_a_range_has_its_address() -> None:
    assert node_map([node("a", "127.150.0.1", "")]).node_of("127.150.0.1") == "a"


def test_ipv6_is_nobodys() -> None:
    found = node_map([node("a", "fd00::1", "fd00::/64")])
    assert (found.addresses, found.ranges) == ((), ())
