"""``FakeImage`` objects: pulls wait until they are known, or cannot be. What they do is shown by the live tests."""

import asyncio

import pytest

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from kubelet.images.builtin import catalogue
from kubelet.images.declared.objects import FakeImageObjects
from tests.kubelet.images.node import Node


async def test_pulls_wait_for_what_is_expected(node: Node) -> None:
    node.images.expect_more()
    async with asyncio.TaskGroup() as group:
        pulling = group.create_task(node.runtime.pull_image("nginx"))
        await node.pass_time(10)
        assert not pulling.done()
        node.images.settle()
    assert pulling.result().repo_tags == ["docker.io/library/nginx:latest"]


async def test_nobody_waits_for_a_server_that_is_not_there() -> None:
    """Static pods have no need of one."""
    images = catalogue()
    async with Client("http://127.0.0.1:1", clock=ManualClock()) as client, asyncio.TaskGroup() as group:
        objects = FakeImageObjects(client, images)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(images.wait_settled(), 0.01)
        following = group.create_task(objects.run())
        await asyncio.wait_for(images.wait_settled(), 5)
        following.cancel()
