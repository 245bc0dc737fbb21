"""Phases (S7), with every rule of upstream's ``getPhase`` by example."""

import pytest

from apimachinery.types.pod import ContainerStatus, Pod
from kubelet.phase import pod_phase
from tests.kubelet.builders import container, done, exited, make_pod, running, waiting

A, B = container("a"), container("b")
INIT = container("i")
SIDECAR = container("s", restartPolicy="Always")


@pytest.mark.parametrize(
    ("pod", "statuses", "phase"),
    [
        pytest.param(make_pod(A), [], "Pending", id="nothing known"),
        pytest.param(make_pod(A, B), [running("a"), waiting("b")], "Pending", id="one still waits"),
        pytest.param(make_pod(A, B), [running("a"), running("b", ready=False)], "Running", id="unready runs too"),
        pytest.param(make_pod(A), [waiting("a", "CrashLoopBackOff", last=1)], "Running", id="restarting"),
        pytest.param(make_pod(A), [exited("a", 0)], "Running", id="Always restarts success"),
        pytest.param(make_pod(A, policy="OnFailure"), [exited("a", 0)], "Succeeded", id="OnFailure, success"),
        pytest.param(make_pod(A, policy="OnFailure"), [exited("a", 1)], "Running", id="OnFailure, failure"),
        pytest.param(make_pod(A, B, policy="OnFailure"), [exited("a", 0), exited("b", 2)], "Running", id="one fails"),
        pytest.param(make_pod(A, policy="Never"), [exited("a", 0)], "Succeeded", id="Never, success"),
        pytest.param(make_pod(A, policy="Never"), [exited("a", 1)], "Failed", id="Never, failure"),
        pytest.param(make_pod(A, B, policy="Never"), [exited("a", 1), running("b")], "Running", id="other runs"),
        pytest.param(make_pod(A, B, policy="Never"), [exited("a", 1), exited("b", 0)], "Failed", id="one failed"),
        pytest.param(make_pod(A, init=(INIT,)), [running("i"), waiting("a")], "Pending", id="init runs"),
        pytest.param(make_pod(A, init=(INIT,)), [done("i"), running("a")], "Running", id="init done"),
        pytest.param(
            make_pod(A, init=(INIT,), policy="Never"), [exited("i", 1), waiting("a")], "Failed", id="init failed, Never"
        ),
        pytest.param(
            make_pod(A, init=(INIT,)),
            [waiting("i", "CrashLoopBackOff", last=1), waiting("a")],
            "Pending",
            id="init retry",
        ),
        pytest.param(
            make_pod(A, init=(SIDECAR,)), [running("s", started=False), waiting("a")], "Pending", id="sidecar starting"
        ),
        pytest.param(make_pod(A, init=(SIDECAR,)), [running("s"), running("a")], "Running", id="sidecar and app"),
        pytest.param(
            make_pod(A, init=(SIDECAR,), policy="Never"),
            [running("s"), exited("a", 0)],
            "Succeeded",
            id="only sidecar left",
        ),
    ],
)
def test_phase(pod: Pod, statuses: list[ContainerStatus], phase: str) -> None:
    """S7."""
    assert pod_phase(pod, {status.name: status for status in statuses}, terminal=False) == phase


@pytest.mark.parametrize(
    ("statuses", "phase"),
    [
        pytest.param([exited("a", 0), exited("b", 0)], "Succeeded", id="all succeeded"),
        pytest.param([exited("a", 0), exited("b", 143)], "Failed", id="one was killed"),
        pytest.param([waiting("a"), waiting("b")], "Failed", id="never ran"),
    ],
)
def test_nothing_is_restarted_in_a_pod_that_has_ended(statuses: list[ContainerStatus], phase: str) -> None:
    """S7: ``restartPolicy: Always`` does not keep a deleted pod from its final phase."""
    assert pod_phase(make_pod(A, B), {status.name: status for status in statuses}, terminal=True) == phase


@pytest.mark.parametrize(
    ("pod", "statuses", "phase"),
    [
        pytest.param(make_pod(A, policy="Never"), [waiting("a", last=1)], "Running", id="another run follows"),
        pytest.param(
            make_pod(A, init=(INIT,), policy="Never"),
            [waiting("i", "PodInitializing", last=0), waiting("a", last=42)],
            "Pending",
            id="init containers run again",
        ),
    ],
)
def test_containers_that_run_again_whatever_the_policy(pod: Pod, statuses: list[ContainerStatus], phase: str) -> None:
    """S7, S17."""
    found = {status.name: status for status in statuses}
    assert pod_phase(pod, found, terminal=False, again=set(found)) == phase
