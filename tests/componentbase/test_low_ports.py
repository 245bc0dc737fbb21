"""Which port stands in for one that may not be bound."""

import socket

import pytest

from componentbase.low_ports import in_order, may_bind, places, stand_in
from tests.live.people import WHOEVER_RUNS_THE_TESTS, may_listen_on


@pytest.mark.parametrize(("port", "expected"), [(1, 64001), (80, 64080), (1023, 65023), (1024, 0), (8080, 0), (0, 0)])
def test_stand_ins(port: int, expected: int) -> None:
    assert stand_in(port) == expected


@pytest.mark.parametrize(
    ("port", "permitted", "expected"),
    [
        pytest.param(80, True, (80, 64080), id="it may be had"),
        pytest.param(80, False, (64080, 80), id="at the port itself is somebody else"),
        pytest.param(8080, True, (8080,), id="no low port"),
        pytest.param(0, False, (0,), id="no port"),
    ],
)
def test_where_a_server_is_looked_for(port: int, permitted: bool, expected: tuple[int, ...]) -> None:
    assert in_order(port, permitted=permitted) == expected


def test_a_port_that_somebody_has_may_be_had_by_permission() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        assert may_bind(taken.getsockname()[1])


def test_permission_is_the_kernels() -> None:
    assert may_bind(80) is may_listen_on(80, WHOEVER_RUNS_THE_TESTS)
    assert places(80) == in_order(80, permitted=may_bind(80))
