"""Checks of what a watch delivers: which events, in which order, and what it promises about the rest."""

import asyncio
from contextlib import AsyncExitStack

from store.interface import Event, Store, Watch
from store.testing.check import Check
from store.testing.helpers import draft, fill, keys_of, read, revisions_of, start_reading, write_often


def watch_checks() -> list[Check]:
    return [
        check_watch_sees_every_kind_of_write,
        check_deleted_event_carries_the_last_state,
        check_watch_resumes_in_order,
        check_watch_from_the_beginning,
        check_replay_and_live_events_meet,
        check_watch_waits_for_a_write,
        check_watch_of_a_future_revision,
        check_watch_keeps_to_its_prefix,
        check_watch_of_any_prefix,
        check_replay_of_any_prefix,
        check_nested_prefixes_see_an_event_once_each,
        check_a_watch_opened_beside_others,
        check_a_watch_closed_beside_others,
        check_replay_beside_a_watcher_that_lags,
        check_watchers_see_the_same_order,
        check_concurrent_writes_are_seen_in_order,
        check_a_burst_is_seen_whole,
        check_progress_starts_where_the_watch_does,
        check_progress_follows_writes_elsewhere,
        check_progress_stays_behind_waiting_events,
        check_progress_never_goes_back,
        check_progress_of_a_future_revision,
        check_progress_stands_still_after_the_end,
    ]


async def check_watch_sees_every_kind_of_write(store: Store) -> None:
    """With the state after it and the state before."""
    async with store.watch("/p/", store.current_revision) as watch:
        created = await store.create("/p/a", draft("one"))
        updated = await store.update("/p/a", draft("two"), created.mod_revision)
        deleted = await store.delete("/p/a", draft("gone"), updated.mod_revision)
        assert await read(watch, 3) == [
            Event(created, None),
            Event(updated, created),
            Event(deleted, updated, deleted=True),
        ]


async def check_deleted_event_carries_the_last_state(store: Store) -> None:
    """The draft of the deletion at its own revision, live and in a replay, with what selectors look at."""
    base = store.current_revision
    first = await store.create("/p/a", draft("one", app="old"))
    async with store.watch("/p/", first.mod_revision) as live:
        last = await store.delete("/p/a", draft("going", app="new"), first.mod_revision)
        (event,) = await read(live, 1)
    async with store.watch("/p/", base + 1) as replayed:
        assert await read(replayed, 1) == [event]
    assert event.deleted
    assert event.revision == last.mod_revision == base + 2
    assert (event.record.value, event.record.labels) == (draft("going").at(base + 2), {"app": "new"})
    assert event.record.create_revision == first.create_revision
    assert event.previous == first


async def check_watch_resumes_in_order(store: Store) -> None:
    """A watch after *n* starts with *n* + 1, for every *n* there is."""
    base = store.current_revision
    await write_often(store, "/p/a", 8)
    for after in range(base, base + 8):
        async with store.watch("/p/", after) as watch:
            assert revisions_of(await read(watch, base + 8 - after)) == list(range(after + 1, base + 9))


async def check_watch_from_the_beginning(store: Store) -> None:
    """Nothing was compacted yet, so a watch after 0 sees everything."""
    base = store.current_revision
    await fill(store, ["/p/a", "/p/b"])
    async with store.watch("/p/", 0) as watch:
        assert revisions_of(await read(watch, 2)) == [base + 1, base + 2]


async def check_replay_and_live_events_meet(store: Store) -> None:
    """Writes before the opening, before the first read, and after it: no gap and no repetition."""
    base = store.current_revision
    await write_often(store, "/p/a", 3)
    async with store.watch("/p/", base + 1) as watch:
        await write_often(store, "/p/b", 2)
        assert revisions_of(await read(watch, 4)) == list(range(base + 2, base + 6))
        await write_often(store, "/p/c", 2)
        assert revisions_of(await read(watch, 2)) == [base + 6, base + 7]


