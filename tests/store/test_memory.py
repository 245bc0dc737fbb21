"""The memory store against the contract, against a model, and what is its own: its limits and its memory."""

import asyncio
import gc
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import Compacted, FutureRevision, RevisionMismatch, WatcherTooSlow
from store.interface import Event, ListOptions, Watch
from store.memory import MemoryStore
from store.testing import HISTORY_LIMIT, WATCH_BUFFER, Check, all_checks
from store.testing.helpers import (
    draft,
    ended,
    fill,
    keys_of,
    read,
    revision_at,
    revisions_of,
    start_reading,
    write_often,
)
from tests.store.model import Model, WatchModel


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.__name__)
async def test_contract(check: Check) -> None:
    store = MemoryStore(history_limit=HISTORY_LIMIT, watch_buffer=WATCH_BUFFER)
    await check(store)
    await store.close()


async def test_old_events_are_compacted_unasked() -> None:
    """The newest ``history_limit`` events are kept; the compaction point moves with every write past that."""
    store = MemoryStore(history_limit=5)
    await write_often(store, "/p/a", 5)
    assert (store.statistics().history, store.statistics().compact_revision) == (5, 0)
    record = await store.create("/p/b", draft())
    assert (store.statistics().history, store.statistics().compact_revision) == (5, record.mod_revision - 5)
    await write_often(store, "/p/c", 20)
    point = store.current_revision - 5
    assert (store.statistics().history, store.statistics().compact_revision) == (5, point)
    assert keys_of((await store.list("/p/", ListOptions(revision=point))).records) == ["/p/a", "/p/b", "/p/c"]
    with pytest.raises(Compacted):
        await store.list("/p/", ListOptions(revision=point - 1))
    with pytest.raises(Compacted):
        await store.compact(point)
    await store.compact(point + 1)
    assert (store.statistics().history, store.statistics().compact_revision) == (4, point + 1)


async def test_an_open_watch_outlives_the_history() -> None:
    """Events that no longer fit the history still reach those who were promised them."""
    store = MemoryStore(history_limit=3, watch_buffer=10)
    async with store.watch("/p/", store.current_revision) as live:
        await write_often(store, "/p/a", 3)
        async with store.watch("/p/", 1) as replayed:
            await write_often(store, "/p/b", 6)
            assert revisions_of(await read(live, 9)) == list(range(2, 11))
            assert revisions_of(await read(replayed, 9)) == list(range(2, 11))


async def test_a_store_may_keep_no_history() -> None:
    """Then only the newest state can be listed, and watches start there."""
    store = MemoryStore(history_limit=0)
    await write_often(store, "/p/a", 3)
    assert store.statistics().compact_revision == store.current_revision
    assert len((await store.list("/p/", ListOptions(revision=store.current_revision))).records) == 1
    with pytest.raises(Compacted):
        await store.list("/p/", ListOptions(revision=store.current_revision - 1))
    async with store.watch("/p/", store.current_revision) as watch:
        await write_often(store, "/p/b", 3)
        assert len(await read(watch, 3)) == 3


async def test_revisions_may_start_later() -> None:
    """What lies before the start counts as compacted."""
    store = MemoryStore(first_revision=1_000)
    assert store.current_revision == 1_000
    for revision in (0, 1, 999):
        with pytest.raises(Compacted):
            await store.list("/p/", ListOptions(revision=revision))
    assert not (await store.list("/p/", ListOptions(revision=1_000))).records
    async with store.watch("/p/", 1_000) as watch:
        assert (await store.create("/p/a", draft())).mod_revision == 1_001
        assert revisions_of(await read(watch, 1)) == [1_001]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"history_limit": -1}, id="negative history"),
        pytest.param({"watch_buffer": 0}, id="no event may wait"),
        pytest.param({"first_revision": 0}, id="revision before the first"),
    ],
)
def test_limits_that_make_no_sense_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must|start"):
        MemoryStore(**arguments)


async def test_prefixes_at_the_end_of_the_alphabet() -> None:
    """The greatest code point has no successor to end a range at."""
    last = "\U0010ffff"
    store = MemoryStore()
    await fill(store, ["/p/a", f"/p/{last}", f"/p/{last}{last}x", "/q", last, f"{last}a"])
    assert keys_of((await store.list(f"/p/{last}")).records) == [f"/p/{last}", f"/p/{last}{last}x"]
    assert keys_of((await store.list(f"/p/{last}{last}")).records) == [f"/p/{last}{last}x"]
    assert keys_of((await store.list(last)).records) == [last, f"{last}a"]
    page = await store.list(last, ListOptions(limit=1))
    assert (keys_of(page.records), page.remaining) == ([last], 1)


