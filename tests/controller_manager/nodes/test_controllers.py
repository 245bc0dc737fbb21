"""Nodes, taints and lost pods beside a live API server, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.clock import ManualClock
from apimachinery.errors import NotFound
from apimachinery.tasks import cancel_and_wait
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from controller_manager.manager import Manager
from controller_manager.registry import controllers
from controller_manager.settings import Settings
from kubeclient.client import Client
from kubeclient.resources import EVENTS, NODES, PODS
from tests.live.processes import Cluster
from tests.live.waiting import eventually

NAMES = ("node-lifecycle-controller", "taint-eviction-controller", "pod-garbage-collector-controller")
NAMESPACE = "default"
TOLERATES = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


class Rig:
    """Nodes and pods that the test speaks for."""

    def __init__(self, client: Client, clock: ManualClock, manager: Manager) -> None:
        self.client = client
        self.clock = clock
        self._manager = manager

    async def create_node(self, name: str, *, ready: str = "True", **spec: Any) -> None:
        await self.client.create(NODES, {"metadata": {"name": name}, "spec": spec})
        await self.say(name, Ready=ready)

    async def say(self, name: str, **conditions: str) -> None:
        beat = "2026-01-01T00:00:00Z"
        told = [{"type": kind, "status": status, "lastHeartbeatTime": beat} for kind, status in conditions.items()]
        await self.client.patch(NODES, name, {"status": {"conditions": told}}, subresource="status")

    async def create_pod(self, name: str, node: str, *tolerations: dict[str, Any]) -> None:
        spec = {"nodeName": node, "containers": [{"name": "c", "image": "pause"}], "tolerations": list(tolerations)}
        await self.client.create(PODS, {"metadata": {"name": name}, "spec": spec}, namespace=NAMESPACE)

    async def taints(self, name: str) -> set[tuple[str, str]]:
        found = (await self.client.get(NODES, name)).spec.taints
        return {(taint.key.removeprefix("node.kubernetes.io/"), taint.effect) for taint in found}

    async def until_taints(self, name: str, *expected: tuple[str, str]) -> None:
        async def so() -> bool:
            found = await self.taints(name)
            assert found == set(expected)
            return True

        await eventually(so)

    async def pod(self, name: str) -> Pod | None:
        try:
            return await self.client.get(PODS, name, namespace=NAMESPACE)
        except NotFound:
            return None

    async def until(self, name: str, state: str) -> None:
        """Wait until a pod is ``there``, ``going`` or ``gone``."""

        async def so() -> bool:
            pod = await self.pod(name)
            assert ("gone" if pod is None else "going" if pod.deleting else "there") == state
            return True

        await eventually(so)

    async def until_marked(self, count: int) -> None:
        """Wait until the taint eviction controller means to evict so many pods later."""

        async def so() -> bool:
            queue = self._manager.statistics()["taint-eviction-controller"].queue
            assert (queue.delayed, queue.ready, queue.processing) == (count, 0, 0)
            return True

        await eventually(so)

    async def pass_time(self, seconds: float) -> None:
        """Move the clock once everything that waits for it does."""
        await eventually(self._asleep)
        await self.clock.advance(seconds)

    async def _asleep(self) -> bool:
        await self.clock.settle()
        return self.clock.sleepers > 0


@pytest.fixture
async def rig(cluster: Cluster) -> AsyncIterator[Rig]:
    clock = ManualClock()
    chosen = {name: controllers()[name] for name in NAMES}
    async with Client(cluster.url, clock=clock) as client, asyncio.TaskGroup() as group:
        manager = Manager(client, Settings(reschedule_bare_pods=True), chosen)
        running = group.create_task(manager.run())

        async def synced() -> bool:
            return manager.synced

        await eventually(synced)
        yield Rig(client, clock, manager)
        await cancel_and_wait(running)


async def test_taints_follow_conditions(rig: Rig) -> None:
    await rig.create_node("a", unschedulable=True)
    await rig.until_taints("a", ("unschedulable", "NoSchedule"))
    await rig.client.patch(NODES, "a", {"spec": {"unschedulable": None}})
    await rig.say("a", Ready="True", MemoryPressure="True")
    await rig.until_taints("a", ("memory-pressure", "NoSchedule"))
    await rig.say("a", Ready="True", MemoryPressure="False")
    await rig.until_taints("a")


async def test_a_silent_node_is_given_up(rig: Rig) -> None:
    """S7, S18: 50 seconds after its last sign of life; its pods go when they tolerate it no longer."""
    await rig.create_node("a")
    await rig.create_node("b")
    await rig.create_pod("impatient", "a", {**TOLERATES, "tolerationSeconds": 30})
    await rig.create_pod("patient", "a", TOLERATES)
    for _ in range(11):
        await rig.pass_time(5)
        await rig.say("b", Ready="True")
        beat = {"type": "Ready", "status": "True", "lastHeartbeatTime": rig.clock.now().isoformat()}
        await rig.client.patch(NODES, "b", {"status": {"conditions": [beat]}}, subresource="status")

    async def unknown() -> Node:
        node = await rig.client.get(NODES, "a")
        assert {entry.type: entry.status for entry in node.status.conditions}["Ready"] == "Unknown"
        return node

    await eventually(unknown)
    await rig.until_taints("a", ("unreachable", "NoSchedule"), ("unreachable", "NoExecute"))
    assert await rig.taints("b") == set()
    for name in ("impatient", "patient"):

        async def lost(name: str = name) -> bool:
            pod = await rig.pod(name)
            return pod is not None and pod.status.phase == "Unknown"

        await eventually(lost)
    await rig.until("impatient", "there")
    await rig.until_marked(1)
    await rig.pass_time(31)
    await rig.until("impatient", "going")
    await rig.until("patient", "there")
    (new,) = [pod for pod in (await rig.client.list(PODS)).items if pod.metadata.name.startswith("impatient-")]
    assert (new.spec.node_name, new.metadata.annotations["kubemu.io/replaces"]) == ("", "impatient")


async def test_pods_of_a_node_that_is_no_more(rig: Rig) -> None:
    """S18: 40 seconds later they are removed, without anybody to stop them, and what nobody owns is made anew."""
    await rig.create_node("a")
    await rig.create_pod("web", "a")
    await rig.client.delete(NODES, "a")
    began = rig.clock.monotonic()

    async def gone() -> bool:
        await rig.pass_time(10)
        return await rig.pod("web") is None

    await eventually(gone)
    assert rig.clock.monotonic() - began >= 40
    (new,) = (await rig.client.list(PODS, namespace=NAMESPACE)).items
    assert new.metadata.annotations["kubemu.io/replaces"] == "web"


async def test_an_eviction_is_called_off(rig: Rig) -> None:
    await rig.create_node("a", taints=[{"key": "mine", "effect": "NoExecute"}])
    await rig.create_pod("web", "a", {**TOLERATES, "key": "mine", "tolerationSeconds": 60})
    await rig.until_marked(1)
    await rig.pass_time(30)
    await rig.client.patch(NODES, "a", {"spec": {"taints": []}})

    async def told() -> bool:
        events = (await rig.client.list(EVENTS, namespace=NAMESPACE)).items
        assert f"Cancelling deletion of Pod {NAMESPACE}/web" in {entry.message for entry in events}
        return True

    await eventually(told)
    await rig.pass_time(60)
    await rig.until("web", "there")


async def test_out_of_service(rig: Rig) -> None:
    """An administrator says that a node will not come back: pods that are to go are gone."""
    await rig.create_node("a", ready="False")
    await rig.create_pod("web", "a", {"operator": "Exists"})
    await rig.client.delete(PODS, "web", namespace=NAMESPACE)
    await rig.until("web", "going")
    taint = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}
    await rig.client.patch(NODES, "a", {"spec": {"taints": [taint]}})
    await rig.until("web", "gone")
