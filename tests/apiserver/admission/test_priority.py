"""Priority: what a pod's class makes of it."""

from typing import Any

import pytest

from tests.apiserver.admission.server import Server
from tests.apiserver.objects import pod


def priority_class(name: str, value: int, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "value": value, **fields}


async def test_without_classes_the_priority_is_zero(server: Server) -> None:
    spec = (await server.create("pods", pod("p")))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert "priorityClassName" not in spec


@pytest.mark.parametrize(
    ("name", "priority", "policy"),
    [
        pytest.param("high", 1000, "PreemptLowerPriority", id="a class"),
        pytest.param("polite", 7, "Never", id="a class that preempts nobody"),
        pytest.param("system-node-critical", 2000001000, "PreemptLowerPriority", id="of the system: node"),
        pytest.param("system-cluster-critical", 2000000000, "PreemptLowerPriority", id="of the system: cluster"),
    ],
)
async def test_the_class_decides(server: Server, name: str, priority: int, policy: str) -> None:
    await server.create("priorityclasses", priority_class("high", 1000))
    await server.create("priorityclasses", priority_class("polite", 7, preemptionPolicy="Never"))
    spec = (await server.create("pods", pod("p", priorityClassName=name), namespace="kube-system"))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (priority, policy)


async def test_the_default_class(server: Server) -> None:
    await server.create("priorityclasses", priority_class("usual", 5, globalDefault=True))
    spec = (await server.create("pods", pod("p")))["spec"]
    assert (spec["priorityClassName"], spec["priority"]) == ("usual", 5)
    second = await server.refused("priorityclasses", priority_class("other", 6, globalDefault=True))
    assert second == (
        'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. '
        "Only one default can exist"
    )
    changed = priority_class("usual", 5, globalDefault=True, description="still the one")
    await server.replace("priorityclasses", changed)
    await server.delete("priorityclasses", "usual")
    assert (await server.create("pods", pod("q")))["spec"]["priority"] == 0


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({"priorityClassName": "none"}, "no PriorityClass with name none was found", id="unknown class"),
        pytest.param(
            {"priority": 3},
            "the integer value of priority (3) must not be provided in pod spec; priority admission controller "
            "computed 0 from the given PriorityClass name",
            id="a number of its own",
        ),
        pytest.param(
            {"preemptionPolicy": "Never"},
            "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission "
            "controller computed PreemptLowerPriority from the given PriorityClass name",
            id="a policy of its own",
        ),
    ],
)
async def test_refusals(server: Server, spec: dict[str, Any], why: str) -> None:
    assert await server.refused("pods", pod("p", **spec)) == f'pods "p" is forbidden: {why}'


async def test_a_writer_who_does_not_know_of_it_changes_nothing(server: Server) -> None:
    created = await server.create("pods", pod("p"))
    for key in ("priority", "preemptionPolicy"):
        del created["spec"][key]
    created["metadata"]["labels"] = {"a": "b"}
    assert (await server.replace("pods", created))["spec"]["priority"] == 0