async def check_watch_waits_for_a_write(store: Store) -> None:
    """A reader that is there first is woken by a write under its prefix, and not by another."""
    async with store.watch("/p/", store.current_revision) as watch, asyncio.TaskGroup() as group:
        task = await start_reading(group, watch)
        await store.create("/nodes/n", draft())
        record = await store.create("/p/a", draft())
        assert await task == [Event(record, None)]


async def check_watch_of_a_future_revision(store: Store) -> None:
    """It waits until the store has passed the revision, and starts with the next."""
    base = store.current_revision
    async with store.watch("/p/", base + 3) as watch, asyncio.TaskGroup() as group:
        await write_often(store, "/p/a", 2)
        task = await start_reading(group, watch)
        await write_often(store, "/p/b", 1)
        assert not task.done()
        await write_often(store, "/p/c", 1)
        batch = await task
        assert batch is not None
        assert revisions_of(batch) == [base + 4]


async def check_watch_keeps_to_its_prefix(store: Store) -> None:
    """``/pods/ns1/`` sees nothing of ``/pods/ns10/``, nor of a key that is its own name without the slash."""
    async with store.watch("/pods/ns1/", store.current_revision) as watch:
        await fill(store, ["/pods/ns10/a", "/pods/ns", "/pods/ns1", "/nodes/n", "/pods/", "/pods/ns1/a"])
        assert [event.record.key for event in await read(watch, 1)] == ["/pods/ns1/a"]


PREFIXES = ["", "/", "/p", "/p/", "/p/n", "/p/ns1", "/p/ns1/", "/p/ns1/a", "/p/ns1/a/", "/p/ns1/ab", "/q", "x"]
KEYS = ["/p", "/p/", "/p/ns1", "/p/ns1/", "/p/ns1/a", "/p/ns1/a/b", "/p/ns1/ab", "/p/ns10/a", "/q/a", "x", "xy", "y"]


async def check_watch_of_any_prefix(store: Store) -> None:
    """A prefix is a plain string, whether it ends in a slash, is a full key, or stops within a name."""
    base = store.current_revision
    for prefix in PREFIXES:
        async with store.watch(prefix, store.current_revision) as watch:
            for key in KEYS:
                record = await store.create(key, draft())
                await store.delete(key, draft(), record.mod_revision)
            expected = [key for key in KEYS if key.startswith(prefix) for _ in range(2)]
            events = await read(watch, len(expected))
            assert [event.record.key for event in events] == expected
    assert store.current_revision == base + 2 * len(KEYS) * len(PREFIXES)


async def check_replay_of_any_prefix(store: Store) -> None:
    """The same holds for events from before the opening."""
    base = store.current_revision
    await fill(store, KEYS)
    for prefix in PREFIXES:
        expected = [key for key in KEYS if key.startswith(prefix)]
        async with store.watch(prefix, base) as watch:
            assert [event.record.key for event in await read(watch, len(expected))] == expected


async def check_nested_prefixes_see_an_event_once_each(store: Store) -> None:
    """All of them open at the same time, and some more than once."""
    base = store.current_revision
    async with (
        store.watch("", base) as everything,
        store.watch("/p/", base) as directory,
        store.watch("/p/", base) as directory_again,
        store.watch("/p/ns1", base) as ragged,
        store.watch("/p/ns1/", base) as namespace,
        store.watch("/p/ns1/a", base) as key,
        store.watch("/p/ns1/abc", base) as longer_key,
    ):
        await fill(store, ["/p/ns1/a", "/p/ns1/ab", "/p/ns10/a", "/p/x", "/p/ns1/abc"])
        for watch, expected in (
            (everything, [1, 2, 3, 4, 5]),
            (directory, [1, 2, 3, 4, 5]),
            (directory_again, [1, 2, 3, 4, 5]),
            (ragged, [1, 2, 3, 5]),
            (namespace, [1, 2, 5]),
            (key, [1, 2, 5]),
            (longer_key, [5]),
        ):
            events = await read(watch, len(expected))
            assert revisions_of(events) == [base + number for number in expected]


