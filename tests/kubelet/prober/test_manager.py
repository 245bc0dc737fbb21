"""Who is probed, and when first."""

import random
from typing import Any

import pytest

from apimachinery.clock import rfc3339
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubelet.prober.manager import ProbeManager
from kubelet.prober.prober import Prober
from kubelet.prober.timetable import Timetable
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Recorded, open_rig

MANY = 200
PERIOD = 10


def pods(**status: Any) -> list[Pod]:
    probe = {"tcpSocket": {"port": 80}, "periodSeconds": PERIOD}
    return [make_pod(container(readinessProbe=probe), name=f"web-{number}", status=status) for number in range(MANY)]


def begun(timetable: Timetable) -> int:
    return sum(timetable.statistics().values())


@pytest.mark.parametrize(
    ("ran_before", "kubelet_age", "at_once"),
    [
        pytest.param(True, 0, False, id="pods that a kubelet takes up when it starts"),
        pytest.param(False, 0, True, id="new pods of a kubelet that has just started"),
        pytest.param(True, PERIOD, True, id="pods that come back to a kubelet that runs"),
    ],
)
async def test_probes_are_spread_over_a_period_after_a_restart(
    *, ran_before: bool, kubelet_age: float, at_once: bool
) -> None:
    async with (
        open_rig() as rig,
        Client("http://127.0.0.1:1", clock=rig.clock) as client,
        Prober(rig.runtime, lambda ip, port: ("127.0.0.1", 1), rig.clock) as prober,
    ):
        started = rfc3339(rig.clock.now())
        await rig.clock.advance(60)
        recorder = Recorded(client)
        manager = ProbeManager(prober, rig.clock, recorder, random.Random(1), wake=lambda uid: None)
        await rig.clock.advance(kubelet_age)
        for pod in pods(startTime=started) if ran_before else pods():
            manager.start(pod, pod.spec.containers[0], pod.metadata.uid, "127.0.0.1")
        await rig.clock.advance(0.2)
        assert begun(prober.timetable) == MANY if at_once else begun(prober.timetable) < MANY / 4
        await rig.clock.advance(PERIOD / 2)
        assert begun(prober.timetable) == MANY if at_once else MANY / 4 < begun(prober.timetable) < 3 * MANY / 4
        await rig.clock.advance(PERIOD / 2 - 0.2)
        assert begun(prober.timetable) >= MANY - 10


async def test_what_is_not_probed_is_ready_and_started() -> None:
    async with (
        open_rig() as rig,
        Client("http://127.0.0.1:1", clock=rig.clock) as client,
        Prober(rig.runtime, lambda ip, port: (ip, port), rig.clock) as prober,
    ):
        manager = ProbeManager(prober, rig.clock, Recorded(client), random.Random(1), wake=lambda uid: None)
        pod = make_pod(container())
        manager.start(pod, pod.spec.containers[0], "id", "127.0.0.1")
        assert (manager.started("id"), manager.ready("id"), manager.failed("id")) == (True, True, None)
        manager.stop("id")
        manager.stop("id")
