"""Ending a node's pods before the node goes down."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kubelet.shutdown import MESSAGE, Shutdown, groups
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def test_critical_pods_come_last() -> None:
    plain, critical = make_pod(name="plain"), make_pod(name="critical", priority=2_000_000_000)
    found = groups([critical, plain], seconds=30, critical_seconds=10)
    assert [(group.seconds, [pod.metadata.name for pod in group.pods]) for group in found] == [
        (20, ["plain"]),
        (10, ["critical"]),
    ]
    assert groups([], seconds=30, critical_seconds=10) == []


async def test_pods_end_in_turn(rig: Rig) -> None:
    """S7: Failed, with upstream's reason; one that does not listen is killed when its time is up."""
    stubborn = make_pod(container(image="stubborn"), name="stubborn", terminationGracePeriodSeconds=60)
    critical = make_pod(name="critical", priority=2_000_000_000)
    await rig.add(stubborn)
    await rig.add(critical)
    async with asyncio.TaskGroup() as group:
        ending = group.create_task(Shutdown(rig.workers, rig.runtime, rig.clock).run(seconds=30, critical_seconds=10))
        await rig.clock.advance(19)
        assert rig.status(stubborn).phase == "Running"
        assert rig.status(critical).phase == "Running"
        await rig.clock.advance(2)
        assert (rig.status(stubborn).phase, rig.status(stubborn).reason) == ("Failed", "Terminated")
        await rig.clock.advance(1)
        await ending
    status = rig.status(critical)
    assert (status.phase, status.reason, status.message) == ("Failed", "Terminated", MESSAGE)
    assert any(entry.type == "DisruptionTarget" for entry in status.conditions)
