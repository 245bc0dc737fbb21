"""What the command line says."""

import ipaddress
from typing import Any

import click
import pytest

from kubeproxy.__main__ import main


def parsed(*args: str) -> dict[str, Any]:
    return main.make_context("kubeproxy", list(args)).params


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("127.0.0.1:1234", ("127.0.0.1", 1234), id="both"),
        pytest.param("127.0.0.1", ("127.0.0.1", 10256), id="address-alone"),
        pytest.param("[::1]:1234", ("::1", 1234), id="ipv6"),
        pytest.param("::1", ("::1", 10256), id="ipv6-alone"),
        pytest.param("127.0.0.1:0", None, id="no-port"),
        pytest.param("", None, id="nowhere"),
    ],
)
def test_healthz_bind_address(value: str, expected: tuple[str, int] | None) -> None:
    assert parsed("--healthz-bind-address", value)["healthz_bind_address"] == expected


def test_nodeport_addresses() -> None:
    found = parsed("--nodeport-addresses", "127.128.0.0/16, 127.129.0.0/16")["nodeport_addresses"]
    assert found == (ipaddress.IPv4Network("127.128.0.0/16"), ipaddress.IPv4Network("127.129.0.0/16"))
    assert parsed()["nodeport_addresses"] == ()


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("--healthz-bind-address", "here:1"), id="no-address"),
        pytest.param(("--healthz-bind-address", "127.0.0.1:99999"), id="no-port"),
        pytest.param(("--nodeport-addresses", "primary"), id="no-network"),
    ],
)
def test_refused(args: tuple[str, str]) -> None:
    with pytest.raises(click.BadParameter):
        parsed(*args)
