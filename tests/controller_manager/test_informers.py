import asyncio
import random
from dataclasses import replace

import pytest

from apimachinery.tasks import cancel_and_wait
from apimachinery.types.base import Object
from controller_manager.informers import Informers
from controller_manager.ownership import CONTROLLER_INDEX, index_by_controller, orphan_key
from kubeclient.resources import PODS
from tests.controller_manager.conftest import World


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
