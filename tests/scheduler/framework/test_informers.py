"""Watches that scheduler and plugins share, and the events that come of them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from kubeclient.client import Client
from kubeclient.resources import LEASES, PERSISTENT_VOLUME_CLAIMS, PODS
from scheduler.framework.events import EventResource
from scheduler.framework.informers import SharedInformers
from scheduler.framework.shown_pod import SHOWN_PODS
from tests.live import ServerProcess, eventually

CLAIM = {
    "metadata": {"name": "data", "namespace": "default"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def test_each_kind_is_watched_once() -> None:
    informers = SharedInformers(Client("http://127.0.0.1:1"))
    assert informers.of(LEASES) is informers.of(LEASES)
    informers.of(SHOWN_PODS)
    with pytest.raises(ValueError, match="pods are watched as ShownPod"):
        informers.of(PODS)


async def test_changes_become_events(start_server: Callable[..., ServerProcess]) -> None:
    """Additions, updates and deletions of kinds that wake pods; other kinds are watched in silence."""
    told: list[tuple[EventResource, bool, bool]] = []

    def tell(kind: EventResource, old: Any, new: Any) -> None:
        told.append((kind, old is not None, new is not None))

    async def change(client: Client, informers: SharedInformers) -> None:
        claims = informers.of(PERSISTENT_VOLUME_CLAIMS)
        await informers.wait_synced()
        assert informers.synced
        claim = PERSISTENT_VOLUME_CLAIMS.model.model_validate(CLAIM)
        await client.create(PERSISTENT_VOLUME_CLAIMS, claim)

        async def seen() -> bool:
            return "default/data" in claims.cache

        await eventually(seen)
        patch = {"metadata": {"labels": {"k": "v"}, "finalizers": None}}
        await client.patch(PERSISTENT_VOLUME_CLAIMS, "data", patch, namespace="default")
        await client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace="default")

        async def gone() -> bool:
            return "default/data" not in claims.cache

        await eventually(gone)

    async with Client(start_server().url) as client:
        informers = SharedInformers(client)
        informers.of(LEASES)
        informers.of(PERSISTENT_VOLUME_CLAIMS)
        informers.on_events(tell)

        async def watch() -> None:
            async with asyncio.TaskGroup() as group:
                informers.start(group)

        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            await change(client, informers)
            watching.cancel()
    kind = EventResource.PERSISTENT_VOLUME_CLAIM
    assert (told[0], told[-1]) == ((kind, False, True), (kind, True, False))
    assert (kind, True, True) in told
