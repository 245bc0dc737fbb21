"""Probes as a pod's author sees them, each way a container can be probed: over HTTP, TCP, gRPC, and by a command."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from tests.kubelet.builders import container, make_pod
from tests.kubelet.prober.patient import PROBES, Mode, Patient
from tests.kubelet.rig import Rig, open_rig

MARGIN = 0.2
"""More than a first probe comes after its moment."""

every_way = pytest.mark.parametrize("way", list(PROBES))


@pytest.fixture
def patient() -> Patient:
    return Patient()


@pytest.fixture
async def rig(patient: Patient) -> AsyncIterator[Rig]:
    async with open_rig(more={"patient": patient.image()}) as opened:
        yield opened


async def admit(rig: Rig, policy: str = "Always", **probes: dict[str, Any]) -> Pod:
    pod = make_pod(container(image="patient", **probes), policy=policy)
    await rig.add(pod)
    await rig.until(lambda: rig.running() == ["web"])
    return pod


async def pass_time(rig: Rig, seconds: float) -> None:
    """Let time pass, and what is asked over real sockets meanwhile be answered."""
    await rig.clock.advance(seconds)
    for _ in range(3):
        await rig.settle()


def unhealthy(rig: Rig) -> list[str]:
    return [event for event in rig.events.seen if event.startswith("Unhealthy")]


WORDS = {
    "http": "HTTP probe failed with statuscode: 503",
    "tcp": "dial tcp {ip}:9000: connect: connection refused",
    "exec": "I am ill\n",
    "grpc": 'service unhealthy (responded with "NOT_SERVING")',
}


@every_way
async def test_readiness_goes_and_comes_back(rig: Rig, patient: Patient, way: str) -> None:
    """S30, S32, S33, S34: out when the probe fails, back when it succeeds; the container runs on."""
    pod = await admit(rig, readinessProbe={**PROBES[way], "failureThreshold": 1})
    assert not rig.container(pod).ready, "not before it has been asked"
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    patient.mode = Mode.ILL
    await pass_time(rig, 10)
    await rig.until(lambda: not rig.container(pod).ready)
    words = WORDS[way].format(ip=rig.status(pod).pod_ip)
    assert unhealthy(rig) == [f"Unhealthy: Readiness probe failed: {words}"]
    patient.mode = Mode.WELL
    await pass_time(rig, 10)
    await rig.until(lambda: rig.container(pod).ready)
    assert rig.container(pod).restart_count == 0


@every_way
async def test_a_container_that_is_not_alive_is_killed_and_restarted(rig: Rig, patient: Patient, way: str) -> None:
    """S29, S32, S33, S34, S37: at the third failure in a row, which is the default."""
    patient.mode = Mode.ILL
    pod = await admit(rig, livenessProbe=PROBES[way])
    await pass_time(rig, MARGIN)
    for failures in (1, 2):
        await rig.until(lambda failures=failures: len(unhealthy(rig)) == failures)
        assert rig.container(pod).restart_count == 0
        await pass_time(rig, 10)
    await rig.until(lambda: "Killing: Container web failed liveness probe, will be restarted" in rig.events.seen)
    patient.mode = Mode.WELL
    await pass_time(rig, 40)
    await rig.until(lambda: rig.container(pod).restart_count == 1)
    await pass_time(rig, 100)
    assert (rig.container(pod).restart_count, len(unhealthy(rig))) == (1, 3)


async def test_no_probe_means_healthy(rig: Rig, patient: Patient) -> None:
    """S29."""
    patient.mode = Mode.ILL
    pod = await admit(rig)
    await pass_time(rig, 1000)
    assert (rig.container(pod).ready, rig.container(pod).restart_count, patient.asked) == (True, 0, 0)


async def test_killed_for_good_when_it_is_never_restarted(rig: Rig, patient: Patient) -> None:
    """S29: then the restart policy applies."""
    patient.mode = Mode.ILL
    pod = await admit(rig, policy="Never", livenessProbe={**PROBES["http"], "failureThreshold": 1})
    await pass_time(rig, MARGIN)
    await rig.until(lambda: "Killing: Container web failed liveness probe" in rig.events.seen)
    await pass_time(rig, 40)
    await rig.until(lambda: rig.status(pod).phase == "Failed")


@every_way
async def test_the_initial_delay(rig: Rig, patient: Patient, way: str) -> None:
    """S35: counted from the container's start."""
    pod = await admit(rig, readinessProbe={**PROBES[way], "initialDelaySeconds": 30})
    await pass_time(rig, 29.9)
    assert (patient.asked, rig.container(pod).ready) == (0, False)
    await pass_time(rig, 0.1 + MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    assert patient.asked == 1


SILENCE = {
    "http": 'Get "http://{ip}:8080/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    "exec": 'command timed out: "/bin/check" timed out after 4s',
    "grpc": "timeout: health rpc did not complete within 4s",
}


@pytest.mark.parametrize("way", list(SILENCE))
async def test_a_probe_that_hangs_has_failed(rig: Rig, patient: Patient, way: str) -> None:
    """S36: when its timeout has passed, even a command that takes no signal; that is killed."""
    patient.mode = Mode.SILENT
    pod = await admit(rig, readinessProbe={**PROBES[way], "timeoutSeconds": 4})
    await pass_time(rig, MARGIN)
    await rig.until(lambda: patient.asked == 1)
    await pass_time(rig, 3.9 - MARGIN)
    assert unhealthy(rig) == []
    await pass_time(rig, 0.2)
    await rig.until(lambda: bool(unhealthy(rig)))
    words = SILENCE[way].format(ip=rig.status(pod).pod_ip)
    assert unhealthy(rig) == [f"Unhealthy: Readiness probe failed: {words}"]
    await rig.until(lambda: patient.hanging == 0)


@every_way
async def test_the_failure_threshold(rig: Rig, patient: Patient, way: str) -> None:
    """S37: failures that are not in a row do not count together."""
    pod = await admit(rig, readinessProbe={**PROBES[way], "failureThreshold": 2})
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    for mode, ready in ((Mode.ILL, True), (Mode.WELL, True), (Mode.ILL, True), (Mode.ILL, False)):
        patient.mode = mode
        events = len(unhealthy(rig))
        await pass_time(rig, 10)
        await rig.until(lambda mode=mode, events=events: len(unhealthy(rig)) == events + mode.value)
        await rig.until(lambda ready=ready: rig.container(pod).ready is ready)


@every_way
async def test_the_success_threshold(rig: Rig, patient: Patient, way: str) -> None:
    """S38: ready at the third success in a row."""
    pod = await admit(rig, readinessProbe={**PROBES[way], "successThreshold": 3})
    await pass_time(rig, MARGIN)
    for asked in (1, 2):
        await rig.until(lambda asked=asked: patient.asked == asked)
        await rig.settle()
        assert not rig.container(pod).ready
        await pass_time(rig, 10)
    await rig.until(lambda: rig.container(pod).ready)
    assert patient.asked == 3


@every_way
@pytest.mark.parametrize(
    ("given", "period"),
    [({}, 10.0), ({"periodSeconds": 3}, 3.0), ({"periodSeconds": 1}, 1.0)],
    ids=["default", "three", "minimum"],
)
async def test_the_period(rig: Rig, patient: Patient, way: str, given: dict[str, Any], period: float) -> None:
    """S39."""
    pod = await admit(rig, readinessProbe={**PROBES[way], **given})
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    for asked in (2, 3, 4):
        await pass_time(rig, period - MARGIN)
        assert patient.asked == asked - 1
        await pass_time(rig, MARGIN)
        await rig.until(lambda asked=asked: patient.asked == asked)


@every_way
async def test_the_startup_probe_holds_back_the_others(rig: Rig, patient: Patient, way: str) -> None:
    """Its success is final: it is not asked again, while the others are."""
    patient.mode = Mode.ILL
    pod = await admit(
        rig,
        startupProbe={**PROBES[way], "failureThreshold": 30},
        livenessProbe=PROBES["exec"],
        readinessProbe=PROBES[way],
    )
    await pass_time(rig, 45)
    assert (rig.container(pod).started, rig.container(pod).restart_count) == (False, 0)
    assert all(event.startswith("Unhealthy: Startup probe failed: ") for event in unhealthy(rig))
    patient.mode = Mode.WELL
    await pass_time(rig, 10)
    await rig.until(lambda: rig.container(pod).started is True)
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)


async def test_what_a_restart_forgets(rig: Rig, patient: Patient) -> None:
    """A new run begins unready and with its failures at nought, whatever was known of the one before."""
    pod = await admit(rig, readinessProbe=PROBES["exec"], livenessProbe={**PROBES["http"], "failureThreshold": 1})
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    patient.mode = Mode.ILL
    await pass_time(rig, 10)
    await rig.until(lambda: any("failed liveness probe" in event for event in rig.events.seen))
    await pass_time(rig, 30.5)
    await rig.until(lambda: rig.container(pod).restart_count == 1)
    assert not rig.container(pod).ready


@every_way
async def test_readiness_is_probed_while_a_pod_ends_and_liveness_is_not(rig: Rig, patient: Patient, way: str) -> None:
    pod = await admit(rig, readinessProbe={**PROBES[way], "failureThreshold": 1}, livenessProbe=PROBES["exec"])
    await pass_time(rig, MARGIN)
    await rig.until(lambda: rig.container(pod).ready)
    await rig.delete(pod, grace=300)
    patient.mode = Mode.ILL
    await pass_time(rig, 60)
    await rig.until(lambda: not rig.container(pod).ready)
    assert all(event.startswith("Unhealthy: Readiness") for event in unhealthy(rig))