async def test_creating_starts_nothing_and_needs_no_loop() -> None:
    """A store that is dropped without ``close`` leaves nothing behind."""
    store = await asyncio.get_running_loop().run_in_executor(None, MemoryStore)
    await fill(store, ["/p/a"])
    assert store.statistics().keys == 1


def events_alive() -> int:
    return sum(isinstance(thing, Event) for thing in gc.get_objects())


@pytest.fixture
def before() -> int:
    """How many events other tests left alive."""
    gc.collect()
    return events_alive()


async def test_events_that_everyone_has_read_are_let_go(before: int) -> None:
    """Past the history, an event lives as long as an open watch has to yield it."""
    store = MemoryStore(history_limit=0, watch_buffer=1_000)
    async with (
        store.watch("/p/", 1) as first,
        store.watch("/p/", 1) as second,
        store.watch("/p/a", 1) as unread,
        asyncio.TaskGroup() as group,
    ):
        await write_often(store, "/p/a", 50)
        unread.close()
        await read(first, 50)
        (await start_reading(group, first)).cancel()
        assert events_alive() == before + 50
        await read(second, 50)
        waiting = [await start_reading(group, watch) for watch in (first, second)]
        assert events_alive() == before
        for task in waiting:
            task.cancel()


async def test_the_last_watcher_behind_leaves(before: int) -> None:
    """Then those who wait hold nothing."""
    store = MemoryStore(history_limit=0, watch_buffer=1_000)
    async with store.watch("/p/", 1) as waiting, store.watch("/p/", 1) as behind, asyncio.TaskGroup() as group:
        await write_often(store, "/p/a", 50)
        await read(waiting, 50)
        task = await start_reading(group, waiting)
        assert events_alive() == before + 50
        behind.close()
        assert events_alive() == before
        task.cancel()


async def test_a_watcher_that_never_reads_holds_little(before: int) -> None:
    """Less than two buffers, and nothing after it was cut off; closed watches hold nothing either."""
    store = MemoryStore(history_limit=0, watch_buffer=20)
    async with store.watch("/p/", 1), store.watch("/", 1) as closed:
        most = 0
        for number in range(100):
            await write_often(store, f"/p/{number}", 5)
            if number == 2:
                closed.close()
            if number < 10 or number % 10 == 0:  # Counting is slow, and after ten rounds the watch is cut.
                most = max(most, events_alive() - before)
        assert 20 < most < 2 * 20
        assert store.statistics().watchers == 0
        assert events_alive() == before


