"""Promises of nodes: who has one, and against whom it counts."""

import pytest

from scheduler.framework.nominator import Nominator
from tests.scheduler.builders import make_pod


def names(nominator: Nominator, priority: int, name: str = "asker") -> dict[str, list[str]]:
    claims = nominator.claims(make_pod(name).priority(priority).info())
    return {node: [pod.name for pod in pods] for node, pods in claims.items()}


@pytest.mark.parametrize(
    ("priority", "honoured"),
    [
        pytest.param(4, True, id="lower priority"),
        pytest.param(5, True, id="the same"),
        pytest.param(6, False, id="higher"),
    ],
)
def test_a_promise_counts_against_pods_of_the_same_or_a_lower_priority(priority: int, honoured: bool) -> None:
    nominator = Nominator()
    nominator.nominate(make_pod("promised").priority(5).info(), "a")
    assert names(nominator, priority) == ({"a": ["promised"]} if honoured else {})


def test_a_pod_is_not_in_its_own_way() -> None:
    nominator = Nominator()
    nominator.nominate(make_pod("promised").info(), "a")
    assert names(nominator, 0, "promised") == {}


def test_a_new_promise_replaces_the_old_one() -> None:
    nominator = Nominator()
    pod = make_pod("promised").info()
    nominator.nominate(pod, "a")
    nominator.nominate(pod, "b")
    assert (nominator.node_of(pod.uid), list(nominator.pods_on("a")), list(nominator.pods_on("b"))) == (
        "b",
        [],
        [pod.uid],
    )
    nominator.nominate(pod, "")
    assert len(nominator) == 0


def test_a_promise_outlives_updates_that_do_not_show_it_yet() -> None:
    nominator = Nominator()
    pod = make_pod("promised")
    nominator.nominate(pod.info(), "a")
    nominator.update(pod.priority(7).info())
    assert nominator.pods_on("a")[pod.info().uid].priority == 7
    nominator.forget(pod.info().uid)
    nominator.update(pod.info())
    assert len(nominator) == 0
