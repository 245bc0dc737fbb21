"""What pods in flight have missed."""

from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.hinting import MISSED_KEPT, Happening, InFlight

ONE = Happening(ClusterEvent(EventResource.NODE, Action.ADD), None, "one")
TWO = Happening(ClusterEvent(EventResource.NODE, Action.ADD), None, "two")


def test_each_pod_has_missed_what_came_since_it_was_taken() -> None:
    flight = InFlight()
    flight.note(ONE)
    flight.take("early")
    flight.note(ONE)
    flight.take("late")
    flight.note(TWO)
    assert flight.missed_by("early") == [ONE, TWO]
    assert flight.missed_by("late") == [TWO]
    flight.land("early")
    assert flight.missed_by("late") == [TWO]
    flight.take("last")
    flight.land("late")
    assert flight.missed_by("last") == []


def test_landing_in_another_order_forgets_nothing() -> None:
    flight = InFlight()
    flight.take("early")
    flight.note(ONE)
    flight.take("late")
    flight.note(TWO)
    flight.land("late")
    assert flight.missed_by("early") == [ONE, TWO]


def test_too_much_to_know_is_told() -> None:
    flight = InFlight()
    flight.take("early")
    flight.note(ONE)
    flight.take("late")
    for _ in range(MISSED_KEPT):
        flight.note(TWO)
    assert flight.missed_by("early") is None
    missed = flight.missed_by("late")
    assert missed is not None
    assert len(missed) == MISSED_KEPT
