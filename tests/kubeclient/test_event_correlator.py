import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.core import ObjectReference
from kubeclient.event_correlator import (
    BURST,
    COMBINED,
    REFILL_SECONDS,
    SIMILAR_EVENTS,
    SIMILAR_SECONDS,
    Correlated,
    EventCorrelator,
    Recent,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def correlator(clock: ManualClock) -> EventCorrelator:
    return EventCorrelator(clock)


def _about(name: str) -> ObjectReference:
    return ObjectReference(api_version="v1", kind="Pod", namespace="default", name=name, uid=f"uid-{name}")


def _happen(correlator: EventCorrelator, message: str, *, name: str = "web", reason: str = "Pulled") -> Correlated:
    return correlator.correlate(_about(name), "Normal", reason, message)


def test_the_same_again_is_the_same_event(correlator: EventCorrelator) -> None:
    assert _happen(correlator, "a") == _happen(correlator, "a")


@pytest.mark.parametrize(
    ("message", "name", "reason"),
    [
        pytest.param("b", "web", "Pulled", id="message"),
        pytest.param("a", "db", "Pulled", id="object"),
        pytest.param("a", "web", "Started", id="reason"),
    ],
)
def test_what_differs_is_another_event(correlator: EventCorrelator, message: str, name: str, reason: str) -> None:
    first = _happen(correlator, "a")
    assert _happen(correlator, message, name=name, reason=reason).identity != first.identity


def test_many_that_differ_in_the_message_only_become_one(correlator: EventCorrelator) -> None:
    apart = [_happen(correlator, str(number)) for number in range(SIMILAR_EVENTS - 1)]
    together = [_happen(correlator, str(number)) for number in range(100, 105)]
    assert len({event.identity for event in apart}) == len(apart)
    assert len({event.identity for event in together}) == 1
    assert [event.message for event in together] == [f"{COMBINED}{number}" for number in range(100, 105)]


async def test_similar_events_are_apart_again_after_a_quiet_time(
    correlator: EventCorrelator, clock: ManualClock
) -> None:
    for number in range(SIMILAR_EVENTS):
        _happen(correlator, str(number))
    await clock.advance(SIMILAR_SECONDS + 1)
    assert _happen(correlator, "x").message == "x"


async def test_an_object_is_heard_less_after_a_burst(correlator: EventCorrelator, clock: ManualClock) -> None:
    assert [_happen(correlator, "a").skipped for _ in range(BURST + 2)] == [False] * BURST + [True] * 2
    assert not _happen(correlator, "a", name="another").skipped
    await clock.advance(REFILL_SECONDS)
    assert [_happen(correlator, "a").skipped for _ in range(2)] == [False, True]


def test_recent_forgets_what_was_not_used() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    recent.drop("a")
    assert recent.get("a") is None
