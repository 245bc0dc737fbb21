"""Pods as the Kubernetes documentation's lifecycle pages have them, against real processes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from apimachinery.patch_types import PatchType
from apimachinery.types.pod import ContainerStatus, Pod
from kubeclient.client import Client
from kubeclient.resources import EVENTS, PODS
from tests.live import Cluster, eventually
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, NodeRig, one_node

NODE = "node-1"
CIDR = own_range(27)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    yield from one_node(NODE)


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with Client(nodes.url) as client:
        opened = NodeRig(client, NODE)
        await opened.until_node_ready(CIDR)
        yield opened


def shell(name: str, script: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "busybox", "command": ["sh", "-c", script], **fields}


async def until(rig: NodeRig, name: str, holds: Any) -> Pod:
    """Wait until something is true of a pod."""

    async def check() -> Pod:
        pod = await rig.get(name)
        assert holds(pod), pod.status
        return pod

    return await eventually(check)


async def change(rig: NodeRig, name: str, patch: dict[str, Any], subresource: str = "") -> None:
    """Patch a pod, as kubectl would."""
    await rig.client.patch(
        PODS, name, patch, namespace=NAMESPACE, subresource=subresource, patch_type=PatchType.STRATEGIC
    )


async def texts(rig: NodeRig, name: str) -> set[str]:
    """Return what all events about a pod say."""
    found = await rig.client.list(EVENTS, namespace=NAMESPACE, field_selector=f"involvedObject.name={name}")
    return {f"{event.reason}: {event.message}" for event in found.items}


async def until_said(rig: NodeRig, name: str, *wanted: str) -> None:
    async def said() -> bool:
        missing = set(wanted) - await texts(rig, name)
        assert not missing, (missing, await texts(rig, name))
        return True

    await eventually(said)


def only(pod: Pod) -> ContainerStatus:
    (status,) = pod.status.container_statuses
    return status


async def test_hooks(rig: NodeRig) -> None:
    """postStart holds the container up, preStop runs before its end; both write where the other reads."""
    hooks = {
        "postStart": {"exec": {"command": ["sh", "-c", "echo hello > /shared/greeting"]}},
        "preStop": {"exec": {"command": ["sh", "-c", "cat /nowhere"]}},
    }
    mount = {"volumeMounts": [{"name": "v", "mountPath": "/shared"}]}
    volumes = [{"name": "v", "emptyDir": {}}]
    script = "trap 'exit 0' TERM; while true; do sleep 1; done"
    await rig.create("hooks", shell("sh", script, lifecycle=hooks, **mount), volumes=volumes)
    await rig.until_ready("hooks")
    await rig.client.delete(PODS, "hooks", namespace=NAMESPACE)
    await rig.until_gone("hooks")
    await until_said(rig, "hooks", "FailedPreStopHook: PreStopHook failed", "Killing: Stopping container sh")


async def test_phases_and_restart_policies(rig: NodeRig) -> None:
    """S7, S17, S26: every phase but Unknown, and what leads there."""
    await rig.create("good", shell("sh", "exit 0"), restartPolicy="Never")
    await rig.create("bad", shell("sh", "echo -n why > /dev/termination-log; exit 3"), restartPolicy="Never")
    await rig.create("again", shell("sh", "exit 1"), restartPolicy="OnFailure")
    await rig.create("late", shell("sh", "sleep 100"), activeDeadlineSeconds=1, terminationGracePeriodSeconds=1)
    await rig.create("pending", {"name": "c", "image": "web:404"})
    await rig.until_waiting("pending", "ErrImagePull")
    assert (await rig.get("pending")).status.phase == "Pending"
    assert only(await rig.until_phase("good", "Succeeded")).state.terminated is not None
    failed = only(await rig.until_phase("bad", "Failed")).state.terminated
    assert failed is not None
    assert (failed.exit_code, failed.reason, failed.message) == (3, "Error", "why")
    again = await rig.until_waiting("again", "CrashLoopBackOff")
    assert again.restart_count == 1
    assert (await rig.get("again")).status.phase == "Running"
    assert (await rig.until_phase("late", "Failed")).status.reason == "DeadlineExceeded"


async def test_a_rule_restarts_the_whole_pod(rig: NodeRig) -> None:
    """S17: the exit code of one container has all of them begin anew, on request."""
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}
    watcher = shell(
        "watcher",
        "[ -e /v/seen ] && sleep 1000; touch /v/seen; sleep 1; exit 42",
        restartPolicy="Never",
        restartPolicyRules=[rule],
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
    )
    main = shell("main", "sleep 1000")
    await rig.create("whole", main, watcher, restartPolicy="Never", volumes=[{"name": "v", "emptyDir": {}}])

    def restarted(pod: Pod) -> bool:
        return [status.restart_count for status in pod.status.container_statuses] == [1, 1] and pod.ready

    pod = await until(rig, "whole", restarted)
    last = pod.status.container_statuses[0].last_state.terminated
    assert last is not None
    assert last.exit_code == 137
    found = pod.condition("AllContainersRestarting")
    assert found is not None
    assert found.status == "False"


async def test_a_debugging_container_and_a_new_image(rig: NodeRig) -> None:
    """Both are added to a pod that runs."""
    await rig.create("web", {"name": "web", "image": "nginx"})
    pod = await rig.until_ready("web")
    debug = {"name": "debug", "image": "busybox", "command": ["true"], "targetContainerName": "web"}
    await change(rig, "web", {"spec": {"ephemeralContainers": [debug]}}, "ephemeralcontainers")

    def ended(pod: Pod) -> bool:
        return any(status.state.terminated for status in pod.status.ephemeral_container_statuses)

    shown = await until(rig, "web", ended)
    assert (shown.status.phase, only(shown).restart_count) == ("Running", 0)
    assert shown.status.observed_generation == shown.metadata.generation > pod.metadata.generation
    newer = {"spec": {"containers": [{"name": "web", "image": "nginx:1.29"}]}}
    await change(rig, "web", newer)
    replaced = await until(rig, "web", lambda pod: pod.ready and only(pod).restart_count == 1)
    assert only(replaced).image == "nginx:1.29"
    await until_said(rig, "web", "Killing: Container web definition changed, will be restarted")


async def test_a_pod_is_resized(rig: NodeRig) -> None:
    """CPU in place, memory by a restart, and more than there is not at all."""
    size = {"cpu": "500m", "memory": "64Mi"}
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    main = shell("web", "sleep 1000", resources={"requests": size, "limits": size}, resizePolicy=policy)
    await rig.create("sized", main, terminationGracePeriodSeconds=1)
    await rig.until_ready("sized")

    async def resize(**to: str) -> None:
        resources = {"requests": {**size, **to}, "limits": {**size, **to}}
        body = {"spec": {"containers": [{"name": "web", "resources": resources}]}}
        await change(rig, "sized", body, "resize")

    await resize(cpu="1")
    pod = await until(rig, "sized", lambda pod: only(pod).allocated_resources.get("cpu") == "1")
    assert (only(pod).restart_count, pod.status.qos_class) == (0, "Guaranteed")
    await resize(cpu="1", memory="128Mi")
    pod = await until(rig, "sized", lambda pod: pod.ready and only(pod).restart_count == 1)
    assert pod.condition("PodResizeInProgress") is None
    await resize(cpu="1000")
    pod = await until(rig, "sized", lambda pod: pod.condition("PodResizePending") is not None)
    pending = pod.condition("PodResizePending")
    assert pending is not None
    assert (pending.reason, pending.message) == (
        "Infeasible",
        "Node didn't have enough capacity: cpu, requested: 1000000, capacity: 4000",
    )
    assert only(pod).allocated_resources["cpu"] == "1"
    await resize(cpu="1", memory="128Mi")
    await until(rig, "sized", lambda pod: pod.condition("PodResizePending") is None)


async def test_too_much_memory(rig: NodeRig) -> None:
    """Usage is said in an annotation, and may change."""
    resources = {"limits": {"memory": "64Mi"}}
    await rig.create("hungry", shell("sh", "sleep 1000", resources=resources), restartPolicy="Never")
    await rig.until_ready("hungry")
    annotations = {"metadata": {"annotations": {"kubemu.io/memory": "65Mi"}}}
    await change(rig, "hungry", annotations)
    ended = only(await rig.until_phase("hungry", "Failed")).state.terminated
    assert ended is not None
    assert (ended.reason, ended.exit_code) == ("OOMKilled", 137)


async def test_images_take_their_time(rig: NodeRig) -> None:
    await rig.create("not-root", {"name": "c", "image": "nginx"}, securityContext={"runAsNonRoot": True})
    slow = {
        "metadata": {"name": "slow", "annotations": {"kubemu.io/pull-time": "300ms"}},
        "spec": {"nodeName": NODE, "containers": [{"name": "c", "image": "example.com/slow:1"}]},
    }
    await rig.client.create(PODS, slow, namespace=NAMESPACE)
    await rig.until_ready("slow")
    pulled = await rig.until_event("slow", "Pulled")
    assert pulled.message.startswith('Successfully pulled image "example.com/slow:1" in 30')
    waiting = (await rig.until_waiting("not-root", "CreateContainerConfigError")).state.waiting
    assert waiting is not None
    assert waiting.message.startswith('container has runAsNonRoot and image will run as root (pod: "not-root_default(')
