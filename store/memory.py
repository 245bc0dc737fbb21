"""The default store: everything in this process's memory, gone when the process ends."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from operator import attrgetter

from sortedcontainers import SortedList

from store.errors import KeyExists, KeyNotFound, RevisionMismatch, StoreClosed
from store.fanout import Fanout
from store.history import FIRST_REVISION, History
from store.interface import Draft, Event, ListOptions, ListResult, Record, Statistics, Store, Watch

_WHOLE_NEWEST = ListOptions()
_key_of = attrgetter("key")
_FEW = 64


class MemoryStore(Store):
    """A :class:`~store.interface.Store` in memory: a sorted index, a bounded history, and a fan-out to watches.

    No method but the iteration of a watch ever suspends, so each call is one step for every other task. The
    other side of that coin: a task that writes without ever suspending keeps the watchers from reading, and
    cuts them off after ``watch_buffer`` events.

    Listing the newest state looks at the records returned and no others. Listing an old revision undoes the
    later events under the prefix and costs one look at each later event besides; nothing is copied.
    """

    def __init__(
        self, *, history_limit: int = 100_000, watch_buffer: int = 10_000, first_revision: int = FIRST_REVISION
    ) -> None:
        """``history_limit`` events are kept for watches and old lists; older ones are compacted unasked.

        ``watch_buffer`` is how many events may wait for one watcher before it is cut off. ``first_revision`` is
        where the counter starts; everything before it counts as compacted.
        """
        self._records: dict[str, Record] = {}
        self._keys = SortedList()
        self._history = History(history_limit, first_revision)
        self._fanout = Fanout(watch_buffer, lambda: self._history.revision)
        self._closed = False

    @property
    def current_revision(self) -> int:
        return self._history.revision

    async def get(self, key: str) -> Record:
        self._require_open()
        return self._find(key)

    async def list(self, prefix: str, options: ListOptions = _WHOLE_NEWEST) -> ListResult:
        self._require_open()
        revision = self._history.revision if options.revision is None else options.revision
        low = prefix if options.start_after is None else max(prefix, options.start_after + "\0")
        high = _end_of(prefix)
        undone = self._history.changes_since(revision, prefix, low)
        keys: Iterable[str] = self._keys.irange(low, high, inclusive=(True, False))
        if undone:
            keys = (key for key in keys if key not in undone)
        if options.limit:
            keys = islice(keys, options.limit)
        records = self._records
        page = [records[key] for key in keys]
        if not options.limit:
            return ListResult(_merged(page, undone.values()), revision)

        total = self._count(low, high)
        if undone:
            total += sum(record is not None for record in undone.values()) - sum(key in records for key in undone)
            # Behind a full page lies nothing that could still belong on it.
            last = page[-1].key if len(page) == options.limit else None
            page = _merged(page, (undone[key] for key in undone if last is None or key < last))[: options.limit]
        return ListResult(page, revision, total - len(page))

    async def create(self, key: str, draft: Draft) -> Record:
        self._require_open()
        if key in self._records:
            raise KeyExists(key)
        revision = self._history.revision + 1
        record = Record(key, draft.at(revision), revision, revision, draft.labels, draft.fields)
        self._records[key] = record
        self._keys.add(key)
        self._commit(Event(record, None))
        return record

    async def update(self, key: str, draft: Draft, expected_revision: int) -> Record:
        self._require_open()
        previous = self._find(key, expected_revision)
        record = self._successor(previous, draft)
        self._records[key] = record
        self._commit(Event(record, previous))
        return record

    async def delete(self, key: str, draft: Draft, expected_revision: int) -> Record:
        self._require_open()
        previous = self._find(key, expected_revision)
        record = self._successor(previous, draft)
        del self._records[key]
        self._keys.remove(key)
        self._commit(Event(record, previous, deleted=True))
        return record

    async def delete_all(self, records: Iterable[Record], revision_at: Callable[[Record], int]) -> Sequence[Record]:
        self._require_open()
        known, revision, events = self._records, self._history.revision, []
        for record in records:
            key = record.key
            previous = known.get(key)
            if previous is None or previous.mod_revision != record.mod_revision:
                continue
            revision += 1
            start, was = revision_at(previous), previous.value
            value = b"%b%d%b" % (was[:start], revision, was[start + len(b"%d" % previous.mod_revision) :])
            last = Record(key, value, previous.create_revision, revision, previous.labels, previous.fields)
            events.append(Event(last, previous, True))
            del known[key]
        if len(events) > _FEW:
            # To leave out many at once costs less than to look for each.
            self._keys = SortedList(key for key in self._keys if key in known)
        else:
            for event in events:
                self._keys.remove(event.record.key)
        self._history.extend(events)
        self._fanout.publish_all(events)
        return [event.record for event in events]

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        self._require_open()
        replay = self._history.events_after(after_revision, prefix)
        watch = self._fanout.open(prefix, after_revision, replay)
        try:
            yield watch
        finally:
            watch.close()

    async def compact(self, revision: int) -> None:
        self._require_open()
        self._history.compact(revision)

    def statistics(self) -> Statistics:
        return Statistics(
            keys=len(self._records),
            history=len(self._history),
            watchers=len(self._fanout),
            revision=self._history.revision,
            compact_revision=self._history.compact_revision,
        )

    async def close(self) -> None:
        self._closed = True
        self._fanout.close()
        self._history.clear()
        self._records.clear()
        self._keys.clear()

    def _require_open(self) -> None:
        if self._closed:
            raise StoreClosed

    def _find(self, key: str, expected_revision: int | None = None) -> Record:
        record = self._records.get(key)
        if record is None:
            raise KeyNotFound(key)
        if expected_revision is not None and record.mod_revision != expected_revision:
            raise RevisionMismatch(key, expected_revision, record.mod_revision)
        return record

    def _successor(self, previous: Record, draft: Draft) -> Record:
        revision = self._history.revision + 1
        return Record(previous.key, draft.at(revision), previous.create_revision, revision, draft.labels, draft.fields)

    def _commit(self, event: Event) -> None:
        self._history.append(event)
        self._fanout.publish(event)

    def _count(self, low: str, high: str | None) -> int:
        end = len(self._keys) if high is None else self._keys.bisect_left(high)
        return max(0, int(end - self._keys.bisect_left(low)))


def _merged(page: list[Record], undone: Iterable[Record | None]) -> list[Record]:
    """Return the records of both in key order; ``page`` is in order already."""
    revived = [record for record in undone if record is not None]
    if not revived:
        return page
    revived.sort(key=_key_of)
    # Two sorted runs: the second sort only merges them.
    return sorted(page + revived, key=_key_of)


def _end_of(prefix: str) -> str | None:
    """Return the least string greater than every string that starts with ``prefix``; ``None``: there is none."""
    kept = prefix.rstrip("\U0010ffff")
    return kept[:-1] + chr(ord(kept[-1]) + 1) if kept else None
