"""When probes are due (S35, S39)."""

import pytest

from kubelet.prober.worker import STARTUP_MARGIN_SECONDS, first_due, next_due

M = STARTUP_MARGIN_SECONDS


@pytest.mark.parametrize(
    ("delay", "now", "draw", "taken_up", "due"),
    [
        pytest.param(0.0, 100.0, 0.0, False, 100 + M, id="at once, but for the margin"),
        pytest.param(0.0, 100.0, 0.9, False, 100 + 1.9 * M, id="at most twice the margin"),
        pytest.param(30.0, 100.0, 0.0, False, 130 + M, id="the initial delay counts from the start"),
        pytest.param(30.0, 120.0, 0.0, False, 130 + M, id="also when the startup probe took a while"),
        pytest.param(5.0, 120.0, 0.0, False, 120 + M, id="a delay that has passed meanwhile"),
        pytest.param(0.0, 100.0, 0.5, True, 105 + 1.5 * M, id="spread over a period after a kubelet's restart"),
        pytest.param(30.0, 100.0, 0.5, True, 130 + 1.5 * M, id="not before the delay"),
    ],
)
def test_the_first_probe(delay: float, now: float, draw: float, due: float, *, taken_up: bool) -> None:
    """S35: ``initialDelaySeconds`` from the start of the container."""
    found = first_due(started=100.0, initial_delay=delay, period=10.0, now=now, draw=draw, taken_up=taken_up)
    assert found == pytest.approx(due)


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        pytest.param(100.1, 110.0, id="a quick one"),
        pytest.param(109.9, 110.0, id="one that took nearly a period"),
        pytest.param(112.0, 110.0, id="one that outlasted it is followed at once"),
        pytest.param(135.0, 130.0, id="and the beat is kept"),
    ],
)
def test_the_next_probe(ended: float, due: float) -> None:
    """S39."""
    assert next_due(100.0, 10.0, ended) == due
