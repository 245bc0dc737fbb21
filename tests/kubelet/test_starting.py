"""Containers that are started again, or beside those that run: rules, images, ephemeral containers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import EphemeralContainer, Pod
from kubelet.runtime import SandboxState
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def rule(action: str, *codes: int, operator: str = "In") -> dict[str, Any]:
    return {"action": action, "exitCodes": {"operator": operator, "values": list(codes)}}


def changed(pod: Pod) -> Pod:
    """A copy of the next generation."""
    copy = pod.model_copy(deep=True)
    copy.metadata.generation += 1
    return copy


@pytest.mark.parametrize(
    ("rules", "policy", "code", "count"),
    [
        pytest.param([rule("Restart", 42)], "Never", 42, 1, id="the rule is before the policy"),
        pytest.param([rule("Restart", 42)], "Never", 1, 0, id="another code"),
        pytest.param([rule("Restart", 42, operator="NotIn")], "Never", 1, 1, id="not in"),
        pytest.param([rule("Restart", 42, operator="NotIn")], "Never", 42, 0, id="not not in"),
    ],
)
async def test_restart_rules(rig: Rig, rules: list[dict[str, Any]], policy: str, code: int, count: int) -> None:
    """S17, S26."""
    fields = {"restartPolicy": policy, "restartPolicyRules": rules}
    pod = make_pod(container("web", "ends", args=[str(code), "5"], **fields), container("other"), policy="Always")
    await rig.add(pod)
    await rig.clock.advance(6)
    assert rig.container(pod).restart_count == count


async def test_a_rule_restarts_all_containers_of_the_pod(rig: Rig) -> None:
    """S17: in place, init containers too, and without their preStop hooks."""
    web = container(
        "web", "ends", args=["42", "60"], restartPolicy="Never", restartPolicyRules=[rule("RestartAllContainers", 42)]
    )
    other = container("other", "stubborn", lifecycle={"preStop": {"exec": {"command": ["ends", "1"]}}})
    init = container("init", "ends", args=["0", "5"])
    pod = make_pod(web, other, init=(init,), policy="Never")
    await rig.add(pod)
    await rig.clock.advance(5)
    assert rig.running() == ["web", "other"]
    sandbox = rig.runtime.list_pod_sandboxes()[0].id
    await rig.clock.advance(60)
    await rig.settle()
    assert rig.running() == ["init"]
    assert rig.status(pod).phase == "Pending"
    await rig.clock.advance(5)
    await rig.settle()
    assert rig.running() == ["web", "other"]
    assert [rig.container(pod, name).restart_count for name in ("init", "web", "other")] == [1, 1, 1]
    assert [entry.id for entry in rig.runtime.list_pod_sandboxes()] == [sandbox]
    assert "FailedPreStopHook" not in rig.reasons()
    conditions = {entry.type: entry.status for entry in rig.status(pod).conditions}
    assert (conditions["AllContainersRestarting"], conditions["Initialized"]) == ("False", "True")


async def test_a_new_image_replaces_the_container(rig: Rig) -> None:
    """In place, whatever the restart policy, and without back-off."""
    pod = make_pod(container(), policy="Never")
    await rig.add(pod)
    newer = changed(pod)
    newer.spec.containers[0].image = "idle:2"
    await rig.update(pod, newer)
    await rig.settle()
    web = rig.container(newer)
    assert "Killing: Container web definition changed, will be restarted" in rig.events.seen
    assert (web.image, web.restart_count, rig.status(newer).phase) == ("idle:2", 1, "Running")
    newest = changed(newer)
    newest.spec.containers[0].image = "idle:3"
    await rig.update(newer, newest)
    await rig.settle()
    assert (rig.container(newest).image, rig.container(newest).restart_count) == ("idle:3", 2)


async def test_an_ephemeral_container_is_started_once(rig: Rig) -> None:
    pod = make_pod(container())
    await rig.add(pod)
    newer = changed(pod)
    newer.spec.ephemeral_containers.append(
        EphemeralContainer(name="debug", image="ends", args=["0", "5"], target_container_name="web")
    )
    await rig.update(pod, newer)
    (debug,) = rig.status(newer).ephemeral_container_statuses
    assert debug.state.running is not None
    assert (debug.ready, debug.started) == (False, None)
    await rig.clock.advance(60)
    (debug,) = rig.status(newer).ephemeral_container_statuses
    assert debug.state.terminated is not None
    assert (debug.state.terminated.reason, debug.restart_count) == ("Completed", 0)
    assert (rig.status(newer).phase, rig.running()) == ("Running", ["web"])


async def test_an_ephemeral_container_does_not_keep_a_pod_running(rig: Rig) -> None:
    pod = make_pod(
        container(image="ends", args=["0", "5"]), ephemeralContainers=[container("debug", "idle")], policy="Never"
    )
    await rig.add(pod)
    assert rig.running() == ["debug", "web"]
    await rig.clock.advance(5)
    await rig.settle()
    assert (rig.status(pod).phase, rig.running()) == ("Succeeded", [])


async def test_restart_counts_and_back_off_outlast_the_sandbox(rig: Rig) -> None:
    """S2, S17, S26."""
    pod = make_pod(container(image="ends", args=["1", "1"]))
    await rig.add(pod)
    await rig.clock.advance(3)
    assert rig.container(pod).restart_count == 1
    rig.runtime.kill_container(rig.runtime.list_pod_sandboxes()[0].id, 9)
    await rig.settle()
    # The one before is kept for the logs of what ran in it.
    states = [entry.state for entry in rig.runtime.list_pod_sandboxes()]
    assert states == [SandboxState.NOTREADY, SandboxState.READY]
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert (waiting.reason, rig.container(pod).restart_count) == ("CrashLoopBackOff", 1)
    await rig.clock.advance(10)
    await rig.settle()
    assert rig.container(pod).restart_count == 2


async def test_a_debugging_container_needs_its_target(rig: Rig) -> None:
    """It waits until that is there."""
    debug = container("debug", targetContainerName="web")
    init = container("init", "ends", args=["0", "5"])
    pod = make_pod(container("web"), init=(init,), ephemeralContainers=[debug])
    await rig.add(pod)
    waiting = rig.status(pod).ephemeral_container_statuses[0].state.waiting
    assert waiting is not None
    assert (waiting.reason, waiting.message) == ("CreateContainerConfigError", "unable to find target container web")
    await rig.clock.advance(5)
    await rig.settle()
    assert rig.running() == ["web", "debug"]
