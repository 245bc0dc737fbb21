"""Restart policies and their back-off (S26)."""

from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubelet.restart import (
    RestartBackoff,
    back_off_message,
    could_run_again,
    effective_policy,
    may_restart_all,
    restarts_all,
    runs_again,
    should_restart,
)
from tests.kubelet.builders import START, container, make_pod


@pytest.mark.parametrize(
    ("policy", "exit_code", "again"),
    [
        ("Always", 0, True),
        ("Always", 1, True),
        ("OnFailure", 0, False),
        ("OnFailure", 1, True),
        ("Never", 0, False),
        ("Never", 1, False),
    ],
)
def test_policy(policy: str, exit_code: int, *, again: bool) -> None:
    """S26."""
    assert should_restart(policy, exit_code) is again


@pytest.mark.parametrize(
    ("pod_policy", "own", "init", "effective"),
    [
        pytest.param("Always", "", True, "OnFailure", id="init work is not repeated"),
        pytest.param("Never", "", True, "Never", id="init under Never"),
        pytest.param("Never", "Always", True, "Always", id="sidecar"),
        pytest.param("Never", "", False, "Never", id="the pod's"),
        pytest.param("Never", "OnFailure", False, "OnFailure", id="its own comes first"),
    ],
)
def test_effective_policy(pod_policy: str, own: str, effective: str, *, init: bool) -> None:
    pod = make_pod(container("c", restartPolicy=own), policy=pod_policy)
    assert effective_policy(pod, pod.spec.containers[0], init=init) == effective


def test_delays_double_up_to_five_minutes() -> None:
    """S26: the first restart is immediate, the next wait 10 s, 20 s, … 300 s from the container's end."""
    backoff, now, delays = RestartBackoff(), START, []
    for _ in range(8):
        until = backoff.resting_until("c", now, now)
        delays.append((until - now).total_seconds() if until is not None else 0.0)
        started = until or now
        backoff.restarted("c", now, started)
        now = started + timedelta(seconds=1)
    assert delays == [0, 10, 20, 40, 80, 160, 300, 300]


def test_back_off_counts_from_the_end_of_the_container() -> None:
    backoff = RestartBackoff()
    backoff.restarted("c", START, START)
    ended = START + timedelta(seconds=60)
    assert backoff.resting_until("c", ended, ended + timedelta(seconds=9)) == ended + timedelta(seconds=10)
    assert backoff.resting_until("c", ended, ended + timedelta(seconds=10)) is None


@pytest.mark.parametrize(("lasted", "delay"), [(600, 20.0), (601, 10.0)])
def test_back_off_is_forgotten_after_ten_minutes(lasted: int, delay: float) -> None:
    """S26."""
    backoff = RestartBackoff()
    backoff.restarted("c", START, START)
    ended = START + timedelta(seconds=lasted)
    backoff.restarted("c", ended, ended)
    assert backoff.delay("c") == delay


def test_message() -> None:
    assert back_off_message(make_pod(), "web", 160) == (
        "back-off 2m40s restarting failed container=web pod=web_default(uid-web)"
    )


def ruled(*rules: tuple[str, str, list[int]], policy: str = "Never", **fields: Any) -> Pod:
    """A pod whose container has these rules: action, operator, exit codes."""
    made = [{"action": action, "exitCodes": {"operator": op, "values": codes}} for action, op, codes in rules]
    return make_pod(container("c", restartPolicyRules=made, **fields), policy=policy)


@pytest.mark.parametrize(
    ("pod", "code", "again"),
    [
        pytest.param(ruled(("Restart", "In", [1, 2])), 2, True, id="in"),
        pytest.param(ruled(("Restart", "In", [1, 2])), 3, False, id="not in: the policy"),
        pytest.param(ruled(("Restart", "NotIn", [0])), 3, True, id="not in"),
        pytest.param(ruled(("Restart", "NotIn", [0])), 0, False, id="but in"),
        pytest.param(ruled(("RestartAllContainers", "In", [42])), 42, True, id="all of them"),
        pytest.param(ruled(("Restart", "In", [1]), policy="OnFailure"), 2, True, id="the pod's policy after the rules"),
        pytest.param(ruled(("Restart", "In", [1]), restartPolicy="OnFailure"), 2, True, id="its own policy first"),
    ],
)
def test_rules(pod: Pod, code: int, *, again: bool) -> None:
    """S17, S26."""
    assert runs_again(pod, pod.spec.containers[0], code, init=False) is again


def test_the_first_rule_that_fits_decides() -> None:
    pod = ruled(("Restart", "In", [1]), ("RestartAllContainers", "In", [1, 2]))
    (made,) = pod.spec.containers
    assert (restarts_all(made, 1), restarts_all(made, 2), restarts_all(made, 3)) == (False, True, False)
    assert may_restart_all(pod)
    assert could_run_again(pod, made, init=False)
    assert not could_run_again(make_pod(policy="Never"), make_pod().spec.containers[0], init=False)
