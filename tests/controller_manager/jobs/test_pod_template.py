from typing import Any

import orjson
import pytest

from apimachinery.types.pod import Pod
from controller_manager.jobs.pod_template import PodTemplate, generate_name
from controller_manager.jobs.pods import (
    COMPLETION_INDEX,
    INDEX_FAILURE_COUNT,
    INDEX_IGNORED_FAILURE_COUNT,
    TRACKING_FINALIZER,
)
from tests.controller_manager.jobs.objects import indexed, job, pod

IGNORE_1 = {"rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1]}}]}


def test_a_pod_without_index() -> None:
    body = orjson.loads(PodTemplate(job()).body())
    assert body["metadata"]["generateName"] == "pi-"
    assert body["metadata"]["finalizers"] == [TRACKING_FINALIZER]
    assert body["metadata"]["ownerReferences"][0]["uid"] == "uid-pi"
    assert body["spec"] == {"restartPolicy": "Never", "containers": [{"name": "c"}]}


def test_a_pod_with_index() -> None:
    template = PodTemplate(indexed())
    template.body(0)
    body = orjson.loads(template.body(2))
    assert body["metadata"]["generateName"] == "pi-2-"
    assert body["metadata"]["annotations"] == {COMPLETION_INDEX: "2"}
    assert body["metadata"]["labels"] == {"app": "pi", COMPLETION_INDEX: "2"}
    assert body["spec"]["hostname"] == "pi-2"
    (variable,) = body["spec"]["containers"][0]["env"]
    assert variable["name"] == "JOB_COMPLETION_INDEX"
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == f"metadata.labels['{COMPLETION_INDEX}']"


@pytest.mark.parametrize(
    ("spec", "replaced", "counts"),
    [
        pytest.param({}, None, {INDEX_FAILURE_COUNT: "0"}, id="first"),
        pytest.param({}, pod("a", "Failed", failures=2), {INDEX_FAILURE_COUNT: "3"}, id="after-a-failure"),
        pytest.param(
            {"podFailurePolicy": IGNORE_1},
            pod("a", "Failed", failures=2),
            {INDEX_FAILURE_COUNT: "2", INDEX_IGNORED_FAILURE_COUNT: "1"},
            id="after-one-that-is-ignored",
        ),
    ],
)
def test_a_pod_says_how_often_its_index_failed(
    spec: dict[str, Any], replaced: Pod | None, counts: dict[str, str]
) -> None:
    body = orjson.loads(PodTemplate(indexed(backoffLimitPerIndex=5, **spec)).body(1, replaced))
    assert body["metadata"]["annotations"] == {COMPLETION_INDEX: "1", **counts}


def test_a_long_name_is_cut_before_the_index() -> None:
    assert generate_name("j" * 63, 12) == "j" * 54 + "-12-"
