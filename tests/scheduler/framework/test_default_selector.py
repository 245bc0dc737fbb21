"""Which pods belong together when nobody says so, as real informers tell it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kubeclient.client import Client
from kubeclient.resources import REPLICASETS, SERVICES
from scheduler.framework.default_selector import DefaultSelectors
from scheduler.framework.informers import SharedInformers
from scheduler.framework.pod_info import PodInfo
from tests.live import eventually
from tests.scheduler.builders import labelled, make_pod


@asynccontextmanager
async def following(client: Client) -> AsyncIterator[DefaultSelectors]:
    informers = SharedInformers(client)
    selectors = DefaultSelectors(informers)

    async def follow() -> None:
        async with asyncio.TaskGroup() as watches:
            informers.start(watches)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(follow())
        await informers.wait_synced()
        yield selectors
        task.cancel()


def asked_for(selectors: DefaultSelectors, pod: PodInfo) -> list[tuple[str, frozenset[str]]] | None:
    """The labels that pods must have to belong to the pod, ``None`` when it belongs to none."""
    selection = selectors.of(pod)
    if selection is None:
        return None
    (part,) = selection.parts
    assert part.selector is not None
    assert part.namespaces == {pod.namespace}
    return [(entry.key, entry.values) for entry in part.selector.requirements]


async def test_services_and_owners_as_they_change(client: Client, namespace: str) -> None:
    """S12: what is spread by default follows Services and ReplicaSets."""
    pod = make_pod().namespace(namespace).labels(app="web", hash="1").controller("web").info()
    template = {
        "metadata": {"labels": {"app": "web", "hash": "1"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    replica_set = {
        "metadata": {"name": "web"},
        "spec": {"replicas": 0, "selector": labelled(hash="1"), "template": template},
    }
    service = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    app, of_hash = ("app", frozenset({"web"})), ("hash", frozenset({"1"}))
    async with following(client) as selectors:

        async def until(expected: list[tuple[str, frozenset[str]]] | None) -> None:
            async def seen() -> bool:
                assert asked_for(selectors, pod) == expected
                return True

            await eventually(seen)

        assert asked_for(selectors, pod) is None
        await client.create(SERVICES, service, namespace=namespace)
        await until([app])
        await client.create(REPLICASETS, replica_set, namespace=namespace)
        await until([app, of_hash])
        await client.patch(SERVICES, "web", {"spec": {"selector": {"app": "other"}}}, namespace=namespace)
        await until([of_hash])
        await client.delete(REPLICASETS, "web", namespace=namespace)
        await until(None)
