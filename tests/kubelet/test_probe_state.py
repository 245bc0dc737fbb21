"""Thresholds of probes (S37, S38)."""

import pytest

from kubelet.probe_state import ProbeKind, ProbeState, Result

S, F, U = Result.SUCCESS, Result.FAILURE, Result.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "thresholds", "outcomes", "results"),
    [
        pytest.param(ProbeKind.READINESS, (1, 3), [S, F, F, F, S], [S, S, S, F, S], id="three failures in a row"),
        pytest.param(ProbeKind.READINESS, (1, 3), [S, F, F, S, F, F], [S, S, S, S, S, S], id="a success starts anew"),
        pytest.param(ProbeKind.READINESS, (2, 1), [S, S, F, S, S], [F, S, F, F, S], id="two successes to be ready"),
        pytest.param(ProbeKind.READINESS, (1, 1), [U, S, U], [F, S, S], id="unknown says nothing"),
        pytest.param(ProbeKind.LIVENESS, (1, 2), [F, F], [S, F], id="alive until proven dead"),
        pytest.param(ProbeKind.STARTUP, (1, 2), [F, S], [U, S], id="startup undecided at first"),
    ],
)
def test_thresholds(
    kind: ProbeKind, thresholds: tuple[int, int], outcomes: list[Result], results: list[Result]
) -> None:
    """S37, S38."""
    state = ProbeState(kind, *thresholds)
    seen = []
    for outcome in outcomes:
        before = state.result
        assert state.observe(outcome) is (state.result is not before)
        seen.append(state.result)
    assert seen == results


@pytest.mark.parametrize(
    ("kind", "outcome", "final"),
    [
        (ProbeKind.READINESS, F, False),
        (ProbeKind.LIVENESS, S, False),
        (ProbeKind.LIVENESS, F, True),
        (ProbeKind.STARTUP, S, True),
        (ProbeKind.STARTUP, F, True),
    ],
)
def test_when_probing_ends(kind: ProbeKind, outcome: Result, *, final: bool) -> None:
    state = ProbeState(kind, 1, 1)
    state.observe(outcome)
    assert state.final is final
