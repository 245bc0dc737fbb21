"""Who is told to end when."""

from datetime import timedelta

import pytest

from kubelet.probe_state import ProbeKind
from kubelet.runtime import ContainerConfig, ContainerState, ContainerStatus
from kubelet.stopping import probe_grace, remaining_grace, turns
from tests.kubelet.builders import START, container, make_pod


def run(name: str) -> ContainerStatus:
    return ContainerStatus(f"id-{name}", "s", ContainerConfig(name, "idle"), ContainerState.RUNNING, "", START)


def test_sidecars_go_last_in_reverse() -> None:
    sidecars = (container("s1", restartPolicy="Always"), container("i"), container("s2", restartPolicy="Always"))
    pod = make_pod(container("a"), container("b"), init=sidecars)
    made = turns(pod, [run("s1"), run("s2"), run("a"), run("b")])
    assert [(turn.container.name, sorted(turn.after)) for turn in made] == [
        ("a", []),
        ("b", []),
        ("s2", ["id-a", "id-b"]),
        ("s1", ["id-a", "id-b", "id-s2"]),
    ]


def test_ephemeral_containers_go_with_the_ordinary_ones() -> None:
    pod = make_pod(container("a"), ephemeralContainers=[container("debug")])
    assert [turn.container.name for turn in turns(pod, [run("a"), run("debug")])] == ["a", "debug"]


@pytest.mark.parametrize(
    ("failed", "seconds"), [(None, 30), (ProbeKind.LIVENESS, 5), (ProbeKind.STARTUP, 30), (ProbeKind.READINESS, 30)]
)
def test_a_probe_may_have_its_own_grace(failed: ProbeKind | None, seconds: int) -> None:
    probe = {"exec": {"command": ["true"]}}
    pod = make_pod(container(livenessProbe={**probe, "terminationGracePeriodSeconds": 5}, startupProbe=probe))
    assert probe_grace(pod, pod.spec.containers[0], failed) == seconds


@pytest.mark.parametrize(
    ("granted", "late", "left"),
    [
        pytest.param(30, 0, 30, id="all of it"),
        pytest.param(30, 10, 20, id="ten seconds on"),
        pytest.param(30, 100, 1, id="too late"),
        pytest.param(0, 0, 0, id="none"),
    ],
)
def test_remaining_grace(granted: int, late: int, left: int) -> None:
    deleted = START + timedelta(seconds=granted)
    pod = make_pod(metadata={"deletionTimestamp": deleted, "deletionGracePeriodSeconds": granted})
    assert remaining_grace(pod, START + timedelta(seconds=late)) == left
