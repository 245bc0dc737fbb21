"""Lifecycle hooks of pods on a node: postStart, preStop, and the signal that comes after."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubelet.runtime import LogEntry
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def hook(code: int, seconds: float = 0) -> dict[str, Any]:
    """A hook that ends with ``code`` after ``seconds``."""
    return {"exec": {"command": ["ends", str(code), str(seconds)]}}


def log(rig: Rig, name: str) -> list[bytes]:
    found = [run.id for run in rig.runtime.list_containers() if run.config.name == name]
    entries: list[LogEntry] = [entry for each in found for entry in rig.runtime.container_log(each)]
    return [entry.line for entry in entries]


def waiting_reason(rig: Rig, pod: Pod, name: str = "web") -> str:
    waiting = rig.container(pod, name).state.waiting
    assert waiting is not None
    return waiting.reason


async def test_post_start_holds_up_the_pod(rig: Rig) -> None:
    """The container does not count as started, and no other is started, until its hook has ended."""
    pod = make_pod(container("web", lifecycle={"postStart": hook(0, 20)}), container("next"))
    await rig.add(pod)
    assert rig.running() == ["web"]
    assert (rig.status(pod).phase, waiting_reason(rig, pod)) == ("Pending", "ContainerCreating")
    assert not rig.container(pod).started
    await rig.clock.advance(20)
    assert rig.running() == ["web", "next"]
    assert (rig.status(pod).phase, rig.container(pod).ready) == ("Running", True)


async def test_probes_begin_after_post_start(rig: Rig) -> None:
    probe = {"exec": {"command": ["ends", "1"]}, "failureThreshold": 1}
    pod = make_pod(container(livenessProbe=probe, lifecycle={"postStart": hook(0, 60)}))
    await rig.add(pod)
    await rig.clock.advance(59)
    assert "Unhealthy" not in rig.reasons()
    await rig.clock.advance(2)
    assert "Unhealthy" in rig.reasons()


async def test_a_failed_post_start_kills_the_container(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", lifecycle={"postStart": hook(3)}, name="web"), policy="Never")
    await rig.add(pod)
    assert "FailedPostStartHook: PostStartHook failed" in rig.events.seen
    assert "Killing: FailedPostStartHook" in rig.events.seen
    assert waiting_reason(rig, pod) == "ContainerCreating", "it still has its grace period"
    await rig.clock.advance(30)
    await rig.settle()
    assert rig.status(pod).phase == "Failed"
    assert rig.running() == []


async def test_a_container_whose_post_start_fails_is_started_again_with_back_off(rig: Rig) -> None:
    """S26: the first time at once, then after ten seconds."""
    pod = make_pod(container(lifecycle={"postStart": hook(3, 1)}))
    await rig.add(pod)
    await rig.clock.advance(1)
    await rig.settle()
    assert (rig.reasons().count("FailedPostStartHook"), rig.reasons().count("Started")) == (1, 2)
    await rig.clock.advance(1)
    await rig.settle()
    assert (rig.container(pod).restart_count, waiting_reason(rig, pod)) == (1, "CrashLoopBackOff")
    await rig.clock.advance(11)
    await rig.settle()
    assert rig.reasons().count("FailedPostStartHook") == 3
    assert rig.container(pod).restart_count == 2


async def test_a_deletion_does_not_wait_for_post_start(rig: Rig) -> None:
    pod = make_pod(container(lifecycle={"postStart": hook(0, 1000)}))
    await rig.add(pod)
    await rig.delete(pod, grace=30)
    await rig.settle()
    assert rig.running() == []
    assert rig.statuses.deletion_due(pod.metadata.uid)


async def test_pre_stop_runs_first_and_its_time_counts(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", lifecycle={"preStop": hook(0, 10)}))
    await rig.add(pod)
    await rig.delete(pod, grace=30)
    await rig.clock.advance(29)
    assert rig.running() == ["web"]
    await rig.clock.advance(1)
    await rig.settle()
    assert rig.running() == []
    assert "FailedPreStopHook" not in rig.reasons()


async def test_a_pre_stop_hook_that_hangs_leaves_two_seconds(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", lifecycle={"preStop": {"sleep": {"seconds": 1000}}}))
    await rig.add(pod)
    await rig.delete(pod, grace=10)
    await rig.clock.advance(11)
    assert rig.running() == ["web"], "TERM came after ten seconds"
    await rig.clock.advance(1)
    await rig.settle()
    assert rig.running() == []


async def test_a_failed_pre_stop_is_told_and_changes_nothing_else(rig: Rig) -> None:
    pod = make_pod(container(lifecycle={"preStop": hook(1)}))
    await rig.add(pod)
    await rig.delete(pod, grace=30)
    await rig.settle()
    assert "FailedPreStopHook: PreStopHook failed" in rig.events.seen
    assert rig.status(pod).phase == "Succeeded"


async def test_a_container_that_ends_by_itself_has_no_pre_stop(rig: Rig) -> None:
    pod = make_pod(container(image="ends", args=["0", "5"], lifecycle={"preStop": hook(1)}), policy="Never")
    await rig.add(pod)
    await rig.clock.advance(5)
    assert rig.status(pod).phase == "Succeeded"
    assert "FailedPreStopHook" not in rig.reasons()


async def test_pre_stop_runs_when_a_probe_has_failed(rig: Rig) -> None:
    """S29."""
    probe = {"exec": {"command": ["ends", "1"]}, "failureThreshold": 1}
    pod = make_pod(container(livenessProbe=probe, lifecycle={"preStop": hook(1)}))
    await rig.add(pod)
    await rig.clock.advance(1)
    await rig.settle()
    assert "FailedPreStopHook" in rig.reasons()
    assert rig.container(pod).restart_count == 1


async def test_a_second_deletion_ends_the_hook_early(rig: Rig) -> None:
    pod = make_pod(container(lifecycle={"preStop": {"sleep": {"seconds": 1000}}}))
    await rig.add(pod)
    deleted = await rig.delete(pod, grace=300)
    await rig.clock.advance(10)
    assert rig.running() == ["web"]
    await rig.delete(deleted, grace=2)
    await rig.settle()
    assert rig.running() == []


@pytest.mark.parametrize(
    ("lifecycle", "fails"),
    [
        pytest.param({"httpGet": {"port": 80, "path": "/nothing-here"}}, False, id="any answer will do"),
        pytest.param({"httpGet": {"port": 81}}, True, id="nobody listens"),
        pytest.param({"httpGet": {"port": "none"}}, True, id="no such port"),
        pytest.param({"httpGet": {"port": 80, "scheme": "HTTPS"}}, False, id="plain HTTP after all"),
        pytest.param({"tcpSocket": {"port": 80}}, True, id="not to be run"),
        pytest.param({"exec": {"command": ["no-such-program"]}}, True, id="no such program"),
    ],
)
async def test_hooks_of_all_kinds(rig: Rig, lifecycle: dict[str, Any], *, fails: bool) -> None:
    pod = make_pod(container(image="nginx", name="web", lifecycle={"preStop": lifecycle}))
    await rig.add(pod)
    await rig.clock.advance(0.2)
    await rig.delete(pod, grace=30)
    await rig.until(lambda: rig.statuses.deletion_due(pod.metadata.uid))
    assert ("FailedPreStopHook" in rig.reasons()) is fails
    assert ("LifecycleHTTPFallback" in rig.reasons()) is (lifecycle.get("httpGet", {}).get("scheme") == "HTTPS")


async def test_the_stop_signal(rig: Rig) -> None:
    script = "trap 'echo got it; exit 0' USR1; echo up; while true; do sleep 1; done"
    pod = make_pod(container(image="busybox", command=["sh", "-c", script], lifecycle={"stopSignal": "SIGUSR1"}))
    await rig.add(pod)
    await rig.until(lambda: log(rig, "web") == [b"up"])
    await rig.delete(pod, grace=30)
    await rig.clock.advance(2)
    await rig.until(lambda: rig.running() == [])
    assert log(rig, "web") == [b"up", b"got it"]


async def test_sidecars_end_last_but_their_hooks_run_at_once(rig: Rig) -> None:
    side = container("side", restartPolicy="Always", lifecycle={"preStop": hook(1)})
    pod = make_pod(container("web", "stubborn"), init=(side,))
    await rig.add(pod)
    await rig.delete(pod, grace=20)
    await rig.settle()
    assert "FailedPreStopHook" in rig.reasons()
    await rig.clock.advance(19)
    assert rig.running() == ["side", "web"]
    await rig.clock.advance(3)
    await rig.settle()
    assert rig.running() == []


async def test_a_sidecar_whose_hook_outlasts_the_others_is_told_to_end_at_once(rig: Rig) -> None:
    side = container("side", restartPolicy="Always", lifecycle={"preStop": {"sleep": {"seconds": 5}}})
    pod = make_pod(container("web"), init=(side,))
    await rig.add(pod)
    await rig.delete(pod, grace=60)
    await rig.settle()
    assert rig.running() == ["side"]
    await rig.clock.advance(5)
    await rig.settle()
    assert rig.running() == []


@pytest.mark.parametrize(
    "lifecycle",
    [
        pytest.param({"postStart": {"sleep": {"seconds": 1000}}}, id="postStart"),
        pytest.param({"preStop": {"sleep": {"seconds": 1000}}}, id="preStop"),
    ],
)
async def test_a_pod_that_vanishes_takes_its_hooks_along(rig: Rig, lifecycle: dict[str, Any]) -> None:
    pod = make_pod(container(lifecycle=lifecycle))
    await rig.add(pod)
    if "preStop" in lifecycle:
        pod = await rig.delete(pod, grace=3000)
    await rig.remove(pod)
    await rig.settle()
    assert (len(rig.workers), rig.runtime.list_containers()) == (0, [])
