"""A node that runs short, on a clock moved by hand."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubelet.eviction.manager import EvictionManager
from kubelet.eviction.measure import node_usage
from kubelet.eviction.thresholds import parse_thresholds
from kubelet.settings import Settings
from kubelet.volumes.paths import volume_directory
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig

SETTINGS = Settings("node-1", memory="1Gi", eviction_pressure_transition_period=30.0)


class Node:
    """A rig whose pods say by annotation what they use."""

    def __init__(self, rig: Rig, settings: Settings = SETTINGS) -> None:
        self.rig = rig
        self.changes = 0
        self.images_deleted = 0
        self.manager = EvictionManager(
            settings,
            rig.workers,
            usage=lambda: node_usage(
                rig.runtime, rig.volumes, ((seen.pod, seen.state) for seen in rig.workers.active())
            ),
            recorder=rig.events,
            clock=rig.clock,
            changed=self._note,
            delete_unused_images=self._delete_images,
        )

    async def _delete_images(self) -> None:
        self.images_deleted += 1

    def _note(self) -> None:
        self.changes += 1

    async def add(self, name: str, memory: str, **more: Any) -> Pod:
        pod = make_pod(name=name, metadata={"annotations": {"kubemu.io/memory": memory}}, **more)
        await self.rig.add(pod)
        return pod

    async def step(self, seconds: float = 0) -> None:
        await self.rig.clock.advance(seconds)
        await self.manager.step()
        await self.rig.settle()


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


async def test_one_pod_goes_and_pressure_stays_for_a_while(rig: Rig) -> None:
    node = Node(rig)
    small = await node.add("small", "100Mi")
    large = await node.add("large", "900Mi")
    await node.step()
    status = rig.status(large)
    assert (status.phase, status.reason) == ("Failed", "Evicted")
    assert status.message.startswith(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 24Mi."
    )
    assert "Container web was using 900Mi, request is 0, has larger consumption of memory. " in status.message
    condition = next(entry for entry in status.conditions if entry.type == "DisruptionTarget")
    assert (condition.status, condition.reason) == ("True", "TerminationByKubelet")
    assert rig.status(small).phase == "Running"
    assert (node.manager.conditions, node.changes) == ({"MemoryPressure"}, 1)
    assert "EvictionThresholdMet: Attempting to reclaim memory" in rig.events.seen
    await node.step(20)
    assert node.manager.conditions == {"MemoryPressure"}
    await node.step(11)
    assert (node.manager.conditions, node.changes) == (frozenset(), 2)
    assert rig.status(small).phase == "Running"


async def test_plenty_is_no_pressure(rig: Rig) -> None:
    node = Node(rig)
    pod = await node.add("web", "200Mi")
    await node.step()
    assert (node.manager.conditions, rig.status(pod).phase) == (frozenset(), "Running")


async def test_a_soft_threshold_waits_for_its_grace_period(rig: Rig) -> None:
    soft = parse_thresholds({}, {"memory.available": "200Mi"}, {"memory.available": "30s"}, {})
    node = Node(rig, replace(SETTINGS, eviction_thresholds=soft))
    pod = await node.add("web", "900Mi")
    await node.step()
    await node.step(20)
    assert rig.status(pod).phase == "Running"
    assert node.manager.conditions == {"MemoryPressure"}
    await node.step(10)
    assert rig.status(pod).reason == "Evicted"


async def test_critical_pods_stay(rig: Rig) -> None:
    node = Node(rig)
    critical = await node.add("critical", "900Mi", priority=2_000_000_000)
    other = await node.add("other", "100Mi")
    await node.step()
    assert rig.status(critical).phase == "Running"
    assert rig.status(other).reason == "Evicted"


async def test_an_empty_dir_past_its_limit(rig: Rig) -> None:
    mounting = container(volumeMounts=[{"name": "v", "mountPath": "/data"}])
    pod = make_pod(mounting, volumes=[{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}])
    node = Node(rig)
    await rig.add(pod)
    rig.runtime.host.write(f"{volume_directory('uid-web', 'v')}/file", bytes(2_000_000))
    await node.step()
    status = rig.status(pod)
    assert (status.phase, status.reason) == ("Failed", "Evicted")
    assert status.message == 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '
