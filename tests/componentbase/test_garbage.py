"""When a process full of long-lived objects looks for garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from componentbase.garbage import Departures, search_rarely


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("remaining", "until"),
    [
        pytest.param(0, 1_000, id="at least a thousand"),
        pytest.param(10_000, 5_000, id="half of what remains"),
    ],
)
def test_many_departures_have_the_garbage_collected(remaining: int, until: int) -> None:
    departures = Departures()
    collected = [departures.note(remaining) for _ in range(2 * until)]
    assert [number for number, now in enumerate(collected, start=1) if now] == [until, 2 * until]


def test_what_has_left_in_a_cycle_is_freed() -> None:
    class Node:
        me: "Node"

    search_rarely()
    node = Node()
    node.me = node
    gone = weakref.ref(node)
    gc.collect()
    del node
    departures = Departures()
    assert gone() is not None
    while not departures.note(0):
        pass
    assert gone() is None
