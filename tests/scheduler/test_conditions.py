"""What is written of pods without a node, and what no longer is."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from scheduler.conditions import ConditionWriter
from scheduler.framework.shown_pod import ShownPod
from tests.live import ServerProcess, eventually
from tests.scheduler.builders import make_pod


@pytest.fixture
async def client(start_server: Callable[..., ServerProcess]) -> AsyncIterator[Client]:
    async with Client(start_server().url) as opened:
        yield opened


async def create(client: Client, name: str) -> ShownPod:
    obj = make_pod(name).obj()
    obj.metadata.uid = ""
    obj.spec.containers[0].image = "pause"
    created = await client.create(PODS, obj)
    return ShownPod.model_validate(created.model_dump(by_alias=True, mode="json"))


async def until_told(client: Client, name: str, message: str) -> Pod:
    async def told() -> Pod | None:
        pod: Pod = await client.get(PODS, name, namespace="default")
        condition = pod.condition("PodScheduled")
        return pod if condition is not None and condition.message == message else None

    pod = await eventually(told)
    assert pod is not None
    return pod


async def test_only_the_newest_is_written(client: Client) -> None:
    writer = ConditionWriter(client)
    shown = await create(client, "one")
    writer.not_scheduled(shown, "Unschedulable", "old", "node-1")
    writer.not_scheduled(shown, "Unschedulable", "new")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        pod = await until_told(client, "one", "new")
        assert pod.status.nominated_node_name == "node-1"
        assert pod.metadata.generation == 1
        task.cancel()


async def test_nothing_is_written_of_a_pod_that_is_settled(client: Client) -> None:
    """It is on its way to a node: that it had none is not to be read once it has one."""
    writer = ConditionWriter(client)
    settled, other = await create(client, "settled"), await create(client, "other")
    writer.not_scheduled(settled, "Unschedulable", "no node")
    await writer.settle(settled.uid)
    writer.not_scheduled(other, "Unschedulable", "no node")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        await until_told(client, "other", "no node")
        pod = await client.get(PODS, "settled", namespace="default")
        assert pod.condition("PodScheduled") is None
        task.cancel()


async def test_settling_waits_for_what_is_on_its_way(client: Client) -> None:
    writer = ConditionWriter(client)
    shown = await create(client, "one")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        writer.not_scheduled(shown, "Unschedulable", "first")
        await until_told(client, "one", "first")
        await writer.settle(shown.uid)
        bound = await client.get(PODS, "one", namespace="default")
        await writer.expect(shown.info, "node-1")
        expected = await client.get(PODS, "one", namespace="default")
        task.cancel()
    assert bound.status.nominated_node_name == ""
    assert expected.status.nominated_node_name == "node-1"
    assert expected.condition("PodScheduled") == bound.condition("PodScheduled")


async def test_a_pod_that_is_gone_stops_nobody(client: Client) -> None:
    writer = ConditionWriter(client)
    gone, there = await create(client, "gone"), await create(client, "there")
    await client.delete(PODS, "gone", namespace="default", grace_period_seconds=0)
    writer.not_scheduled(gone, "Unschedulable", "no node")
    writer.not_scheduled(there, "Unschedulable", "no node")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        await until_told(client, "there", "no node")
        task.cancel()
    await writer.expect(gone.info, "node-1")
