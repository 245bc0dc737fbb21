"""Whose turn it is."""

from dataclasses import replace

from kubeproxy.balancer import Balancer
from kubeproxy.routes import Backend, Route

ONE, TWO, THREE = (Backend(f"127.150.0.{number}", 80, "n") for number in (2, 3, 4))
ROUTE = Route("web", (ONE, TWO, THREE))
STICKY = replace(ROUTE, affinity_seconds=10)


def test_all_have_their_turn() -> None:
    balancer = Balancer()
    assert [balancer.pick(ROUTE, "c", "", 0.0) for _ in range(6)] == [ONE, TWO, THREE] * 2


def test_those_that_failed_are_left_out_until_none_is_left() -> None:
    balancer = Balancer()
    assert balancer.pick(ROUTE, "c", "", 0.0, failed=[ONE, THREE]) == TWO
    assert balancer.pick(ROUTE, "c", "", 0.0, failed=[ONE, TWO, THREE]) is None


def test_a_client_stays_for_as_long_as_it_keeps_coming() -> None:
    balancer = Balancer()
    assert [balancer.pick(STICKY, "c", "", now) for now in (0.0, 9.0, 18.0)] == [ONE] * 3
    assert balancer.pick(STICKY, "other", "", 18.0) == TWO
    assert balancer.pick(STICKY, "c", "", 28.0) == THREE


def test_a_client_leaves_an_endpoint_that_is_gone_or_fails() -> None:
    balancer = Balancer()
    assert balancer.pick(STICKY, "c", "", 0.0) == ONE
    assert balancer.pick(replace(STICKY, backends=(TWO, THREE)), "c", "", 1.0) == THREE
    assert balancer.pick(STICKY, "c", "", 2.0) == THREE
    assert balancer.pick(STICKY, "c", "", 3.0, failed=[THREE]) == ONE
    assert balancer.pick(STICKY, "c", "", 4.0) == ONE


def test_affinity_that_is_taken_back_is_forgotten() -> None:
    balancer = Balancer()
    assert balancer.pick(STICKY, "c", "", 0.0) == ONE
    assert [balancer.pick(ROUTE, "c", "", 0.0) for _ in range(3)] == [TWO, THREE, ONE]


def test_clients_of_a_node_have_what_is_open_to_them() -> None:
    route = replace(ROUTE, by_node={"n": (TWO,)})
    balancer = Balancer()
    assert [balancer.pick(route, "c", "n", 0.0) for _ in range(2)] == [TWO, TWO]
    assert balancer.pick(route, "c", "elsewhere", 0.0) is None
