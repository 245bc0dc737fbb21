"""What counting filters say they count must be what they go by."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.config.args import NodeResourcesFitArgs
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import CountingFilter
from scheduler.plugins.node_ports import NodePorts
from scheduler.plugins.node_resources_fit import NodeResourcesFit
from tests.scheduler import strategies
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table

NAMES = ("a", "b")


@st.composite
def pods(draw: st.DrawFn, name: str) -> PodBuilder:
    pod = make_pod(name).requests(**draw(strategies.requests))
    ports = st.tuples(st.sampled_from([80, 81]), st.sampled_from(["TCP", "UDP"]), st.sampled_from(["", "127.0.0.1"]))
    for port, protocol, address in draw(st.lists(ports, max_size=2)):
        pod.host_port(port, protocol, address)
    return pod


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(NodeResourcesFit, id="resources"),
        pytest.param(
            lambda: NodeResourcesFit(NodeResourcesFitArgs(ignored_resources=("example.com/gpu",))), id="some ignored"
        ),
        pytest.param(NodePorts, id="ports"),
    ],
)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_demands_agree_with_filter(make: Callable[[], CountingFilter], data: st.DataObject) -> None:
    """A node is turned down just when it has too little of something, with pods on it and without them."""
    plugin = make()
    there = [data.draw(pods(f"p{number}")).node(data.draw(st.sampled_from(NAMES))) for number in range(3)]
    nodes = table(*(make_node(name).capacity(**data.draw(strategies.capacities)) for name in NAMES), pods=tuple(there))
    pod = data.draw(pods("new")).info()
    everybody = [other.info() for other in there]
    spare = [demand.spare.copy() for demand in plugin.demands(CycleState(), pod, nodes)]
    while True:
        turned_down = np.zeros(len(NAMES), dtype=np.bool_)
        for rejection in plugin.filter(CycleState(), pod, nodes):
            turned_down |= rejection.nodes
        assert turned_down.tolist() == [any(left[row] < 0 for left in spare) for row in range(len(NAMES))]
        if not everybody:
            return
        gone = everybody.pop()
        for left, demand in zip(spare, plugin.demands(CycleState(), pod, nodes), strict=True):
            row = nodes.row(gone.node_name)
            assert row is not None
            left[row] += demand.takes(gone)
        nodes.remove_pod(gone.node_name, gone)