class Run:
    """One random history, told to the store and to the model side by side."""

    HISTORY_LIMIT = 12
    WATCH_BUFFER = 4

    def __init__(self, stack: AsyncExitStack) -> None:
        self.store = MemoryStore(history_limit=self.HISTORY_LIMIT, watch_buffer=self.WATCH_BUFFER)
        self.model = Model(self.HISTORY_LIMIT)
        self.watches: list[tuple[Watch, WatchModel]] = []
        self.stack = stack

    async def write(self, key: str, delete: bool, stale: bool) -> None:
        current = self.model.states[-1].get(key)
        new = draft(f"{key} {self.model.revision}")
        if current is None:
            assert await self.store.create(key, new) == self.model.write(key, new)
            return
        call = self.store.delete if delete else self.store.update
        if stale:
            with pytest.raises(RevisionMismatch):
                await call(key, new, current.mod_revision - 1)
        else:
            assert await call(key, new, current.mod_revision) == self.model.write(key, new, delete=delete)

    async def delete_all(self, names: list[str], stale: bool) -> None:
        """Delete several keys together; with ``stale`` the first of them as it is no more."""
        there = [self.model.states[-1][key] for key in dict.fromkeys(names) if key in self.model.states[-1]]
        seen = [
            record._replace(mod_revision=record.mod_revision - (stale and not index))
            for index, record in enumerate(there)
        ]
        deleted = await self.store.delete_all(seen, revision_at)
        assert deleted == [
            self.model.write(record.key, draft(record.fields["text"]), delete=True) for record in there[stale:]
        ]

    async def list(self, prefix: str, limit: int, start_after: str | None, back: int) -> None:
        revision = self.model.revision - back
        options = ListOptions(limit, start_after, revision)
        if revision < self.model.compacted:
            with pytest.raises(Compacted):
                await self.store.list(prefix, options)
        elif back < 0:
            with pytest.raises(FutureRevision):
                await self.store.list(prefix, options)
        else:
            assert await self.store.list(prefix, options) == self.model.listed(prefix, options)

    async def compact(self, back: int) -> None:
        revision = self.model.revision - back
        if revision <= self.model.compacted:
            with pytest.raises(Compacted):
                await self.store.compact(revision)
        else:
            await self.store.compact(revision)
            self.model.compacted = revision

    async def open(self, prefix: str, back: int) -> None:
        after = self.model.revision - back
        if after < self.model.compacted:
            with pytest.raises(Compacted):
                await self.stack.enter_async_context(self.store.watch(prefix, after))
        else:
            watch = await self.stack.enter_async_context(self.store.watch(prefix, after))
            self.watches.append((watch, self.model.open(prefix, after)))

    async def read(self, index: int) -> None:
        """Read everything that waits; when there is nothing, have a reader wait, and cancel it."""
        if not self.watches:
            return
        watch, expected = self.watches[index % len(self.watches)]
        if len(expected.live) > self.WATCH_BUFFER:
            with pytest.raises(WatcherTooSlow):
                await read(watch, 1)
            await self.forget(watch, expected)
            return
        async with asyncio.TaskGroup() as group:
            task = await start_reading(group, watch)
            ready = task.done()
            task.cancel()
        due = self.model.read(expected)
        assert ready == bool(due)
        assert not ready or task.result() == due

    async def close(self, index: int) -> None:
        if self.watches:
            watch, expected = self.watches[index % len(self.watches)]
            watch.close()
            await self.forget(watch, expected)

    async def forget(self, watch: Watch, expected: WatchModel) -> None:
        assert await ended(watch)
        self.watches.remove((watch, expected))
        self.model.watches = [other for other in self.model.watches if other is not expected]

    def compare(self) -> None:
        statistics = self.store.statistics()
        assert statistics.revision == self.store.current_revision == self.model.revision
        assert statistics.compact_revision == self.model.compacted
        assert statistics.keys == len(self.model.states[-1])
        assert statistics.history == self.model.kept
        for watch, expected in self.watches:
            if len(expected.live) <= self.WATCH_BUFFER:
                assert watch.progress_revision == self.model.progress(expected)


# Few and short, so that prefixes, directories and keys meet in every way, and often.
PREFIXES = ["/a/", "/a/", "/a/", "", "/", "/a", "/a/b", "/a/b", "/a/b/", "/a/bc", "/ab/b"]
KEYS = ["/a", "/a/", "/a/b", "/a/b", "/a/bc", "/a/c", "/a/b/c", "/ab/b", "b"]
prefixes, keys, numbers = st.sampled_from(PREFIXES), st.sampled_from(KEYS), st.integers(0, 14)


@dataclass(frozen=True, slots=True)
class Do:
    """One step of a history, in a form that a failure prints readably."""

    name: str
    arguments: tuple[object, ...]

    async def __call__(self, run: Run) -> None:
        await getattr(run, self.name)(*self.arguments)


def do(name: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Do]:
    return st.tuples(*arguments).map(lambda drawn: Do(name, drawn))


write = do("write", keys, st.sampled_from([False, False, True]), st.sampled_from([False] * 9 + [True]))
listing = do("list", prefixes, st.integers(0, 3), st.none() | keys, st.integers(-1, 12))
opening = do("open", prefixes, st.integers(-3, 12))
steps = st.one_of(
    *[write] * 6,
    *[do("read", numbers)] * 3,
    *[listing] * 2,
    *[opening] * 2,
    do("delete_all", st.lists(keys, min_size=1, max_size=9), st.booleans()),
    do("compact", numbers),
    do("close", numbers),
)


# Time for Hypothesis to cut a failing history down before anything stops it; passing takes a few seconds.
@pytest.mark.timeout(360)
@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=30, max_size=120))
async def test_any_history_agrees_with_the_model(history: list[Do]) -> None:
    """Lists equal the model's state at their revision; watches yield exactly the model's events."""
    async with AsyncExitStack() as stack:
        run = Run(stack)
        for step in history:
            await step(run)
            run.compare()
        for index in reversed(range(len(run.watches))):
            await run.read(index)
        await run.store.close()
