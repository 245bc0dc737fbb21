"""The newest events of a store, as many as it is willing to keep: what watches replay and old lists are made of."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from store.errors import Compacted, FutureRevision
from store.interface import Event, Record

FIRST_REVISION = 1
"""Where a store without any write stands; its first write takes the next one."""


class History:
    """A bounded ring of events with consecutive revisions; the oldest make room for the newest.

    Since every revision is one event, the events after revision *r* are the last ``revision - r`` of the
    ring, and counting back from the newest end finds them without a search.
    """

    def __init__(self, limit: int, first_revision: int = FIRST_REVISION) -> None:
        """``limit`` is how many events are kept at most; 0 keeps none.

        A history that starts later than at 1 counts everything before as compacted.
        """
        if limit < 0:
            raise ValueError(f"the history's limit must not be negative, not {limit}")
        if first_revision < FIRST_REVISION:
            raise ValueError(f"revisions start at {FIRST_REVISION} or later, not at {first_revision}")
        self.revision = first_revision
        self._events: deque[Event] = deque(maxlen=limit)
        # Matters at the first revision only, where a compaction drops no event.
        self._compacted = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def compact_revision(self) -> int:
        """The oldest revision whose state can be told; 0 while nothing has been forgotten."""
        oldest = self.revision - len(self._events)
        return oldest if oldest > FIRST_REVISION else self._compacted

    def append(self, event: Event) -> None:
        """Take in the event of the revision after :attr:`revision`."""
        self._events.append(event)
        self.revision += 1

    def extend(self, events: Sequence[Event]) -> None:
        """Take in the events of the revisions after :attr:`revision`."""
        self._events.extend(events)
        self.revision += len(events)

    def compact(self, revision: int) -> None:
        """Forget the events up to and including ``revision``; raise ``Compacted`` or ``FutureRevision``."""
        oldest = self.compact_revision
        if revision <= oldest:
            raise Compacted(revision, oldest)
        if revision > self.revision:
            raise FutureRevision(revision, self.revision)
        for _ in range(len(self._events) - (self.revision - revision)):
            self._events.popleft()
        self._compacted = revision

    def clear(self) -> None:
        """Forget every event."""
        self._events.clear()
        self._compacted = self.revision

    def require(self, revision: int) -> None:
        """Raise ``Compacted`` unless every event after ``revision`` is kept."""
        oldest = self.compact_revision
        if revision < oldest:
            raise Compacted(revision, oldest)

    def events_after(self, revision: int, prefix: str) -> list[Event]:
        """Return the events under ``prefix`` after ``revision``, oldest first."""
        self.require(revision)
        newest_first = islice(reversed(self._events), max(0, self.revision - revision))
        events = [event for event in newest_first if event.record.key.startswith(prefix)]
        events.reverse()
        return events

    def changes_since(self, revision: int, prefix: str, low: str = "") -> dict[str, Record | None]:
        """Return what each key under ``prefix``, from ``low`` on, that was written since was at ``revision``.

        ``None`` stands for a key that had no value. Raises ``Compacted`` or ``FutureRevision``.
        """
        self.require(revision)
        if revision > self.revision:
            raise FutureRevision(revision, self.revision)
        newest_first = islice(reversed(self._events), self.revision - revision)
        # A key's last word here is its oldest event, and what that one replaced is the state asked for.
        return {
            key: event.previous for event in newest_first if (key := event.record.key) >= low and key.startswith(prefix)
        }
