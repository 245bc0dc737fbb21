"""The contract suite bites: stores that break the contract on purpose fail the check that is about it."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import pytest

from store.errors import KeyExists, KeyNotFound, RevisionMismatch, StoreError
from store.fanout import FanoutWatch
from store.interface import Draft, Event, ListOptions, ListResult, Record, Watch
from store.memory import MemoryStore
from store.testing import HISTORY_LIMIT, WATCH_BUFFER, all_checks
from store.testing.helpers import turns

_NEWEST = ListOptions()


class Wrapped(Watch):
    """A watch that passes on what another yields."""

    def __init__(self, inner: Watch) -> None:
        self.inner = inner

    def __aiter__(self) -> AsyncIterator[Sequence[Event]]:
        return self

    async def __anext__(self) -> Sequence[Event]:
        return await anext(self.inner)

    def close(self) -> None:
        self.inner.close()

    @property
    def progress_revision(self) -> int:
        return self.inner.progress_revision


class RepeatsAfterCompaction(MemoryStore):
    """A reader's position that a compaction shifts by one: the last event read comes again."""

    compactions = 0

    async def compact(self, revision: int) -> None:
        await super().compact(revision)
        self.compactions += 1

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        store = self

        class Repeating(Wrapped):
            last: Sequence[Event] = ()
            compactions = store.compactions

            async def __anext__(self) -> Sequence[Event]:
                batch = [*await super().__anext__()]
                again = self.last if self.compactions < store.compactions else ()
                self.last, self.compactions = batch[-1:], store.compactions
                return [*again, *batch]

        async with super().watch(prefix, after_revision) as inner:
            yield Repeating(inner)


class ForgetsWhatItPromised(MemoryStore):
    """Compaction takes the events away from a watch that has not read them yet."""

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        store = self

        class Forgetting(Wrapped):
            async def __anext__(self) -> Sequence[Event]:
                batch = await super().__anext__()
                return [event for event in batch if event.revision > store.statistics().compact_revision] or batch[-1:]

        async with super().watch(prefix, after_revision) as inner:
            yield Forgetting(inner)


class LosesTheEventOfACancelledReader(MemoryStore):
    """An event is taken before the reader is sure to get it."""

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        class Losing(Wrapped):
            async def __anext__(self) -> Sequence[Event]:
                batch = await super().__anext__()
                await turns(1)
                return batch

        async with super().watch(prefix, after_revision) as inner:
            yield Losing(inner)


class WatchesByName(MemoryStore):
    """A prefix loses its last slash, so that ``ns1`` covers ``ns10``."""

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        async with super().watch(prefix.rstrip("/"), after_revision) as inner:
            yield inner


class ListsTheNewestStateOnly(MemoryStore):
    """Pages after the first are read at another revision than the first."""

    async def list(self, prefix: str, options: ListOptions = _NEWEST) -> ListResult:
        newest = await super().list(prefix, ListOptions(options.limit, options.start_after))
        return ListResult(newest.records, options.revision or newest.revision, newest.remaining)


class CountsRefusedWrites(MemoryStore):
    """A refused create takes a revision."""

    async def create(self, key: str, draft: Draft) -> Record:
        try:
            return await super().create(key, draft)
        except KeyExists:
            spoilt = await super().create(key + "x", draft)
            await super().delete(spoilt.key, draft, spoilt.mod_revision)
            raise


class NeverCutsOff(MemoryStore):
    """Any number of events may wait."""

    def __init__(self, *, history_limit: int, watch_buffer: int) -> None:
        super().__init__(history_limit=history_limit, watch_buffer=watch_buffer * 1_000)


class CountsTheReplayAsWaiting(MemoryStore):
    """A watcher that has far to catch up is cut off before it can begin."""

    @asynccontextmanager
    async def watch(self, prefix: str, after_revision: int) -> AsyncIterator[Watch]:
        async with super().watch(prefix, after_revision) as inner:
            if self.current_revision - after_revision > WATCH_BUFFER and isinstance(inner, FanoutWatch):
                inner.cut()
            yield inner


class DeletesAllOneByOne(MemoryStore):
    """Others read and write between two deletions."""

    async def delete_all(self, records: Iterable[Record], revision_at: Callable[[Record], int]) -> Sequence[Record]:
        deleted = []
        for record in records:
            with contextlib.suppress(KeyNotFound, RevisionMismatch):
                at, value = revision_at(record), record.value
                draft = Draft(value[:at], value[value.index(b'"', at) :], record.labels, record.fields)
                deleted.append(await self.delete(record.key, draft, record.mod_revision))
            await turns(1)
        return deleted


class DeletesWhateverIsThere(MemoryStore):
    """Also what has been written since somebody looked."""

    async def delete_all(self, records: Iterable[Record], revision_at: Callable[[Record], int]) -> Sequence[Record]:
        newest = (await self.list("/")).records
        keys = {record.key for record in records}
        return await super().delete_all([record for record in newest if record.key in keys], revision_at)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        pytest.param(broken, check, id=f"{broken.__name__}-{check}")
        for broken, check in [
            (RepeatsAfterCompaction, "check_compactions_while_reading"),
            (RepeatsAfterCompaction, "check_compaction_and_several_watches"),
            (ForgetsWhatItPromised, "check_compaction_between_opening_and_reading"),
            (ForgetsWhatItPromised, "check_compaction_past_everything_before_reading"),
            (LosesTheEventOfACancelledReader, "check_cancelling_a_woken_reader_loses_nothing"),
            (WatchesByName, "check_watch_keeps_to_its_prefix"),
            (ListsTheNewestStateOnly, "check_pages_at_the_first_page_s_revision"),
            (ListsTheNewestStateOnly, "check_list_before_a_deletion"),
            (CountsRefusedWrites, "check_create_of_an_existing_key"),
            (CountsRefusedWrites, "check_a_refused_write_is_no_event"),
            (DeletesAllOneByOne, "check_delete_all_beside_other_writers"),
            (DeletesWhateverIsThere, "check_delete_all_passes_over_what_changed"),
            (NeverCutsOff, "check_a_slow_watcher_is_cut"),
            (CountsTheReplayAsWaiting, "check_a_long_replay_is_not_slow"),
        ]
    ],
)
async def test_a_broken_store_fails(broken: type[MemoryStore], check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.testing.helpers.DEADLINE", 0.1)  # Events that a broken store lost never come.
    store = broken(history_limit=HISTORY_LIMIT, watch_buffer=WATCH_BUFFER)
    (run,) = [candidate for candidate in all_checks() if candidate.__name__ == check]
    with pytest.raises((AssertionError, TimeoutError, StoreError, ExceptionGroup)):
        await run(store)
    await store.close()


def test_every_check_is_in_the_list() -> None:
    """And says what it is about."""
    checks = all_checks()
    assert len({check.__name__ for check in checks}) == len(checks)
    modules = {__import__(check.__module__, fromlist=["_"]) for check in checks}
    written = {name for module in modules for name in vars(module) if name.startswith("check_")}
    assert written == {check.__name__ for check in checks}
    assert all(check.__doc__ for check in checks)
