"""What is kept of a pod as the API server shows it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from kubeclient.client import Client
from kubeclient.resources import PODS
from scheduler.framework.informers import SharedInformers
from scheduler.framework.shown_pod import SHOWN_PODS, ShownPod
from tests.scheduler import strategies
from tests.scheduler.builders import PodBuilder, make_pod


@settings(max_examples=60, deadline=None)
@given(strategies.social_pods("web"))
def test_says_the_same_as_the_whole_pod(pod: PodBuilder) -> None:
    assert ShownPod.model_validate(pod.node("a").priority(3).gates("g").dict()).info == pod.info()


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(make_pod().requests(cpu="1").has(cpu="2").node("a"), id="shrinking"),
        pytest.param(make_pod().requests(cpu="3").has(cpu="2", allocated={"cpu": "3"}).node("a"), id="growing"),
        pytest.param(
            make_pod().requests(cpu="3").has(cpu="2").condition("PodResizePending", "Infeasible").node("a"),
            id="never-grows",
        ),
        pytest.param(make_pod().requests(cpu="1").has(cpu="2"), id="without-a-node"),
    ],
)
def test_sizes_that_containers_have(pod: PodBuilder) -> None:
    assert pod.shown().info == pod.info()


def shown(**changes: Any) -> ShownPod:
    wire = make_pod().controller("rs").labels(app="web").requests(cpu="1").dict()
    for key, value in changes.items():
        wire[key] = {**wire[key], **value}
    return ShownPod.model_validate(wire)


def test_pods_of_one_template_share_what_was_worked_out() -> None:
    token = [{"name": "kube-api-access-x", "projected": {"sources": []}}]
    one, other = shown(), shown(metadata={"name": "other", "uid": "2"}, spec={"volumes": token, "nodeName": "a"})
    assert (other.key, other.uid, other.info.node_name) == ("default/other", "2", "a")
    assert one.info.requests is other.info.requests
    assert one.info.labels is other.info.labels
    assert one.info.node_name == ""


def test_claims_of_ephemeral_volumes_are_the_pods_own() -> None:
    volumes = {"volumes": [{"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]}
    found = [shown(metadata={"name": name}, spec=volumes).info.volumes for name in ("one", "two")]
    assert [entry and entry.claims[0].name for entry in found] == ["one-data", "two-data"]


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        pytest.param({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}, "deleting", True, id="deleting"),
        pytest.param({"metadata": {"generation": 3}}, "generation", 3, id="generation"),
        pytest.param({"metadata": {"resourceVersion": "9"}}, "resource_version", "9", id="version"),
        pytest.param({"status": {"phase": "Failed"}}, "finished", True, id="failed"),
        pytest.param({"status": {"phase": "Running"}}, "finished", False, id="running"),
        pytest.param({}, "start_time", None, id="not-started"),
        pytest.param(
            {"status": {"startTime": "2026-01-01T00:00:00Z"}},
            "start_time",
            datetime(2026, 1, 1, tzinfo=UTC),
            id="started",
        ),
    ],
)
def test_fields(changes: dict[str, Any], field: str, value: object) -> None:
    assert getattr(shown(**changes), field) == value


def test_only_conditions_about_scheduling_are_kept() -> None:
    kept = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    pod = shown(status={"conditions": [{"type": "Ready", "status": "True"}, kept]})
    condition = pod.condition("PodScheduled")
    assert condition is not None
    assert (condition.status, condition.reason, condition.message) == ("False", "Unschedulable", "no room")
    assert pod.condition("Ready") is None
    assert pod.condition("DisruptionTarget") is None


def test_pods_are_watched_once() -> None:
    informers = SharedInformers(Client("http://127.0.0.1:1"))
    assert informers.of(SHOWN_PODS) is informers.of(SHOWN_PODS)
    with pytest.raises(ValueError, match="pods are watched as ShownPod"):
        informers.of(PODS)
