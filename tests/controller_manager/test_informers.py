import asyncio
import random
from dataclasses import replace

import pytest

from apimachinery.tasks import cancel_and_wait
from apimachinery.types.base import Object
from apimachinery.types.pod import Pod
from controller_manager.informers import Informers
from controller_manager.ownership import CONTROLLER_INDEX, index_by_controller, orphan_key
from kubeclient.resources import NODES, PODS
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually


async def test_a_kind_has_one_informer_with_the_indexes_of_all(world: World) -> None:
    # The API server is everybody's, and so are the names of pods in other namespaces.
    name = f"loose-{world.namespace}"
    await world.create_pod(name)
    informers = Informers(world.client, random.Random(1))
    first = informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
    second = informers.informer(PODS, {"name": lambda pod: (pod.metadata.name,)})
    assert first is second
    assert not informers.synced
    async with asyncio.TaskGroup() as group:
        running = group.create_task(informers.run())
        await informers.wait_synced()
        await cancel_and_wait(running)
    assert informers.synced
    assert [pod.key for pod in first.cache.by_index("name", name)] == [f"{world.namespace}/{name}"]
    assert len(first.cache.by_index(CONTROLLER_INDEX, orphan_key(world.namespace))) == 1
    assert informers.statistics() == {"/api/v1/pods": len(first.cache)}


async def test_a_kind_is_read_in_one_way(world: World) -> None:
    informers = Informers(world.client, random.Random(1))
    informers.informer(PODS)
    with pytest.raises(TypeError, match=r"/api/v1/pods is read as Pod of apimachinery\.types\.pod already"):
        informers.informer(replace(PODS, model=Object))


async def test_some_objects_of_a_kind_have_an_informer_of_their_own(world: World) -> None:
    names = [f"{name}-{world.namespace}" for name in ("one", "other")]
    for name in names:
        await world.create_pod(name)
    informers = Informers(world.client, random.Random(1))
    every = informers.informer(PODS)
    one = informers.informer(PODS, field_selector=f"metadata.name={names[0]}")
    assert one is not every
    async with asyncio.TaskGroup() as group:
        running = group.create_task(informers.run())
        await informers.wait_synced()
        await cancel_and_wait(running)
    assert [pod.metadata.name for pod in one.cache.objects()] == [names[0]]
    assert {f"{world.namespace}/{name}" for name in names} <= {pod.key for pod in every.cache.objects()}


async def test_a_kind_that_appears_late(world: World) -> None:
    """Its informer runs beside the others until it is stopped, which tells what it had."""
    name = f"late-{world.namespace}"
    await world.create_pod(name)
    informers = Informers(world.client, random.Random(1))
    informers.informer(NODES)
    told: list[str] = []

    def handle(old: Pod | None, new: Pod | None) -> None:
        told.extend(pod.metadata.name for pod in (new,) if pod is not None)

    with pytest.raises(RuntimeError, match="need the others to run"):
        informers.start(PODS, {}, handle)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(informers.run())
        await informers.wait_synced()
        cache = informers.start(PODS, {"name": lambda pod: (pod.metadata.name,)}, handle)

        async def seen() -> bool:
            return name in told and bool(cache.by_index("name", name))

        await eventually(seen)
        assert informers.synced
        assert name in {pod.metadata.name for pod in informers.stop(PODS)}
        await cancel_and_wait(running)
