from datetime import timedelta

import pytest

from apimachinery.types.core import Lease, Node
from controller_manager.nodes.health import Grace, Health, readiness, silenced
from tests.controller_manager.builders import NOW
from tests.controller_manager.nodes.objects import lease, node

GRACE = Grace(monitor=50, startup=60)


@pytest.mark.parametrize(
    ("looks", "left"),
    [
        pytest.param([(0, node(), None)], 50, id="seen for the first time"),
        pytest.param([(0, node(), None), (30, node(), None)], 20, id="nothing new"),
        pytest.param([(0, node(), None), (51, node(), None)], -1, id="silent"),
        pytest.param([(0, node(), None), (30, node(beat=9), None)], 50, id="a status"),
        pytest.param([(0, node(), lease(0)), (30, node(), lease(9))], 50, id="a lease"),
        pytest.param([(0, node(), None), (30, node(), lease(0))], 50, id="the first lease"),
        pytest.param([(0, node(ready="Unknown"), lease(0)), (51, node(ready="Unknown"), lease(0))], -1, id="still"),
        pytest.param([(0, node(ready=""), None)], 60, id="has told nothing"),
        pytest.param([(0, node(ready=""), None), (55, node(ready=""), None)], 5, id="has more time for that"),
        pytest.param([(0, node(ready=""), None), (55, node(), None)], 50, id="tells for the first time"),
    ],
)
def test_signs_of_life(looks: list[tuple[float, Node, Lease | None]], left: float) -> None:
    health = Health(GRACE)
    answers = [health.silent_in(found, renewed, NOW, 1000 + at) for at, found, renewed in looks]
    assert answers[-1] == left


def test_a_node_that_was_there_before_counts_from_its_creation() -> None:
    assert Health(GRACE).silent_in(node(ready=""), None, NOW + timedelta(seconds=40), 7) == 20


def test_anew() -> None:
    health = Health(GRACE)
    health.silent_in(node(), None, NOW, 0)
    health.start_anew(100)
    assert health.silent_in(node(), None, NOW, 110) == 40
    health.forget("n1")
    assert health.silent_in(node(), None, NOW, 500) == 50


def test_what_is_said_of_a_silent_node() -> None:
    """The network's condition is not the kubelet's, and what is unknown already stays as it was."""
    conditions = {"MemoryPressure": "Unknown", "NetworkUnavailable": "False", "DiskPressure": "False"}
    found = {entry.type: entry for entry in silenced(node(conditions=conditions), NOW)}
    assert {kind: (entry.status, entry.reason) for kind, entry in found.items()} == {
        "Ready": ("Unknown", "NodeStatusUnknown"),
        "MemoryPressure": ("Unknown", "R"),
        "DiskPressure": ("Unknown", "NodeStatusUnknown"),
        "PIDPressure": ("Unknown", "NodeStatusNeverUpdated"),
        "NetworkUnavailable": ("False", "R"),
    }
    assert found["Ready"].last_transition_time == NOW
    assert found["MemoryPressure"].last_transition_time is None


@pytest.mark.parametrize("status", ["True", "False", "Unknown", ""])
def test_readiness(status: str) -> None:
    assert readiness(node(ready=status)) == status
