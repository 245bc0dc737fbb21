"""The disruption controller against a live API server; the test says what kubelets would."""

from typing import Any

import pytest

from apimachinery.errors import TooManyRequests
from apimachinery.types.base import Model
from apimachinery.types.policy import PodDisruptionBudgetStatus
from kubeclient.resources import POD_DISRUPTION_BUDGETS, PODS
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually


async def protect(world: World, name: str, **spec: Any) -> None:
    body = {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": name}}, **spec}}
    await world.client.create(POD_DISRUPTION_BUDGETS, body, namespace=world.namespace)


async def until_allowed(world: World, name: str, allowed: int, **numbers: int) -> PodDisruptionBudgetStatus:
    async def check() -> PodDisruptionBudgetStatus:
        found = await world.client.get(POD_DISRUPTION_BUDGETS, name, namespace=world.namespace)
        status = found.status
        assert status.observed_generation == found.metadata.generation
        assert status.disruptions_allowed == allowed, status
        assert {field: getattr(status, field) for field in numbers} == numbers
        return status

    return await eventually(check)


class Eviction(Model):
    metadata: dict[str, str]


async def evict(world: World, name: str) -> None:
    await world.client.create_subresource(
        PODS, name, "eviction", Eviction(metadata={"name": name}), namespace=world.namespace
    )


async def test_evictions_within_a_budget(world: World) -> None:
    """A share of what the ReplicaSet asks for; the replacement gives back what an eviction took."""
    await world.create_replica_set("web", 3)
    await protect(world, "web", maxUnavailable="30%")
    pods = await world.wait_for_pods(3)
    for pod in pods:
        await world.make_ready(pod)
    status = await until_allowed(world, "web", 1, expected_pods=3, desired_healthy=2, current_healthy=3)
    assert [(entry.type, entry.reason) for entry in status.conditions] == [("DisruptionAllowed", "SufficientPods")]

    await evict(world, pods[0].metadata.name)
    with pytest.raises(TooManyRequests, match="would violate the pod's disruption budget"):
        await evict(world, pods[1].metadata.name)
    status = await until_allowed(world, "web", 0, expected_pods=3, desired_healthy=2, current_healthy=2)
    assert status.conditions[0].reason == "InsufficientPods"

    known = {pod.metadata.name for pod in pods}
    (added,) = [pod for pod in await world.wait_for_pods(3) if pod.metadata.name not in known]
    await world.make_ready(added)
    status = await until_allowed(world, "web", 1)
    assert not status.disrupted_pods


async def test_a_share_of_what_nobody_asked_for(world: World) -> None:
    """Pods without a controller count for nothing; those of a kind without scale fail the whole."""
    await world.create_pod("bare", labels={"app": "bare"})
    await protect(world, "bare", minAvailable="50%")
    await until_allowed(world, "bare", 0, expected_pods=0)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x", "controller": True}
    await world.create_pod("odd", node="nowhere", labels={"app": "odd"}, ownerReferences=[owner], finalizers=["a/b"])
    await protect(world, "odd", minAvailable="50%")

    async def refused() -> bool:
        found = await world.client.get(POD_DISRUPTION_BUDGETS, "odd", namespace=world.namespace)
        assert found.status.conditions, "not looked at yet"
        condition = found.status.conditions[0]
        assert condition.message == "configmaps does not implement the scale subresource"
        return condition.reason == "SyncFailed"

    await eventually(refused)
