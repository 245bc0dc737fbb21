"""The autoscaler beside a live API server without nodes: what it says, and does, where nobody tells what pods use."""

from typing import Any

import pytest

from apimachinery.types.autoscaling import HorizontalPodAutoscaler
from kubeclient.resources import EVENTS, HORIZONTAL_POD_AUTOSCALERS, REPLICASETS
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually

PATIENCE = 30.0


async def autoscale(world: World, name: str, *, kind: str = "ReplicaSet", target: str = "", **spec: Any) -> None:
    reference = {"apiVersion": "apps/v1", "kind": kind, "name": target or name}
    body = {"metadata": {"name": name}, "spec": {"scaleTargetRef": reference, "maxReplicas": 5, **spec}}
    await world.client.create(HORIZONTAL_POD_AUTOSCALERS, body, namespace=world.namespace)


async def until_said(world: World, name: str, **conditions: tuple[str, str]) -> HorizontalPodAutoscaler:
    """Return the autoscaler once its conditions have these statuses and reasons."""

    async def check() -> HorizontalPodAutoscaler:
        found = await world.client.get(HORIZONTAL_POD_AUTOSCALERS, name, namespace=world.namespace)
        assert {entry.type: (entry.status, entry.reason) for entry in found.status.conditions} == conditions
        return found

    return await eventually(check, timeout=PATIENCE)


async def until_told(world: World, name: str, *expected: tuple[str, str]) -> None:
    """Wait until there are events of these reasons and messages about an autoscaler."""

    async def check() -> bool:
        selector = f"involvedObject.kind=HorizontalPodAutoscaler,involvedObject.name={name}"
        events = (await world.client.list(EVENTS, namespace=world.namespace, field_selector=selector)).items
        assert {(event.reason, event.message) for event in events} >= set(expected)
        return {event.source.component for event in events} == {"horizontal-pod-autoscaler"}

    await eventually(check, timeout=PATIENCE)


def message(autoscaler: HorizontalPodAutoscaler, kind: str) -> str:
    return next(entry.message for entry in autoscaler.status.conditions if entry.type == kind)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        pytest.param("ReplicaSet", 'replicasets/scale.apps "web" not found', id="object"),
        pytest.param("Gadget", 'no matches for kind "Gadget" in version "apps/v1"', id="kind"),
        pytest.param("DaemonSet", "daemonsets.apps does not implement the scale subresource", id="no scale"),
    ],
)
async def test_a_target_that_is_not_there(world: World, kind: str, error: str) -> None:
    await autoscale(world, "web", kind=kind)
    found = await until_said(world, "web", AbleToScale=("False", "FailedGetScale"))
    assert message(found, "AbleToScale") == f"the HPA controller was unable to get the target's current scale: {error}"
    await until_told(world, "web", ("FailedGetScale", error))


async def test_nobody_tells_what_pods_use(world: World) -> None:
    await world.create_replica_set("web", 2)
    await autoscale(world, "web")
    found = await until_said(
        world,
        "web",
        AbleToScale=("True", "SucceededGetScale"),
        ScalingActive=("False", "FailedGetResourceMetric"),
    )
    cause = (
        "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource "
        "metrics API"
    )
    assert message(found, "ScalingActive") == f"the HPA was unable to compute the replica count: {cause}"
    assert (found.status.current_replicas, found.status.desired_replicas) == (2, 0)
    summary = "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: " + cause
    await until_told(world, "web", ("FailedGetResourceMetric", cause), ("FailedComputeMetricsReplicas", summary))


async def test_metrics_that_no_api_has(world: World) -> None:
    await world.create_replica_set("web", 1)
    target = {"type": "AverageValue", "averageValue": "10"}
    await autoscale(world, "web", metrics=[{"type": "Pods", "pods": {"metric": {"name": "hits"}, "target": target}}])
    found = await until_said(
        world, "web", AbleToScale=("True", "SucceededGetScale"), ScalingActive=("False", "FailedGetPodsMetric")
    )
    assert message(found, "ScalingActive").endswith("no custom metrics API (custom.metrics.k8s.io) registered")


@pytest.mark.parametrize(
    ("replicas", "spec", "expected", "why"),
    [
        pytest.param(1, {"minReplicas": 3}, 3, "Current number of replicas below Spec.MinReplicas", id="too few"),
        pytest.param(9, {}, 5, "Current number of replicas above Spec.MaxReplicas", id="too many"),
    ],
)
async def test_bounds_hold_whatever_is_used(
    world: World, replicas: int, spec: dict[str, Any], expected: int, why: str
) -> None:
    await world.create_replica_set("web", replicas)
    await autoscale(world, "web", **spec)
    await world.wait_for_pods(expected)

    async def scaled() -> bool:
        found = await world.client.get(HORIZONTAL_POD_AUTOSCALERS, "web", namespace=world.namespace)
        assert found.status.last_scale_time is not None
        return found.status.desired_replicas == expected

    await eventually(scaled, timeout=PATIENCE)
    await until_told(world, "web", ("SuccessfulRescale", f"New size: {expected}; reason: {why}"))


async def test_none_at_all_stay_none(world: World) -> None:
    await world.create_replica_set("web", 0)
    await autoscale(world, "web")
    found = await until_said(
        world, "web", AbleToScale=("True", "SucceededGetScale"), ScalingActive=("False", "ScalingDisabled")
    )
    assert message(found, "ScalingActive") == "scaling is disabled since the replica count of the target is zero"
    assert (await world.client.get(REPLICASETS, "web", namespace=world.namespace)).spec.replicas == 0


async def test_two_for_the_same_pods(world: World) -> None:
    """The one that looks second sees it, and the first when it looks again."""
    await world.create_replica_set("web", 1)
    await world.wait_for_pods(1)
    await autoscale(world, "a", target="web")
    await until_said(
        world, "a", AbleToScale=("True", "SucceededGetScale"), ScalingActive=("False", "FailedGetResourceMetric")
    )
    await autoscale(world, "b", target="web")
    found = await until_said(
        world, "b", AbleToScale=("True", "SucceededGetScale"), ScalingActive=("False", "AmbiguousSelector")
    )
    both = f"[{{a {world.namespace}}} {{b {world.namespace}}}]"
    assert message(found, "ScalingActive") == f"pods by selector app=web are controlled by multiple HPAs: {both}"
