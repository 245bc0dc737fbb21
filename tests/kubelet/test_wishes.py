"""What annotations ask of containers, and which of them cannot be read."""

from typing import Any

import pytest

from kubelet.wishes import WISHES, Failing, Wishes, addressed, problems, read_wishes


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        pytest.param({}, Wishes(), id="nothing"),
        pytest.param({"kubemu.io/pull-time": "2s"}, Wishes(pull_time=2.0), id="pull-time"),
        pytest.param({"kubemu.io/pull-error": "no such host"}, Wishes(pull_error="no such host"), id="pull-error"),
        pytest.param({"kubemu.io/start-delay": "1m30s"}, Wishes(start_delay=90.0), id="start-delay"),
        pytest.param({"kubemu.io/run-for": "0"}, Wishes(run_for=0.0), id="run-for"),
        pytest.param({"kubemu.io/exit-code": "3"}, Wishes(exit_code=3), id="exit-code"),
        pytest.param({"kubemu.io/cpu": "250m"}, Wishes(cpu=0.25), id="cpu"),
        pytest.param({"kubemu.io/memory": "1Ki"}, Wishes(memory=1024), id="memory"),
        pytest.param({"kubemu.io/fail-probe": "always"}, Wishes(fail_probe=(Failing(),)), id="fail-probe"),
        pytest.param({"kubemu.io/cpu": "1", "kubemu.io/cpu.web": "2"}, Wishes(cpu=2.0), id="of one container"),
        pytest.param({"kubemu.io/cpu.other": "2"}, Wishes(), id="of another"),
        pytest.param({"kubemu.io/cpu": "1", "kubemu.io/cpu.web": "lots"}, Wishes(cpu=1.0), id="nonsense of one"),
        pytest.param({"kubemu.io/cpu": "lots"}, Wishes(), id="nonsense"),
        pytest.param({"example.com/cpu": "1"}, Wishes(), id="somebody else's"),
    ],
)
def test_wishes(annotations: dict[str, str], expected: Wishes) -> None:
    assert read_wishes("web", annotations) == expected


def test_every_wish_has_a_field() -> None:
    fields: Any = Wishes.__dataclass_fields__
    assert {name.replace("-", "_") for name in WISHES} == set(fields)


@pytest.mark.parametrize(
    ("text", "probe", "age", "fails"),
    [
        pytest.param("always", "Liveness", 0, True, id="always"),
        pytest.param("10s-30s", "Liveness", 9.9, False, id="before"),
        pytest.param("10s-30s", "Readiness", 10, True, id="from"),
        pytest.param("10s-30s", "Startup", 30, False, id="until"),
        pytest.param("10s-", "Liveness", 1e6, True, id="from then on"),
        pytest.param("readiness:always", "Readiness", 1, True, id="this kind"),
        pytest.param("readiness:always", "Liveness", 1, False, id="another kind"),
        pytest.param("0s-1s, liveness:5s-6s", "Liveness", 5.5, True, id="the second"),
        pytest.param("0s-1s, liveness:5s-6s", "Liveness", 3, False, id="neither"),
    ],
)
def test_failing_probes(text: str, probe: str, age: float, fails: bool) -> None:
    failing = read_wishes("web", {"kubemu.io/fail-probe": text}).fail_probe
    assert any(one.covers(probe, age) for one in failing) is fails


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        pytest.param("run-for", "soon", 'time: invalid duration "soon"', id="duration"),
        pytest.param("start-delay", "-1s", "must not be negative", id="negative"),
        pytest.param("exit-code", "256", "must be a number from 0 to 255", id="exit code"),
        pytest.param("pull-error", " ", "must say something", id="text"),
        pytest.param("fail-probe", "sometimes", "must be always, or a time range such as 10s-30s", id="range"),
        pytest.param("fail-probe", "3s-1s", "must end after it begins", id="backwards"),
        pytest.param(
            "fail-probe", "health:always", "there is no health probe, but liveness, readiness, startup", id="kind"
        ),
        pytest.param("cpu.nobody", "1", 'there is no container "nobody"', id="container"),
    ],
)
def test_problems(key: str, value: str, reason: str) -> None:
    (found,) = problems({f"kubemu.io/{key}": value, "kubemu.io/memory.web": "1Gi", "other/run-for": "x"}, ["web"])
    assert str(found) == f'annotation kubemu.io/{key}: "{value}" is ignored: {reason}'


def test_addressed() -> None:
    """What is said of one container stands where what is said of all would."""
    given = {"kubemu.io/cpu": "1", "kubemu.io/cpu.web": "2", "other": "x"}
    assert addressed("web", given)["kubemu.io/cpu"] == "2"
    assert addressed("db", given) == given
