import pytest

from apimachinery.clock import ManualClock
from controller_manager.endpoints.pace import Pace
from controller_manager.endpoints.trigger_times import TriggerTimes
from tests.controller_manager.builders import NOW, pod
from tests.controller_manager.endpoints.objects import service


@pytest.mark.parametrize(
    ("took", "rest"), [pytest.param(0.01, 0.1, id="a multiple"), pytest.param(9.0, 0.5, id="no longer than that")]
)
async def test_rest(took: float, rest: float) -> None:
    clock = ManualClock()
    pace = Pace(clock, longest=0.5)
    assert pace.left("a") == 0
    began = clock.monotonic()
    await clock.advance(took)
    pace.wrote("a", began)
    assert pace.left("a") == pytest.approx(rest)
    assert pace.left("b") == 0
    await clock.advance(rest + 0.001)
    assert pace.left("a") == 0


def test_the_earliest_change_counts_and_each_once() -> None:
    """The Service is from ``NOW``, pods became ready seconds before."""
    times, of_web = TriggerTimes(), service()
    first = times.update(of_web, [pod("a", ready_for=5), pod("b", ready_for=3), pod("c")])
    assert first is not None
    assert (NOW - first).total_seconds() == 5
    assert times.update(of_web, [pod("a", ready_for=5), pod("b", ready_for=3)]) is None
    again = times.update(of_web, [pod("a", ready_for=5), pod("b", ready_for=1)])
    assert again is not None
    assert (NOW - again).total_seconds() == 1
    times.forget(of_web.key)
    assert times.update(of_web, []) == NOW
