"""Plans carried out against an API server; the test plays the part of the controller of volumes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from apimachinery.clock import Clock, ManualClock
from kubeclient.client import Client
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from scheduler.framework.interface import Handle
from scheduler.framework.pod_info import PodInfo, pod_info
from scheduler.storage.binder import VolumeBinder
from scheduler.storage.search import Plan
from scheduler.storage.view import StorageView
from tests.controller_manager.builders import claim, volume
from tests.live import eventually
from tests.scheduler.builders import make_pod

NODE = "binder-node"
SELECTED = "volume.kubernetes.io/selected-node"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"


class Room:
    """A binder with its informers, a claim, a volume and a pod."""

    def __init__(self, client: Client, namespace: str, clock: Clock | None, seconds: float) -> None:
        self.client = client
        self.namespace = namespace
        self.handle = Handle(client)
        if clock is not None:
            self.handle.clock = clock
        self.view = self.handle.shared(StorageView)
        self.nodes = self.handle.informers.of(NODES).cache
        self.binder = VolumeBinder(self.handle, seconds)
        self.pod: PodInfo

    async def set_up(self) -> None:
        node = {"metadata": {"name": f"{NODE}-{self.namespace}", "labels": {"kubernetes.io/hostname": NODE}}}
        await self.client.create(NODES, node)
        user = make_pod("user").claim("data").dict()
        user["metadata"] = {"name": "user"}
        user["spec"]["containers"][0]["image"] = "pause"
        self.pod = pod_info(await self.client.create(PODS, user, namespace=self.namespace))
        made = claim()
        made.metadata.uid, made.metadata.namespace = "", self.namespace
        self.claim = await self.client.create(PERSISTENT_VOLUME_CLAIMS, made)
        free = volume(f"pv-{self.namespace}", spec={"hostPath": {"path": "/x"}})
        free.metadata.uid = ""
        self.volume = await self.client.create(PERSISTENT_VOLUMES, free)

    @property
    def node(self) -> str:
        return f"{NODE}-{self.namespace}"

    @property
    def to_bind(self) -> Plan:
        return Plan(bindings=((self.volume, self.claim),))

    @property
    def to_provision(self) -> Plan:
        return Plan(provisions=(self.claim,))

    async def start(self, plan: Plan, group: asyncio.TaskGroup) -> "asyncio.Task[str]":
        self.binder.assume(plan, self.node)
        return group.create_task(self.binder.bind(plan, self.pod, self.node))

    async def patch_claim(self, **change: Any) -> None:
        await self.client.patch(PERSISTENT_VOLUME_CLAIMS, "data", change, namespace=self.namespace)

    async def complete(self) -> None:
        """Do what the controller does at the end."""
        annotations = {"pv.kubernetes.io/bind-completed": "yes"}
        await self.patch_claim(metadata={"annotations": annotations}, spec={"volumeName": self.volume.metadata.name})

    async def until_selected(self) -> None:
        async def selected() -> bool:
            shown = await self.client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=self.namespace)
            return shown.metadata.annotations.get(SELECTED) == self.node

        await eventually(selected)

    async def until_given(self) -> None:
        async def given() -> bool:
            shown = await self.client.get(PERSISTENT_VOLUMES, self.volume.metadata.name)
            reference = shown.spec.claim_ref
            assert reference is not None
            assert (reference.uid, reference.namespace) == (self.claim.metadata.uid, self.namespace)
            return shown.metadata.annotations.get(BOUND_BY_CONTROLLER) == "yes"

        await eventually(given)


@asynccontextmanager
async def room(url: str, namespace: str, clock: Clock | None = None, seconds: float = 600.0) -> AsyncIterator[Room]:
    async with Client(url) as client:
        found = Room(client, namespace, clock, seconds)
        await found.set_up()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watch(found.handle))
            await found.handle.informers.wait_synced()
            yield found
            task.cancel()


async def watch(handle: Handle) -> None:
    async with asyncio.TaskGroup() as group:
        handle.informers.start(group)


async def test_a_volume_is_given_to_its_claim_and_the_binding_awaited(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found, asyncio.TaskGroup() as group:
        binding = await found.start(found.to_bind, group)
        await found.until_given()
        assert not binding.done()
        await found.complete()
        assert await binding == ""


async def test_a_claim_is_told_its_node_and_the_volume_awaited(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found, asyncio.TaskGroup() as group:
        binding = await found.start(found.to_provision, group)
        await found.until_selected()
        assert not binding.done()
        await found.complete()
        assert await binding == ""


async def test_a_provisioner_that_gives_up_ends_the_wait(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found, asyncio.TaskGroup() as group:
        binding = await found.start(found.to_provision, group)
        await found.until_selected()
        await found.patch_claim(metadata={"annotations": {SELECTED: None}})
        assert await binding == 'binding volumes: provisioning failed for PVC "data"'


async def test_a_pod_that_goes_ends_the_wait(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found, asyncio.TaskGroup() as group:
        binding = await found.start(found.to_provision, group)
        await found.until_selected()
        await found.client.delete(PODS, "user", namespace=namespace, grace_period_seconds=0)
        assert await binding == 'binding volumes: pod does not exist any more: pod "user" not found'


async def test_a_node_that_is_not_there(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        await found.client.delete(NODES, found.node)
        await eventually_gone(found)
        why = await found.binder.bind(found.to_bind, found.pod, found.node)
        assert why == f'binding volumes: failed to get node "{found.node}": node "{found.node}" not found'


async def eventually_gone(found: Room) -> None:
    async def gone() -> bool:
        return found.node not in found.nodes

    await eventually(gone)


async def test_a_volume_that_has_changed_since_is_not_written(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        name = found.volume.metadata.name
        await found.client.patch(PERSISTENT_VOLUMES, name, {"metadata": {"labels": {"a": "b"}}})
        why = await found.binder.bind(found.to_bind, found.pod, found.node)
        assert "the object has been modified" in why


async def test_the_wait_ends_with_its_time(apiserver: str, namespace: str) -> None:
    clock = ManualClock()
    async with room(apiserver, namespace, clock, seconds=30.0) as found, asyncio.TaskGroup() as group:
        binding = await found.start(found.to_provision, group)
        await found.until_selected()

        async def waiting() -> bool:
            return bool(clock.sleepers)

        await eventually(waiting)
        await clock.advance(29.0)
        assert not binding.done()
        await clock.advance(2.0)
        assert await binding == "binding volumes: context deadline exceeded"


async def test_what_is_assumed_is_seen_by_later_decisions_until_forgotten(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        plan = Plan(found.to_bind.bindings, found.to_provision.provisions)
        found.binder.assume(plan, found.node)
        given, selected = found.view.volumes.get(found.volume.key), found.view.claims.get(found.claim.key)
        assert given is not None
        assert selected is not None
        assert given.spec.claim_ref is not None
        assert given.spec.host_path is not None
        assert selected.metadata.annotations[SELECTED] == found.node
        found.binder.forget(plan)
        assert not len(found.view.volumes)
        assert not len(found.view.claims)


@pytest.mark.parametrize("selected", [pytest.param(True, id="the same node"), pytest.param(False, id="another")])
async def test_a_claim_that_has_its_node_is_not_written_again(apiserver: str, namespace: str, selected: bool) -> None:
    async with room(apiserver, namespace) as found, asyncio.TaskGroup() as group:
        node = found.node if selected else "another"
        await found.patch_claim(metadata={"annotations": {SELECTED: node}})
        known = await found.client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
        binding = await found.start(Plan(provisions=(known,)), group)
        await found.until_selected()
        shown = await found.client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
        assert (shown.metadata.resource_version == known.metadata.resource_version) is selected
        await found.complete()
        assert await binding == ""
