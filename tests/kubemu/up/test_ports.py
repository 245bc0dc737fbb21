"""Ports of a cluster's own servers, on a machine that has others."""

import socket
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from kubemu.up.ports import Ports, free_ports
from tests.live.addresses import address, own_range


@pytest.fixture
def place() -> str:
    """An address that nobody else has."""
    return address(own_range(30), 1)


@pytest.fixture
def everywhere() -> Iterator[int]:
    """A port that somebody listens on, on all addresses."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        yield listener.getsockname()[1]


def listen(place: str, port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((place, port))
        listener.listen()


def test_what_somebody_has_everywhere_is_replaced(place: str, everywhere: int) -> None:
    with pytest.raises(OSError, match="in use"):
        listen(place, everywhere)
    found = free_ports(place, Ports(kubelet=everywhere, scheduler=10_001))
    assert found.kubelet != everywhere
    assert found.scheduler == 10_001
    for port in astuple(found):
        listen(place, port)


def test_upstreams_are_wanted(place: str) -> None:
    """Unless this machine has a Kubernetes of its own, or somebody who happens to listen there."""
    for wanted, found in zip(astuple(Ports()), astuple(free_ports(place)), strict=True):
        if wanted != found:
            with pytest.raises(OSError, match="in use"):
                listen(place, wanted)
