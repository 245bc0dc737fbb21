"""Checks of compaction: what is gone, what stays, and what open watches were promised."""

import asyncio

from store.errors import Compacted, FutureRevision, KeyNotFound
from store.interface import ListOptions, Store
from store.testing.check import Check
from store.testing.helpers import draft, fill, read, refused, revisions_of, start_reading, write_often


def compaction_checks() -> list[Check]:
    return [
        check_compaction_keeps_the_newest_state,
        check_compaction_takes_no_revision,
        check_compaction_happens_once,
        check_compaction_of_a_future_revision,
        check_compaction_shows_in_the_statistics,
        check_list_around_the_compaction_point,
        check_watch_around_the_compaction_point,
        check_compaction_between_opening_and_reading,
        check_compaction_past_everything_before_reading,
        check_compactions_while_reading,
        check_compaction_while_a_watch_waits,
        check_compaction_and_several_watches,
    ]


async def check_compaction_keeps_the_newest_state(store: Store) -> None:
    """Of every key that is alive, however old; a deleted key stays deleted."""
    a, b = await fill(store, ["/p/a", "/p/b"])
    updated = await store.update("/p/b", draft("two"), b.mod_revision)
    gone = await store.create("/p/c", draft())
    await store.delete("/p/c", draft(), gone.mod_revision)
    await store.compact(store.current_revision)
    assert list((await store.list("/p/")).records) == [a, updated]
    assert await store.get("/p/a") == a
    with refused(KeyNotFound):
        await store.get("/p/c")
    assert (await store.update("/p/a", draft("two"), a.mod_revision)).create_revision == a.create_revision


async def check_compaction_takes_no_revision(store: Store) -> None:
    """It is not a write, and no watcher hears of it."""
    await fill(store, ["/p/a"])
    current = store.current_revision
    async with store.watch("/p/", current) as watch:
        await store.compact(current)
        assert store.current_revision == current
        await fill(store, ["/p/b"])
        assert revisions_of(await read(watch, 1)) == [current + 1]


async def check_compaction_happens_once(store: Store) -> None:
    """A revision that is compacted already, or older, is refused; a newer one is not."""
    await write_often(store, "/p/a", 5)
    current = store.current_revision
    await store.compact(current - 2)
    for revision in (current - 2, current - 3):
        with refused(Compacted) as refusal:
            await store.compact(revision)
        assert (refusal[0].revision, refusal[0].compact_revision) == (revision, current - 2)
    await store.compact(current - 1)


async def check_compaction_of_a_future_revision(store: Store) -> None:
    """It is refused and compacts nothing."""
    base = store.current_revision
    await write_often(store, "/p/a", 3)
    with refused(FutureRevision) as refusal:
        await store.compact(base + 4)
    assert (refusal[0].revision, refusal[0].current_revision) == (base + 4, base + 3)
    async with store.watch("/p/", base) as watch:
        await read(watch, 3)


async def check_compaction_shows_in_the_statistics(store: Store) -> None:
    """``history`` shrinks to the events after the compacted revision."""
    await write_often(store, "/p/a", 10)
    current = store.current_revision
    await store.compact(current - 3)
    statistics = store.statistics()
    assert (statistics.compact_revision, statistics.history, statistics.keys) == (current - 3, 3, 1)
    await store.compact(current)
    assert (store.statistics().compact_revision, store.statistics().history) == (current, 0)


async def check_list_around_the_compaction_point(store: Store) -> None:
    """The compacted revision itself can still be listed; the one before cannot."""
    record = await store.create("/p/a", draft("1"))
    for text in ("2", "3", "4"):
        before, record = record, await store.update("/p/a", draft(text), record.mod_revision)
    point = before.mod_revision
    await store.compact(point)
    assert list((await store.list("/p/", ListOptions(revision=point))).records) == [before]
    with refused(Compacted) as refusal:
        await store.list("/p/", ListOptions(revision=point - 1))
    assert (refusal[0].revision, refusal[0].compact_revision) == (point - 1, point)


