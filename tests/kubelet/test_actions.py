"""What is done next for a pod, decision by decision."""

from datetime import timedelta

import pytest

from apimachinery.types.pod import Pod, ResourceRequirements
from kubelet.actions import (
    Action,
    CreateSandbox,
    Health,
    KillContainer,
    Rest,
    RestartAll,
    StartContainer,
    UpdateContainer,
    UpdateSandbox,
    pod_actions,
)
from kubelet.pod_state import PodState
from kubelet.probe_state import ProbeKind
from kubelet.restart import RestartBackoff
from kubelet.runtime import ContainerConfig, ContainerState, ContainerStatus, SandboxConfig, SandboxState, SandboxStatus
from tests.kubelet.builders import START, container, make_pod

A, B, INIT = container("a"), container("b"), container("i")


def run(name: str, code: int | None = None, sandbox: str = "s1") -> ContainerStatus:
    """A container that runs, or has exited with ``code``."""
    state = ContainerState.RUNNING if code is None else ContainerState.EXITED
    config = ContainerConfig(name, "idle")
    return ContainerStatus(f"id-{name}", sandbox, config, state, "", START, START, START, exit_code=code or 0)


def pod_state(*runs: ContainerStatus, alive: bool = True) -> PodState:
    sandbox_state = SandboxState.READY if alive else SandboxState.NOTREADY
    sandbox = SandboxStatus("s1", SandboxConfig("web", "default", "uid-web"), sandbox_state, START, "127.0.0.9")
    return PodState(sandbox, {each.config.name: each for each in runs})


def decide(
    pod: Pod, state: PodState, *, failed: dict[str, ProbeKind] | None = None, backoff: RestartBackoff | None = None
) -> list[Action]:
    health = Health(failed or {}, {each.id for each in state.running()})
    return pod_actions(pod, state, health=health, backoff=backoff or RestartBackoff(), now=START)


def started(actions: list[Action]) -> list[str]:
    names = [action.container.name for action in actions if isinstance(action, StartContainer)]
    assert len(names) == len(actions), actions
    return names


def test_the_sandbox_comes_first() -> None:
    """S1."""
    assert decide(make_pod(A), PodState()) == [CreateSandbox(0)]


def test_a_dead_sandbox_is_replaced() -> None:
    """S2."""
    state = pod_state(run("a", 137), alive=False)
    assert decide(make_pod(A), state) == [CreateSandbox(1, replaces="s1", again=True)]


def test_a_dead_sandbox_stays_dead_when_nothing_is_to_run_again() -> None:
    assert decide(make_pod(A, policy="Never"), pod_state(run("a", 137), alive=False)) == []
    assert decide(make_pod(A, policy="OnFailure"), pod_state(run("a", 0), alive=False)) == []


def test_all_containers_start_together() -> None:
    assert started(decide(make_pod(A, B), pod_state())) == ["a", "b"]


def test_what_runs_is_left_alone() -> None:
    assert decide(make_pod(A, B), pod_state(run("a"), run("b"))) == []


def test_init_containers_one_by_one() -> None:
    pod = make_pod(A, init=(INIT, container("j")))
    assert started(decide(pod, pod_state())) == ["i"]
    assert decide(pod, pod_state(run("i"))) == []
    assert started(decide(pod, pod_state(run("i", 0)))) == ["j"]
    assert started(decide(pod, pod_state(run("i", 0), run("j", 0)))) == ["a"]


def test_a_new_sandbox_runs_init_containers_again() -> None:
    """S2."""
    state = pod_state(run("i", 0, sandbox="s0"), run("a", 137, sandbox="s0"))
    assert started(decide(make_pod(A, init=(INIT,)), state)) == ["i"]


def test_a_failed_init_container_is_not_repeated_under_never() -> None:
    assert decide(make_pod(A, init=(INIT,), policy="Never"), pod_state(run("i", 1))) == []


def test_a_sidecar_that_died_is_restarted_beside_its_pod() -> None:
    pod = make_pod(A, init=(container("s", restartPolicy="Always"),))
    assert started(decide(pod, pod_state(run("s", 1), run("a")))) == ["s"]


