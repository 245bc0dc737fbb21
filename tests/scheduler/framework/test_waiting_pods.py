"""Pods that wait for Permit plugins: allowed by all, rejected by one, out of time."""

import asyncio
from collections.abc import Callable

import pytest

from apimachinery.clock import ManualClock
from scheduler.framework.status import Code, Status
from scheduler.framework.waiting_pods import WaitingPod, WaitingPods
from tests.scheduler.builders import make_pod

POD = make_pod().info()


def allow_both(pod: WaitingPod) -> None:
    pod.allow("Slow")
    pod.allow("Quick")


@pytest.mark.parametrize(
    ("act", "advance", "expected"),
    [
        pytest.param(allow_both, 0, Status(), id="allowed by both"),
        pytest.param(
            lambda pod: pod.reject("Slow", "no"), 0, Status(Code.UNSCHEDULABLE, ("no",), "Slow"), id="rejected by one"
        ),
        pytest.param(lambda pod: pod.preempt("Slow", "gone"), 0, Status(Code.ERROR, ("gone",), "Slow"), id="preempted"),
        pytest.param(
            lambda pod: None,
            10,
            Status(Code.UNSCHEDULABLE, ("rejected due to timeout after waiting 10s at plugin Quick",), "Quick"),
            id="out of time",
        ),
        pytest.param(
            lambda pod: pod.allow("Quick"),
            60,
            Status(Code.UNSCHEDULABLE, ("rejected due to timeout after waiting 1m0s at plugin Slow",), "Slow"),
            id="one allows, the other runs out of time",
        ),
    ],
)
async def test_what_is_decided(act: Callable[[WaitingPod], None], advance: float, expected: Status) -> None:
    clock = ManualClock()
    pods = WaitingPods(clock)
    pods.add(POD, {"Slow": 60.0, "Quick": 10.0})
    async with asyncio.TaskGroup() as group:
        decided = group.create_task(pods.wait(POD.uid))
        waiting = pods.get(POD.uid)
        assert waiting is not None
        act(waiting)
        while advance > clock.monotonic():
            await clock.advance(1)
    assert decided.result() == expected
    assert len(pods) == 0


async def test_nobody_waits_for_a_pod_that_no_plugin_holds() -> None:
    pods = WaitingPods(ManualClock())
    assert (await pods.wait(POD.uid)).success
    assert not pods.reject(POD.uid, "gone")


async def test_the_first_word_counts() -> None:
    waiting = WaitingPod(POD, {"One": 1.0}, ManualClock())
    waiting.reject("One", "no")
    waiting.allow("One")
    assert (await waiting.decided()).message == "no"
