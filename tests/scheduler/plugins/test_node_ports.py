import pytest

from scheduler.framework.hints import QueueingHint
from scheduler.plugins.node_ports import NodePorts, port_freed
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import SOFT, fits, rejected


@pytest.mark.parametrize(
    ("held", "wanted", "free"),
    [
        pytest.param(make_pod(), make_pod(), True, id="no ports"),
        pytest.param(make_pod().host_port(80), make_pod(), True, id="no port wanted"),
        pytest.param(make_pod(), make_pod().host_port(80), True, id="no port held"),
        pytest.param(make_pod().host_port(80), make_pod().host_port(80), False, id="same port"),
        pytest.param(make_pod().host_port(80), make_pod().host_port(81), True, id="another port"),
        pytest.param(make_pod().host_port(80), make_pod().host_port(80, "UDP"), True, id="another protocol"),
        pytest.param(
            make_pod().host_port(80, ip="10.0.0.1"), make_pod().host_port(80, ip="10.0.0.2"), True, id="another address"
        ),
        pytest.param(
            make_pod().host_port(80, ip="10.0.0.1"), make_pod().host_port(80, ip="10.0.0.1"), False, id="same address"
        ),
        pytest.param(
            make_pod().host_port(80, ip="10.0.0.1"), make_pod().host_port(80), False, id="one, and all are wanted"
        ),
        pytest.param(
            make_pod().host_port(80), make_pod().host_port(80, ip="10.0.0.1"), False, id="all, and one is wanted"
        ),
        pytest.param(
            make_pod().host_port(80, ip="0.0.0.0"),
            make_pod().host_port(80, ip="127.0.0.1"),
            False,
            id="the wildcard address collides with loopback",
        ),
        pytest.param(
            make_pod().host_port(80, sidecar=True), make_pod().host_port(80), False, id="sidecars hold ports too"
        ),
        pytest.param(
            make_pod().host_port(80), make_pod().host_port(79).host_port(80), False, id="one of two ports is taken"
        ),
    ],
)
def test_filter(held: PodBuilder, wanted: PodBuilder, free: bool) -> None:
    assert bool(fits(NodePorts(), wanted, table(make_node("a"), pods=(held.node("a"),)))) is free


def test_reason_and_other_nodes() -> None:
    nodes = table(make_node("a"), make_node("b"), pods=(make_pod().host_port(80).node("b"),))
    verdict = rejected(NodePorts(), make_pod().host_port(80), nodes)
    assert verdict == {"b": [("node(s) didn't have free ports for the requested pod ports", SOFT)]}


def test_a_port_is_free_when_its_last_holder_is_gone() -> None:
    holders = [make_pod(f"p{number}").host_port(80, ip="10.0.0.1").node("a") for number in range(2)]
    nodes = table(make_node("a"), pods=tuple(holders))
    wanted = make_pod().host_port(80)
    nodes.remove_pod("a", holders[0].info())
    assert fits(NodePorts(), wanted, nodes) == []
    nodes.remove_pod("a", holders[1].info())
    assert fits(NodePorts(), wanted, nodes) == ["a"]


@pytest.mark.parametrize(
    ("gone", "hint"),
    [
        pytest.param(make_pod().host_port(80), "QUEUE", id="held the port"),
        pytest.param(make_pod().host_port(80, ip="10.0.0.1"), "QUEUE", id="held it on one address"),
        pytest.param(make_pod().host_port(81), "SKIP", id="held another"),
        pytest.param(make_pod(), "SKIP", id="held none"),
    ],
)
def test_which_pods_wake_a_pod(gone: PodBuilder, hint: str) -> None:
    assert port_freed(make_pod().host_port(80).info(), gone.info(), None) is QueueingHint[hint]