@pytest.mark.parametrize(
    ("policy", "probe", "message"),
    [
        ("Always", ProbeKind.LIVENESS, "Container a failed liveness probe, will be restarted"),
        ("OnFailure", ProbeKind.STARTUP, "Container a failed startup probe, will be restarted"),
        ("Never", ProbeKind.LIVENESS, "Container a failed liveness probe"),
    ],
)
def test_an_unhealthy_container_is_killed(policy: str, probe: ProbeKind, message: str) -> None:
    """S29."""
    pod, state = make_pod(A, B, policy=policy), pod_state(run("a"), run("b"))
    assert decide(pod, state, failed={"id-a": probe}) == [
        KillContainer(pod.spec.containers[0], state.containers["a"], probe, message)
    ]


def test_an_unhealthy_sidecar_is_killed() -> None:
    pod, state = make_pod(A, init=(container("s", restartPolicy="Always"),)), pod_state(run("s"), run("a"))
    assert decide(pod, state, failed={"id-s": ProbeKind.LIVENESS}) == [
        KillContainer(
            pod.spec.init_containers[0],
            state.containers["s"],
            ProbeKind.LIVENESS,
            "Init container s failed liveness probe",
        )
    ]


def test_a_crashing_container_rests() -> None:
    """S26."""
    backoff = RestartBackoff()
    backoff.restarted("a", START, START)
    pod, state = make_pod(A, B), pod_state(run("a", 1), run("b"))
    assert decide(pod, state, backoff=backoff) == [
        Rest(pod.spec.containers[0], state.containers["a"], START + timedelta(seconds=10), 10.0)
    ]


def test_ephemeral_containers_start_once_and_wait_for_nobody() -> None:
    pod = make_pod(A, init=(INIT,), ephemeralContainers=[container("debug")])
    assert started(decide(pod, pod_state())) == ["debug", "i"]
    assert started(decide(pod, pod_state(run("debug", 1)))) == ["i"]


def test_a_container_with_another_image_is_replaced() -> None:
    """Whatever its policy; one that has ended is not."""
    pod = make_pod(container("a", "newer"), policy="Never")
    state = pod_state(run("a"))
    message = "Container a definition changed, will be restarted"
    assert decide(pod, state) == [
        KillContainer(pod.spec.containers[0], state.containers["a"], None, message, replace=True)
    ]
    assert decide(pod, pod_state(run("a", 0))) == []
    replaced = pod_state(run("a", 0))
    replaced.replaced |= {"id-a"}
    assert started(decide(pod, replaced)) == ["a"]


def test_all_containers_begin_anew() -> None:
    """S17: first what runs is killed, ephemeral containers excepted; then everything starts as in a new pod."""
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}
    trigger = container("a", restartPolicy="Never", restartPolicyRules=[rule])
    pod = make_pod(trigger, B, init=(INIT,), policy="Never", ephemeralContainers=[container("debug")])
    state = pod_state(run("i", 0), run("a", 42), run("b"), run("debug"))
    assert decide(pod, state) == [RestartAll((state.containers["b"],))]
    state = pod_state(run("i", 0), run("a", 42), run("b", 137))
    assert decide(pod, state) == [RestartAll()]
    state.replaced |= {"id-i", "id-a", "id-b"}
    state.containers["debug"] = run("debug")
    assert started(decide(pod, state)) == ["i"]


@pytest.mark.parametrize(
    ("policy", "restarts"), [([], False), ([{"resourceName": "cpu", "restartPolicy": "RestartContainer"}], True)]
)
def test_a_container_with_another_size(policy: list[dict[str, str]], *, restarts: bool) -> None:
    pod = make_pod(container("a", resources={"limits": {"cpu": "1"}}, resizePolicy=policy))
    state = pod_state(run("a"))
    state.actuated["id-a"] = ResourceRequirements(limits={"cpu": "2"})
    (action,) = decide(pod, state)
    if restarts:
        assert isinstance(action, KillContainer)
        assert (action.message, action.replace) == ("Container a resize requires restart", True)
    else:
        assert isinstance(action, UpdateContainer)
        assert action.resources.cpu_quota == 100_000


def test_a_pod_with_another_size() -> None:
    pod = make_pod(A, resources={"limits": {"memory": "1Mi"}})
    update, container_update = decide(pod, pod_state(run("a")))
    assert isinstance(update, UpdateSandbox)
    assert update.resources.memory_limit_in_bytes == 1024 * 1024
    assert isinstance(container_update, UpdateContainer), "it has no limit of its own"
