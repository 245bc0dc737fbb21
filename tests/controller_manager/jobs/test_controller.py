"""The Job controller on a clock of the test's, against a live API server; the test says what kubelets would."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from apimachinery.clock import ManualClock, rfc3339
from apimachinery.tasks import cancel_and_wait
from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.controller import JobController
from controller_manager.manager import Manager
from controller_manager.settings import Settings
from kubeclient.client import Client
from kubeclient.resources import JOBS, PODS
from tests.live.processes import Cluster
from tests.live.waiting import eventually

NAMESPACE = "default"


class Rig:
    """Jobs, and a clock that stands still but for what a check moves it."""

    def __init__(self, client: Client, clock: ManualClock) -> None:
        self.client = client
        self.clock = clock

    async def create(self, name: str, **spec: Any) -> Job:
        pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "pause"}]}
        body = {"metadata": {"name": name}, "spec": {"template": {"spec": pod}, **spec}}
        return await self.client.create(JOBS, body, namespace=NAMESPACE)

    async def fail(self, pod: Pod) -> None:
        """Say that the pod has failed now."""
        ended = {"exitCode": 1, "finishedAt": rfc3339(self.clock.now())}
        container = {"name": "c", "ready": False, "restartCount": 0, "image": "", "imageID": ""}
        status = {"phase": "Failed", "containerStatuses": [{**container, "state": {"terminated": ended}}]}
        await self.client.patch(PODS, pod.metadata.name, {"status": status}, namespace=NAMESPACE, subresource="status")

    async def until(self, name: str, *, failed: int, active: int) -> list[Pod]:
        """Return the pods that run, once the status has these numbers; time moves by no more than is collected."""

        async def reached() -> bool:
            await self.clock.advance(0.01)
            status = (await self.client.get(JOBS, name, namespace=NAMESPACE)).status
            assert (status.failed, status.active) == (failed, active), status
            assert status.uncounted_terminated_pods is not None
            assert not status.uncounted_terminated_pods.failed
            return True

        await eventually(reached)
        selector = f"batch.kubernetes.io/job-name={name}"
        found = await self.client.list(PODS, namespace=NAMESPACE, label_selector=selector)
        return [pod for pod in found.items if not pod.finished]


@pytest.fixture
async def rig(cluster: Cluster) -> AsyncIterator[Rig]:
    clock = ManualClock()
    async with Client(cluster.url, clock=clock) as client, asyncio.TaskGroup() as group:
        manager = Manager(client, Settings(), {"job-controller": JobController})
        running = group.create_task(manager.run())
        yield Rig(client, clock)
        await cancel_and_wait(running)


async def test_failed_pods_are_replaced_later_each_time(rig: Rig) -> None:
    """After 10 seconds, then 20, and not at all past the limit."""
    await rig.create("unlucky", backoffLimit=2)
    for failures, wait in ((0, 10), (1, 20)):
        (pod,) = await rig.until("unlucky", failed=failures, active=1)
        await rig.fail(pod)
        assert not await rig.until("unlucky", failed=failures + 1, active=0)
        await rig.clock.advance(wait - 3)
        assert not await rig.until("unlucky", failed=failures + 1, active=0)
        await rig.clock.advance(3)
    (pod,) = await rig.until("unlucky", failed=2, active=1)
    await rig.fail(pod)
    await rig.until("unlucky", failed=3, active=0)
    failed = (await rig.client.get(JOBS, "unlucky", namespace=NAMESPACE)).true_condition("Failed")
    assert failed is not None
    assert failed.reason == "BackoffLimitExceeded"


async def test_a_deadline_comes_by_time_alone(rig: Rig) -> None:
    await rig.create("late", activeDeadlineSeconds=3600)
    await rig.until("late", failed=0, active=1)
    started = (await rig.client.get(JOBS, "late", namespace=NAMESPACE)).status.start_time
    assert started is not None
    assert rig.clock.now() - started < timedelta(seconds=60)
    await rig.clock.advance(3600)
    await rig.until("late", failed=1, active=0)
