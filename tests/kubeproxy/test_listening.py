"""Sockets at addresses of Services, and to endpoints."""

import os
import socket
from collections.abc import Iterator

import pytest

from componentbase.low_ports import places
from kubeproxy.listening import listen, outgoing, ports_of
from kubeproxy.routes import Backend, Frontend
from tests.kubeproxy.servers import RANGE

NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Be somebody who may not bind low ports, whoever runs the tests."""
    own = os.geteuid()
    if not own:
        os.seteuid(NOBODY)
    yield
    os.seteuid(own)


@pytest.mark.usefixtures("unprivileged")
@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_a_low_port_that_may_not_be_bound_is_replaced(protocol: str) -> None:
    with listen(Frontend(protocol, f"{RANGE}.40", 80)) as opened:
        assert opened.getsockname() == (f"{RANGE}.40", 64_080)


def test_a_taken_address_is_an_error() -> None:
    frontend = Frontend("UDP", f"{RANGE}.40", 8080)
    with listen(frontend), pytest.raises(OSError, match="in use"):
        listen(frontend)


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        pytest.param(Backend("127.150.0.2", 80), places(80), id="low-port-of-a-pod"),
        pytest.param(Backend("127.150.0.2", 8080), (8080,), id="high-port"),
        pytest.param(Backend("192.0.2.1", 80), (80,), id="elsewhere"),
    ],
)
def test_ports_to_try(backend: Backend, expected: tuple[int, ...]) -> None:
    assert ports_of(backend) == expected


@pytest.mark.parametrize(
    ("client", "target", "expected"),
    [
        pytest.param("127.153.7.7", "127.150.0.2", "127.153.7.7", id="both-on-loopback"),
        pytest.param("127.153.7.7", "192.0.2.1", "0.0.0.0", id="endpoint-elsewhere"),
        pytest.param("192.0.2.7", "127.150.0.2", "0.0.0.0", id="client-elsewhere"),
    ],
)
def test_the_clients_address_is_kept_on_loopback(client: str, target: str, expected: str) -> None:
    with outgoing("UDP", Backend(target, 80), client) as opened:
        assert opened.type == socket.SOCK_DGRAM
        assert opened.getsockname()[0] == expected
