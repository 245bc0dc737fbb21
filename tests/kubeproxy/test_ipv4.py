"""Addresses and networks as objects have them."""

import ipaddress

import pytest

from kubeproxy.ipv4 import is_address, network


@pytest.mark.parametrize(
    ("text", "expected"), [("127.0.0.1", True), ("::1", False), ("localhost", False), ("127.0.0.1/8", False)]
)
def test_is_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("127.1.0.0/16", "127.1.0.0/16", id="network"),
        pytest.param(" 127.1.2.3/16 ", "127.1.0.0/16", id="host-bits"),
        pytest.param("fd00::/64", None, id="ipv6"),
        pytest.param("everywhere", None, id="neither"),
    ],
)
def test_network(text: str, expected: str | None) -> None:
    assert network(text) == (ipaddress.IPv4Network(expected) if expected else None)
