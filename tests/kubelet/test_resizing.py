"""Pods that are resized in place."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Pod, ResourceRequirements
from kubelet.resizing import Change, change_of, resize_message
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def resources(cpu: str, memory: str = "64Mi") -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu, "memory": memory}}


def resized(pod: Pod, cpu: str, memory: str = "64Mi") -> Pod:
    copy = pod.model_copy(deep=True)
    copy.metadata.generation += 1
    copy.spec.containers[0].resources = ResourceRequirements.model_validate(resources(cpu, memory))
    return copy


def condition(rig: Rig, pod: Pod, kind: str) -> tuple[str, str, str] | None:
    found = next((entry for entry in rig.status(pod).conditions if entry.type == kind), None)
    return (found.status, found.reason, found.message) if found is not None else None


RESTART_MEMORY = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]


@pytest.mark.parametrize(
    ("before", "policy", "expected"),
    [
        pytest.param(resources("1"), [], None, id="the same"),
        pytest.param(resources("2"), [], Change.UPDATE, id="in place"),
        pytest.param(resources("2"), RESTART_MEMORY, Change.UPDATE, id="memory is the same"),
        pytest.param(resources("1", "32Mi"), RESTART_MEMORY, Change.RESTART, id="memory restarts"),
        pytest.param({}, RESTART_MEMORY, Change.RESTART, id="from nothing"),
    ],
)
def test_what_a_new_size_takes(before: dict[str, Any], policy: list[dict[str, str]], expected: Change | None) -> None:
    pod = make_pod(container(resources=resources("1"), resizePolicy=policy))
    assert change_of(pod.spec.containers[0], ResourceRequirements.model_validate(before)) is expected


def test_messages() -> None:
    pod = make_pod(container(resources=resources("1")))
    size = '{"limits":{"cpu":"1","memory":"64Mi"},"requests":{"cpu":"1","memory":"64Mi"}}'
    assert resize_message("Pod resize started", pod) == (
        f'Pod resize started: {{"containers":[{{"name":"web","resources":{size}}}],"generation":1}}'
    )
    assert resize_message("Pod resize error", pod, "why").endswith('"generation":1,"error":"why"}')


async def test_a_new_size_in_place(rig: Rig) -> None:
    pod = make_pod(container(resources=resources("1")))
    await rig.add(pod)
    before = rig.container(pod).container_id
    larger = resized(pod, "2", "128Mi")
    await rig.update(pod, larger)
    web = rig.container(larger)
    assert (web.container_id, web.restart_count) == (before, 0)
    assert web.allocated_resources == {"cpu": "2", "memory": "128Mi"}
    assert web.resources == larger.spec.containers[0].resources
    run = rig.runtime.list_containers()[0]
    assert run.config.resources.memory_limit_in_bytes == 128 * 1024 * 1024
    assert rig.reasons()[-2:] == ["ResizeStarted", "ResizeCompleted"]
    assert condition(rig, larger, "PodResizeInProgress") is None


async def test_a_new_size_by_restart(rig: Rig) -> None:
    pod = make_pod(container(resources=resources("1"), resizePolicy=RESTART_MEMORY))
    await rig.add(pod)
    larger = resized(pod, "1", "128Mi")
    await rig.update(pod, larger)
    await rig.settle()
    assert rig.container(larger).restart_count == 1
    assert "Killing: Container web resize requires restart" in rig.events.seen
    assert rig.reasons()[-1] == "ResizeCompleted"


async def test_a_restart_takes_its_time(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", resources=resources("1"), resizePolicy=RESTART_MEMORY))
    await rig.add(pod)
    larger = resized(pod, "1", "128Mi")
    await rig.update(pod, larger)
    assert condition(rig, larger, "PodResizeInProgress") == ("True", "", "")
    assert rig.container(larger).resources == pod.spec.containers[0].resources
    await rig.clock.advance(30)
    await rig.settle()
    assert condition(rig, larger, "PodResizeInProgress") is None
    assert rig.container(larger).resources == larger.spec.containers[0].resources


async def test_a_size_that_no_node_of_this_kind_has(rig: Rig) -> None:
    pod = make_pod(container(resources=resources("1")))
    await rig.add(pod)
    larger = resized(pod, "5")
    await rig.update(pod, larger)
    why = "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000"
    assert condition(rig, larger, "PodResizePending") == ("True", "Infeasible", why)
    assert rig.container(larger).allocated_resources["cpu"] == "1"
    assert rig.reasons()[-1] == "ResizeInfeasible"
    assert rig.events.seen[-1].endswith(f'"error":"{why}"}}')
    await rig.update(larger, resized(larger, "1"))
    assert condition(rig, pod, "PodResizePending") is None


async def test_a_size_that_has_to_wait_for_room(rig: Rig) -> None:
    pod, other = make_pod(container(resources=resources("1"))), make_pod(container(resources=resources("2")), name="b")
    await rig.add(pod)
    await rig.add(other)
    larger = resized(pod, "3")
    await rig.update(pod, larger)
    pending = condition(rig, larger, "PodResizePending")
    assert pending is not None
    assert pending[1] == "Deferred"
    await rig.delete(other, grace=30)
    await rig.settle()
    assert condition(rig, larger, "PodResizePending") is None
    assert rig.container(larger).allocated_resources["cpu"] == "3"
    assert rig.reasons()[-1] == "ResizeCompleted"


async def test_memory_in_use_is_not_taken_away(rig: Rig) -> None:
    """The resize waits until the container uses less."""
    pod = make_pod(container(resources=resources("1")), metadata={"annotations": {"kubemu.io/memory": "50Mi"}})
    await rig.add(pod)
    smaller = resized(pod, "1", "40Mi")
    await rig.update(pod, smaller)
    found = condition(rig, smaller, "PodResizeInProgress")
    assert found is not None
    assert (found[1], found[2]) == (
        "Error",
        'attempting to set container "web" memory limit (41943040) below current usage (52428800)',
    )
    assert rig.reasons()[-1] == "ResizeError"
    frugal = smaller.model_copy(deep=True)
    frugal.metadata.annotations["kubemu.io/memory"] = "30Mi"
    await rig.update(smaller, frugal)
    assert condition(rig, frugal, "PodResizeInProgress") is None
    assert rig.container(frugal).restart_count == 0


async def test_the_pods_own_limits(rig: Rig) -> None:
    """They hold for the sandbox, and for containers that have none themselves."""
    pod = make_pod(resources=resources("1"))
    await rig.add(pod)
    larger = pod.model_copy(deep=True)
    larger.metadata.generation += 1
    larger.spec.resources = ResourceRequirements.model_validate(resources("2", "128Mi"))
    await rig.update(pod, larger)
    (sandbox,) = rig.runtime.list_pod_sandboxes()
    assert sandbox.config.resources.memory_limit_in_bytes == 128 * 1024 * 1024
    assert rig.runtime.list_containers()[0].config.resources.cpu_quota == 200_000
    status = rig.status(larger)
    assert (status.allocated_resources, status.resources) == (larger.spec.resources.requests, larger.spec.resources)


async def test_a_restarted_kubelet_remembers_what_it_granted(rig: Rig) -> None:
    """A size that was infeasible before is so again, and not taken for granted."""
    reported = {
        **{"name": "web", "ready": True, "restartCount": 0, "image": "idle", "imageID": "", "containerID": "fake://x"},
        **{"state": {"running": {}}, "resources": resources("1")},
    }
    status = {
        **{"phase": "Running", "containerStatuses": [reported]},
        **{"conditions": [{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}]},
    }
    pod = make_pod(container(resources=resources("5")), status=status)
    await rig.add(pod)
    pending = condition(rig, pod, "PodResizePending")
    assert pending is not None
    assert (pending[1], rig.container(pod).allocated_resources["cpu"]) == ("Infeasible", "1")
