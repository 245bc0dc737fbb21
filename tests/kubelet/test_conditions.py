"""The kubelet's pod conditions, with upstream's reasons and messages."""

from datetime import timedelta

import pytest

from apimachinery.types.pod import ContainerStatus, Pod, PodCondition
from kubelet.conditions import OWNED, pod_conditions
from tests.kubelet.builders import START, container, done, exited, make_pod, running, waiting

A, B = container("a"), container("b")


def conditions(
    pod: Pod, phase: str, *statuses: ContainerStatus, previous: tuple[PodCondition, ...] = ()
) -> dict[str, PodCondition]:
    found = pod_conditions(
        pod,
        phase=phase,
        statuses={status.name: status for status in statuses},
        sandbox_ready=True,
        previous=previous,
        now=START,
    )
    return {condition.type: condition for condition in found}


@pytest.mark.parametrize(
    ("pod", "phase", "statuses", "expected"),
    [
        pytest.param(make_pod(A), "Running", [running("a")], ("True", "", ""), id="ready"),
        pytest.param(
            make_pod(A, B),
            "Running",
            [running("a", ready=False), waiting("b")],
            ("False", "ContainersNotReady", "containers with unready status: [a b]"),
            id="two unready",
        ),
        pytest.param(make_pod(A), "Succeeded", [exited("a")], ("False", "PodCompleted", ""), id="completed"),
        pytest.param(make_pod(A), "Failed", [exited("a", 1)], ("False", "PodFailed", ""), id="failed"),
        pytest.param(
            make_pod(A, readinessGates=[{"conditionType": "lb"}]),
            "Running",
            [running("a")],
            (
                "False",
                "ReadinessGatesNotReady",
                'corresponding condition of pod readiness gate "lb" does not exist.',
            ),
            id="gate unknown",
        ),
        pytest.param(
            make_pod(
                A,
                readinessGates=[{"conditionType": "lb"}],
                status={"conditions": [{"type": "lb", "status": "True"}]},
            ),
            "Running",
            [running("a")],
            ("True", "", ""),
            id="gate open",
        ),
    ],
)
def test_ready(pod: Pod, phase: str, statuses: list[ContainerStatus], expected: tuple[str, str, str]) -> None:
    """S30."""
    ready = conditions(pod, phase, *statuses)["Ready"]
    assert (ready.status, ready.reason, ready.message) == expected


def test_a_closed_readiness_gate_leaves_containers_ready() -> None:
    pod = make_pod(
        A, readinessGates=[{"conditionType": "lb"}], status={"conditions": [{"type": "lb", "status": "False"}]}
    )
    found = conditions(pod, "Running", running("a"))
    assert found["ContainersReady"].status == "True"
    assert found["Ready"].message == 'the status of pod readiness gate "lb" is not "True", but False'


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param(
            [running("i", ready=False), waiting("j"), waiting("a")],
            ("False", "ContainersNotInitialized", "containers with incomplete status: [i j]"),
            id="at the first",
        ),
        pytest.param(
            [done("i"), running("j", ready=False), waiting("a")],
            ("False", "ContainersNotInitialized", "containers with incomplete status: [j]"),
            id="at the second",
        ),
        pytest.param([done("i"), done("j"), waiting("a")], ("True", "", ""), id="done"),
    ],
)
def test_initialized(statuses: list[ContainerStatus], expected: tuple[str, str, str]) -> None:
    initialized = conditions(make_pod(A, init=(container("i"), container("j"))), "Pending", *statuses)["Initialized"]
    assert (initialized.status, initialized.reason, initialized.message) == expected


def test_transition_times_move_only_with_the_status() -> None:
    long_ago = START - timedelta(hours=1)
    previous = (
        PodCondition(type="Ready", status="True", last_transition_time=long_ago),
        PodCondition(type="Initialized", status="False", last_transition_time=long_ago),
    )
    found = conditions(make_pod(A), "Running", running("a"), previous=previous)
    assert found["Ready"].last_transition_time == long_ago
    assert found["Initialized"].last_transition_time == START


def test_conditions_of_others_are_not_repeated() -> None:
    pod = make_pod(A, status={"conditions": [{"type": "PodScheduled", "status": "True"}]})
    found = set(conditions(pod, "Running", running("a")))
    assert found == {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"}
    assert found < OWNED


@pytest.mark.parametrize(
    ("phase", "restarting", "expected"),
    [
        pytest.param("Running", False, ("False", "", ""), id="as usual"),
        pytest.param(
            "Running",
            True,
            ("True", "RestartAllContainersStarted", "container exited with restart policy rule"),
            id="restarting",
        ),
        pytest.param("Succeeded", False, ("False", "PodCompleted", ""), id="completed"),
        pytest.param("Failed", True, ("False", "PodFailed", ""), id="failed"),
    ],
)
def test_all_containers_restarting(phase: str, expected: tuple[str, str, str], *, restarting: bool) -> None:
    """S17: only pods with such a rule have the condition."""
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}
    pod = make_pod(container("a", restartPolicyRules=[rule]))
    (found,) = (
        entry
        for entry in pod_conditions(
            pod,
            phase=phase,
            statuses={"a": running("a")},
            sandbox_ready=True,
            restarting_all=restarting,
            previous=(),
            now=START,
        )
        if entry.type == "AllContainersRestarting"
    )
    assert (found.status, found.reason, found.message) == expected


def test_what_has_been_initialized_stays_so() -> None:
    """Init containers run again in a new sandbox."""
    previous = (PodCondition(type="Initialized", status="True", last_transition_time=START - timedelta(hours=1)),)
    pod = make_pod(A, init=(container("i"),))
    found = conditions(pod, "Pending", running("i", ready=False), waiting("a"), previous=previous)
    assert (found["Initialized"].status, found["Initialized"].reason) == ("True", "")