async def check_a_watch_opened_beside_others(store: Store) -> None:
    """A later watch is found by writes to places that were written to, and watched, before."""
    async with AsyncExitStack() as stack:
        watches: dict[str, Watch] = {}
        for prefix in PREFIXES:
            watches[prefix] = await stack.enter_async_context(store.watch(prefix, store.current_revision))
            for key in KEYS:
                record = await store.create(key, draft())
                await store.delete(key, draft(), record.mod_revision)
            for opened, watch in watches.items():
                expected = [key for key in KEYS if key.startswith(opened) for _ in range(2)]
                assert [event.record.key for event in await read(watch, len(expected))] == expected


async def check_a_watch_closed_beside_others(store: Store) -> None:
    """The others of the same and of like prefixes go on."""
    base = store.current_revision
    async with (
        store.watch("/p/ns1/a", base) as key,
        store.watch("/p/ns1/b", base) as other_key,
        store.watch("/p/ns1/", base) as directory,
        store.watch("/p/ns2/", base) as other_directory,
        store.watch("/p/ns1/", base) as same_directory,
    ):
        await fill(store, ["/p/ns1/a", "/p/ns1/b", "/p/ns2/a"])
        key.close()
        directory.close()
        await fill(store, ["/p/ns1/ba", "/p/ns2/b"])
        assert revisions_of(await read(other_key, 2)) == [base + 2, base + 4]
        assert revisions_of(await read(same_directory, 3)) == [base + 1, base + 2, base + 4]
        assert revisions_of(await read(other_directory, 2)) == [base + 3, base + 5]


async def check_replay_beside_a_watcher_that_lags(store: Store) -> None:
    """What waits for one watcher and is replayed to another is one and the same event, once for each."""
    base = store.current_revision
    async with store.watch("/p/", base) as lagging:
        await fill(store, ["/p/a", "/p/b", "/p/c"])
        async with store.watch("/p/", base + 1) as resumed, store.watch("/p/", base + 3) as fresh:
            await fill(store, ["/p/d"])
            assert revisions_of(await read(resumed, 3)) == [base + 2, base + 3, base + 4]
            assert revisions_of(await read(fresh, 1)) == [base + 4]
            assert revisions_of(await read(lagging, 4)) == [base + 1, base + 2, base + 3, base + 4]
            await fill(store, ["/p/e"])
            for watch in (resumed, fresh, lagging):
                assert revisions_of(await read(watch, 1)) == [base + 5]


async def check_watchers_see_the_same_order(store: Store) -> None:
    """Also when they read at different times."""
    base = store.current_revision
    async with store.watch("/p/", base) as eager, store.watch("/p/", base) as lazy:
        seen: list[Event] = []
        for number in range(5):
            await fill(store, [f"/p/{number}", f"/p/{number}/x"])
            seen += await read(eager, 2)
        assert await read(lazy, 10) == seen
        assert revisions_of(seen) == list(range(base + 1, base + 11))


async def check_concurrent_writes_are_seen_in_order(store: Store) -> None:
    """Many writers at once, and readers that are waiting meanwhile: every revision once, rising."""
    base = store.current_revision

    async def consume(prefix: str, count: int) -> list[int]:
        async with store.watch(prefix, base) as watch:
            return revisions_of(await read(watch, count))

    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(consume(prefix, 50)) for prefix in ("/p/", "/p/", "")]
        partial = group.create_task(consume("/p/3/", 10))
        for writer in range(5):
            group.create_task(fill_slowly(store, writer))
    for reader in readers:
        assert reader.result() == list(range(base + 1, base + 51))
    assert partial.result() == sorted(set(partial.result()))


async def fill_slowly(store: Store, writer: int) -> None:
    for number in range(10):
        await store.create(f"/p/{writer}/{number}", draft())


