"""A kubelet's summary, read."""

from typing import Any

import pytest

from apiserver.usage.samples import Reading, sample

START = "2026-01-01T00:00:00Z"


def stats(name: str = "", **more: Any) -> dict[str, Any]:
    cpu = {"time": "2026-01-01T00:01:00Z", "usageNanoCores": 5, "usageCoreNanoSeconds": 100}
    shown: dict[str, Any] = {"startTime": START, "cpu": cpu, "memory": {"workingSetBytes": 2048}}
    return {**shown, **({"name": name} if name else {}), **more}


def pod(name: str, *containers: dict[str, Any]) -> dict[str, Any]:
    return {"podRef": {"name": name, "namespace": "default"}, "containers": list(containers)}


def test_a_summary() -> None:
    found = sample({"node": {**stats(), "nodeName": "n"}, "pods": [pod("web", stats("a"), stats("b"))]}, 3.0)
    reading = Reading(START, 100, 5, 2048)
    assert (found.at, found.time, found.node) == (3.0, "2026-01-01T00:01:00Z", reading)
    assert found.pods == {("default", "web"): {"a": reading, "b": reading}}


@pytest.mark.parametrize(
    "containers",
    [
        pytest.param([stats("a"), stats("b", cpu={"time": "x"})], id="a counter is missing"),
        pytest.param([stats("a", memory=None)], id="memory is missing"),
        pytest.param([], id="no containers"),
    ],
)
def test_pods_that_are_not_told_of_in_full_are_left_out(containers: list[dict[str, Any]]) -> None:
    assert sample({"node": stats(), "pods": [pod("web", *containers)]}, 0).pods == {}


@pytest.mark.parametrize("text", [{}, {"node": None}, {"node": {}, "pods": [{"containers": [{}]}]}, []], ids=str)
def test_what_is_no_summary(text: Any) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        sample(text, 0)
