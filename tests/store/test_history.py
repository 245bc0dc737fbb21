"""The bounded ring of events by itself."""

import pytest

from store.errors import Compacted, FutureRevision
from store.history import History
from store.interface import Event, Record


def history_of(keys: str, limit: int = 100) -> History:
    """Return a history in which each letter is one write of the key of that name."""
    history = History(limit)
    states: dict[str, Record] = {}
    for key in keys:
        revision = history.revision + 1
        record = Record(key, b"", revision, revision)
        history.append(Event(record, states.get(key)))
        states[key] = record
    return history


def test_events_after_a_revision_are_oldest_first() -> None:
    history = history_of("abcab")
    assert [event.revision for event in history.events_after(2, "")] == [3, 4, 5, 6]
    assert [event.revision for event in history.events_after(0, "a")] == [2, 5]
    assert history.events_after(6, "") == []
    assert history.events_after(60, "") == []


def test_changes_tell_what_a_key_was() -> None:
    """Of several events of a key the oldest says what it replaced."""
    changes = history_of("abaca").changes_since(3, "")
    assert {key: record and record.mod_revision for key, record in changes.items()} == {"a": 2, "c": None}
    assert history_of("abaca").changes_since(6, "") == {}
    assert set(history_of("abcd").changes_since(1, "", "c")) == {"c", "d"}


def test_changes_at_a_future_revision_are_refused() -> None:
    with pytest.raises(FutureRevision):
        history_of("ab").changes_since(4, "")


def test_a_full_ring_forgets_its_oldest() -> None:
    history = history_of("abcde", limit=2)
    assert (len(history), history.compact_revision, history.revision) == (2, 4, 6)
    with pytest.raises(Compacted):
        history.events_after(3, "")
    assert [event.revision for event in history.events_after(4, "")] == [5, 6]


def test_a_compaction_at_the_first_revision_counts() -> None:
    """It drops no event, and yet the state before is not to be told any more."""
    history = history_of("ab")
    assert history.compact_revision == 0
    history.compact(1)
    assert (history.compact_revision, len(history)) == (1, 2)
    with pytest.raises(Compacted):
        history.require(0)
    with pytest.raises(Compacted):
        history.compact(1)


def test_clearing_forgets_everything() -> None:
    history = history_of("abc")
    history.clear()
    assert (len(history), history.revision, history.compact_revision) == (0, 4, 4)