async def check_a_burst_is_seen_whole(store: Store) -> None:
    """A reader that was waiting when many events came at once gets all of them."""
    async with store.watch("/p/", store.current_revision) as watch, asyncio.TaskGroup() as group:
        task = await start_reading(group, watch)
        records = await fill(store, [f"/p/{number:02}" for number in range(50)])
        batch = await task
        assert batch is not None
        rest = await read(watch, len(records) - len(batch))
        assert keys_of(event.record for event in [*batch, *rest]) == keys_of(records)


async def check_progress_starts_where_the_watch_does(store: Store) -> None:
    """With a replay to come, at ``after_revision``; with none, at the store's current revision."""
    base = store.current_revision
    await write_often(store, "/p/a", 3)
    async with store.watch("/p/", base + 1) as watch:
        assert watch.progress_revision == base + 1
        await read(watch, 2)
        assert watch.progress_revision == base + 3
    async with store.watch("/nodes/", base) as watch:
        assert watch.progress_revision == base + 3


async def check_progress_follows_writes_elsewhere(store: Store) -> None:
    """A watch that nothing happens under can promise as much as a busy one."""
    async with store.watch("/p/", store.current_revision) as watch, asyncio.TaskGroup() as group:
        await fill(store, ["/nodes/a", "/nodes/b"])
        assert watch.progress_revision == store.current_revision
        task = await start_reading(group, watch)
        await fill(store, ["/nodes/c", "/nodes/d"])
        assert watch.progress_revision == store.current_revision
        record = await store.create("/p/a", draft())
        await task
        assert watch.progress_revision == record.mod_revision


async def check_progress_stays_behind_waiting_events(store: Store) -> None:
    """An event that has not been yielded is not promised, whatever is written elsewhere."""
    async with store.watch("/p/", store.current_revision) as watch:
        first = await store.create("/p/a", draft())
        assert watch.progress_revision < first.mod_revision
        await fill(store, ["/nodes/a", "/nodes/b"])
        assert watch.progress_revision < first.mod_revision
        await read(watch, 1)
        second = await store.create("/p/b", draft())
        assert first.mod_revision <= watch.progress_revision < second.mod_revision
        await read(watch, 1)
        assert watch.progress_revision == store.current_revision


async def check_progress_never_goes_back(store: Store) -> None:
    """A bookmark that was sent is never taken back."""
    async with store.watch("/p/", store.current_revision) as watch:
        seen = [watch.progress_revision]
        for number in range(5):
            await fill(store, [f"/nodes/{number}"])
            seen.append(watch.progress_revision)
            await fill(store, [f"/p/{number}"])
            seen.append(watch.progress_revision)
            await fill(store, [f"/nodes/{number}x"])
            seen.append(watch.progress_revision)
            await read(watch, 1)
            seen.append(watch.progress_revision)
        assert seen == sorted(seen)
        assert seen[-1] == store.current_revision


async def check_progress_of_a_future_revision(store: Store) -> None:
    """It is never below what the watcher says it has seen."""
    base = store.current_revision
    async with store.watch("/p/", base + 2) as watch:
        assert watch.progress_revision == base + 2
        await fill(store, ["/p/a"])
        assert watch.progress_revision == base + 2
        await fill(store, ["/p/b", "/nodes/a"])
        assert watch.progress_revision == base + 3
        await fill(store, ["/p/c"])
        assert watch.progress_revision == base + 3


async def check_progress_stands_still_after_the_end(store: Store) -> None:
    """A closed watch promises what it did when it was closed, with events waiting and without."""
    base = store.current_revision
    async with store.watch("/p/", base) as idle, store.watch("/nodes/", base) as behind:
        await fill(store, ["/nodes/a"])
        idle.close()
        behind.close()
        await fill(store, ["/services/a", "/p/a", "/nodes/b"])
        assert idle.progress_revision == base + 1
        assert behind.progress_revision == base
