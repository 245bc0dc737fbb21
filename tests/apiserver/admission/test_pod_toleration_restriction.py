"""PodTolerationRestriction: what a namespace's pods tolerate."""

import json

import pytest

from apiserver.admission.plugins.pod_toleration_restriction import DEFAULTS, WHITELIST, covers, merged
from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod

EXISTS = {"key": "a", "operator": "Exists"}
EQUAL = {"key": "a", "operator": "Equal", "value": "1"}
ALL = {"operator": "Exists"}


def for_seconds(seconds: int | None) -> JSONObject:
    given = {} if seconds is None else {"tolerationSeconds": seconds}
    return {"key": "a", "operator": "Exists", "effect": "NoExecute", **given}


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        pytest.param(EQUAL, EQUAL, True, id="equal"),
        pytest.param(EXISTS, EQUAL, True, id="any value"),
        pytest.param(EQUAL, EXISTS, False, id="one value of any"),
        pytest.param(ALL, EQUAL, True, id="everything"),
        pytest.param({"key": "b", "operator": "Exists"}, EQUAL, False, id="another key"),
        pytest.param({**EXISTS, "effect": "NoSchedule"}, EXISTS, False, id="one effect of all"),
        pytest.param(EXISTS, {**EXISTS, "effect": "NoSchedule"}, True, id="all effects"),
        pytest.param(for_seconds(5), for_seconds(9), False, id="less long"),
        pytest.param(for_seconds(5), for_seconds(None), False, id="not for ever"),
        pytest.param(for_seconds(9), for_seconds(5), True, id="long enough"),
        pytest.param({**EQUAL, "value": "2"}, EQUAL, False, id="another value"),
    ],
)
def test_covers(wide: JSONObject, narrow: JSONObject, expected: bool) -> None:
    assert covers(wide, narrow) is expected


@pytest.mark.parametrize(
    ("tolerations", "expected"),
    [
        pytest.param([EQUAL, EQUAL], [EQUAL], id="equal ones"),
        pytest.param([EQUAL, EXISTS], [EXISTS], id="a wider one behind"),
        pytest.param([EXISTS, EQUAL], [EXISTS], id="a wider one before"),
        pytest.param([EQUAL, for_seconds(5)], [EQUAL, for_seconds(5)], id="neither covers the other"),
    ],
)
def test_merged(tolerations: list[JSONObject], expected: list[JSONObject]) -> None:
    assert merged(tolerations) == expected


async def test_namespaces() -> None:
    async with Server(enable=("PodTolerationRestriction",), disable=("DefaultTolerationSeconds",)) as server:
        annotations = {DEFAULTS: json.dumps([EQUAL]), WHITELIST: json.dumps([EXISTS])}
        await server.create("namespaces", {"metadata": {"name": "n", "annotations": annotations}})
        created = await server.create("pods", pod("p"), namespace="n")
        assert created["spec"]["tolerations"] == [EQUAL]
        assert await server.refused("pods", pod("q", tolerations=[ALL]), namespace="n") == (
            'pods "q" is forbidden: pod tolerations (possibly merged with namespace default tolerations) conflict with '
            "its namespace whitelist"
        )


async def test_pods_that_ask_for_something_stand_memory_pressure() -> None:
    async with Server(enable=("PodTolerationRestriction",), disable=("DefaultTolerationSeconds",)) as server:
        asking = container(resources={"requests": {"cpu": "1"}})
        (added,) = (await server.create("pods", pod("p", containers=[asking])))["spec"]["tolerations"]
        assert (added["key"], added["effect"]) == ("node.kubernetes.io/memory-pressure", "NoSchedule")
        assert "tolerations" not in (await server.create("pods", pod("q")))["spec"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"a": 1}', id="no list"),
        pytest.param('[{"key": 1}]', id="no text for a key"),
    ],
)
async def test_annotations_that_mean_nothing(text: str) -> None:
    async with Server(enable=("PodTolerationRestriction",)) as server:
        await server.create("namespaces", {"metadata": {"name": "n", "annotations": {DEFAULTS: text}}})
        status = await server.create("pods", pod("p"), namespace="n", code=500)
        assert DEFAULTS in status["message"]