async def check_watch_around_the_compaction_point(store: Store) -> None:
    """A watch after the compacted revision misses nothing and opens; one after an older revision does not."""
    await write_often(store, "/p/a", 5)
    current = store.current_revision
    point = current - 2
    await store.compact(point)
    async with store.watch("/p/", point) as watch:
        assert revisions_of(await read(watch, 2)) == [current - 1, current]
    watchers = store.statistics().watchers
    with refused(Compacted) as refusal:
        async with store.watch("/p/", point - 1):
            raise AssertionError("the watch opened")
    assert (refusal[0].revision, refusal[0].compact_revision) == (point - 1, point)
    # Nothing under the prefix was forgotten, but the store need not know that, and etcd does not.
    with refused(Compacted):
        async with store.watch("/nodes/", point - 1):
            raise AssertionError("the watch opened")
    assert store.statistics().watchers == watchers


async def check_compaction_between_opening_and_reading(store: Store) -> None:
    """Each revision comes once: those before the compaction point, at it, and after it."""
    base = store.current_revision
    await write_often(store, "/p/a", 6)
    async with store.watch("/p/", base) as watch:
        await store.compact(base + 3)
        await write_often(store, "/p/b", 2)
        assert revisions_of(await read(watch, 8)) == list(range(base + 1, base + 9))
        last = await store.create("/p/last", draft())
        assert revisions_of(await read(watch, 1)) == [last.mod_revision]


async def check_compaction_past_everything_before_reading(store: Store) -> None:
    """What was promised at the opening, and what came since, is kept for the watch alone."""
    base = store.current_revision
    await write_often(store, "/p/a", 4)
    async with store.watch("/p/", base + 1) as watch:
        await write_often(store, "/p/b", 4)
        await store.compact(store.current_revision)
        events = await read(watch, 7)
        assert revisions_of(events) == list(range(base + 2, base + 9))
        assert [event.previous is None for event in events] == [False, False, False, True, False, False, False]
        last = await store.create("/p/last", draft())
        assert revisions_of(await read(watch, 1)) == [last.mod_revision]


async def check_compactions_while_reading(store: Store) -> None:
    """Compactions at, and shortly behind, the newest revision change nothing for a reader that is on its way."""
    record = await store.create("/p/a", draft("0"))
    written = []
    seen = []
    async with store.watch("/p/", record.mod_revision) as watch:
        for lag in (0, 1, 2, 0, 3, 1, 0):
            for number in range(4):
                record = await store.update("/p/a", draft(str(number)), record.mod_revision)
                written.append(record.mod_revision)
            await store.compact(store.current_revision - lag)
            await store.create(f"/nodes/{record.mod_revision}", draft())
            record = await store.update("/p/a", draft("more"), record.mod_revision)
            written.append(record.mod_revision)
            seen += revisions_of(await read(watch, 5))
    assert seen == written


async def check_compaction_while_a_watch_waits(store: Store) -> None:
    """It neither wakes nor disturbs a watch that has read everything."""
    await write_often(store, "/p/a", 3)
    current = store.current_revision
    async with store.watch("/p/", current) as watch, asyncio.TaskGroup() as group:
        task = await start_reading(group, watch)
        await store.compact(current)
        record = await store.create("/p/b", draft())
        batch = await task
        assert batch is not None
        assert revisions_of(batch) == [record.mod_revision]


async def check_compaction_and_several_watches(store: Store) -> None:
    """Watches that were opened at different revisions each see the rest from there."""
    base = store.current_revision
    await write_often(store, "/p/a", 5)
    async with (
        store.watch("/p/", base) as early,
        store.watch("/p/", base + 3) as middle,
        store.watch("/p/", base + 5) as late,
    ):
        assert len(await read(middle, 2)) == 2
        await store.compact(base + 4)
        await write_often(store, "/p/b", 2)
        await store.compact(base + 7)
        await write_often(store, "/p/c", 1)
        assert revisions_of(await read(early, 8)) == list(range(base + 1, base + 9))
        assert revisions_of(await read(middle, 3)) == list(range(base + 6, base + 9))
        assert revisions_of(await read(late, 3)) == list(range(base + 6, base + 9))
