"""Usage out of one sample or two."""

import pytest

from apiserver.usage.rates import KUBELET_WINDOW, Usage, measured
from apiserver.usage.samples import Reading, Sample

START, LATER = "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"
KEY = ("default", "web")
SECOND = 1_000_000_000


def taken(at: float, cpu: int, *, rate: int | None = 7, started: str = START) -> Sample:
    reading = Reading(started, cpu, rate, 1024)
    return Sample(at, "now", reading, {KEY: {"c": reading}})


@pytest.mark.parametrize(
    ("newest", "before", "window", "cpu"),
    [
        pytest.param(taken(30, 9 * SECOND), taken(20, 4 * SECOND), 10, SECOND // 2, id="between two samples"),
        pytest.param(taken(80, 9 * SECOND), taken(20, 3 * SECOND), 60, SECOND // 10, id="as long ago as may be"),
        pytest.param(taken(30, 9 * SECOND), None, KUBELET_WINDOW, 7, id="the first sample: what the kubelet says"),
        pytest.param(taken(81, 9 * SECOND), taken(20, 3 * SECOND), KUBELET_WINDOW, 7, id="too long ago"),
        pytest.param(
            taken(30, 9 * SECOND, started=LATER), taken(20, 4 * SECOND), 10, 7, id="restarted: counted from 0 again"
        ),
        pytest.param(taken(30, SECOND), taken(20, 4 * SECOND), 10, 7, id="a counter that fell"),
    ],
)
def test_rates(newest: Sample, before: Sample | None, window: float, cpu: int) -> None:
    found = measured(newest, before)
    assert found.window == window
    assert found.node == Usage(cpu, 1024)
    assert found.pods == {KEY: {"c": Usage(cpu, 1024)}}


def test_what_nothing_is_known_of_is_left_out() -> None:
    """A kubelet that tells no rate has to be asked twice."""
    found = measured(taken(30, SECOND, rate=None), None)
    assert (found.node, found.pods) == (None, {})
