"""RuntimeClass: overhead and where a pod can run."""

from typing import Any

import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import pod


def runtime_class(**fields: Any) -> JSONObject:
    return {"metadata": {"name": "vm"}, "handler": "vm", **fields}


async def test_overhead_and_scheduling(server: Server) -> None:
    scheduling = {"nodeSelector": {"vm": "yes"}, "tolerations": [{"key": "vm", "operator": "Exists"}]}
    await server.create("runtimeclasses", runtime_class(overhead={"podFixed": {"cpu": "250m"}}, scheduling=scheduling))
    spec = (await server.create("pods", pod("p", runtimeClassName="vm", nodeSelector={"a": "b"})))["spec"]
    assert (spec["overhead"], spec["nodeSelector"]) == ({"cpu": "250m"}, {"a": "b", "vm": "yes"})
    assert spec["tolerations"][-1] == {"key": "vm", "operator": "Exists"}


async def test_a_class_that_says_nothing(server: Server) -> None:
    await server.create("runtimeclasses", runtime_class())
    assert "overhead" not in (await server.create("pods", pod("p", runtimeClassName="vm")))["spec"]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({"runtimeClassName": "none"}, 'pod rejected: RuntimeClass "none" not found', id="unknown"),
        pytest.param(
            {"runtimeClassName": "vm", "overhead": {"cpu": "1"}},
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
            id="other overhead",
        ),
        pytest.param(
            {"overhead": {"cpu": "1"}},
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
            id="overhead of its own",
        ),
        pytest.param(
            {"runtimeClassName": "vm", "nodeSelector": {"vm": "no"}},
            "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no",
            id="another node",
        ),
    ],
)
async def test_refusals(server: Server, spec: JSONObject, why: str) -> None:
    overhead, scheduling = {"podFixed": {"cpu": "250m"}}, {"nodeSelector": {"vm": "yes"}}
    await server.create("runtimeclasses", runtime_class(overhead=overhead, scheduling=scheduling))
    assert await server.refused("pods", pod("p", **spec)) == f'pods "p" is forbidden: {why}'


async def test_the_same_overhead_may_be_said_again(server: Server) -> None:
    await server.create("runtimeclasses", runtime_class(overhead={"podFixed": {"cpu": "250m"}}))
    await server.create("pods", pod("p", runtimeClassName="vm", overhead={"cpu": "0.25"}))
