"""One watch for many nodes: who hears of what."""

import asyncio

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from kubelet.feed import pod_feed
from tests.live.waiting import eventually


def pod(name: str, node: str) -> dict[str, object]:
    spec = {"nodeName": node, "containers": [{"name": "c", "image": "pause"}]}
    return {"metadata": {"name": name}, "spec": spec}


async def test_objects_go_to_the_node_that_they_concern(apiserver: str, namespace: str) -> None:
    heard: dict[str, list[str]] = {"feed-a": [], "feed-b": []}

    def note(node: str, sign: str, found: Pod | None) -> None:
        assert found is not None
        if found.metadata.namespace == namespace:
            heard[node].append(f"{sign}{found.metadata.name}")

    async with Client(apiserver) as client, asyncio.TaskGroup() as group:
        await client.create(PODS, pod("early", "feed-a"), namespace=namespace)
        feed = pod_feed(client, ["feed-a", "feed-b"])
        running = group.create_task(feed.run())
        await feed.wait_synced()
        feed.attach("feed-a", lambda old, new: note("feed-a", "+" if new else "-", new or old))
        detach = feed.attach("feed-b", lambda old, new: note("feed-b", "+" if new else "-", new or old))
        assert heard == {"feed-a": ["+early"], "feed-b": []}, "what is there is told at once"
        await client.create(PODS, pod("late", "feed-b"), namespace=namespace)
        await eventually(lambda: _true(heard["feed-b"] == ["+late"]))
        detach()
        await client.delete(PODS, "late", namespace=namespace, grace_period_seconds=0)
        await client.delete(PODS, "early", namespace=namespace, grace_period_seconds=0)
        await eventually(lambda: _true(heard["feed-a"] == ["+early", "-early"]))
        assert heard["feed-b"] == ["+late"], "nobody is told who has turned away"
        assert not feed.of("feed-b")
        running.cancel()


async def _true(holds: bool) -> bool:
    return holds
