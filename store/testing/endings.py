"""Checks of how a watch ends: cut off, closed, cancelled; and of what that leaves behind."""

import asyncio

from store.errors import StoreClosed, WatcherTooSlow
from store.interface import Store
from store.testing.check import Check
from store.testing.helpers import (
    WATCH_BUFFER,
    draft,
    ended,
    fill,
    read,
    refused,
    revisions_of,
    start_reading,
    turns,
    write_often,
)


def ending_checks() -> list[Check]:
    return [
        check_a_slow_watcher_is_cut,
        check_a_slow_watcher_is_cut_however_far_behind,
        check_a_full_buffer_is_not_too_slow,
        check_reading_makes_room,
        check_a_long_replay_is_not_slow,
        check_a_replay_leaves_the_buffer_to_live_events,
        check_writes_elsewhere_do_not_make_a_watcher_slow,
        check_writes_before_a_future_revision_do_not_make_a_watcher_slow,
        check_closing_ends_the_iteration,
        check_closing_wakes_the_reader,
        check_closing_a_watch_that_was_cut,
        check_leaving_the_block_closes,
        check_an_error_in_the_block_closes,
        check_closing_one_watch_leaves_the_others,
        check_cancelling_a_reader_loses_nothing,
        check_cancelling_a_woken_reader_loses_nothing,
        check_a_cancelled_reader_leaves_no_trace,
        check_one_reader_at_a_time,
        check_watchers_are_counted,
        check_closing_the_store_ends_every_watch,
        check_a_closed_store_refuses_everything,
    ]


async def check_a_slow_watcher_is_cut(store: Store) -> None:
    """One event too many waits: its next read fails, the one after ends. Neither writer nor others notice."""
    base = store.current_revision
    async with store.watch("/p/", base) as slow, store.watch("/p/", base) as healthy:
        seen = []
        record = await store.create("/p/a", draft())
        for number in range(WATCH_BUFFER):
            record = await store.update("/p/a", draft(str(number)), record.mod_revision)
            seen += revisions_of(await read(healthy, 2 if not number else 1))
        assert record.mod_revision == base + 1 + WATCH_BUFFER
        assert seen == list(range(base + 1, base + 2 + WATCH_BUFFER))
        with refused(WatcherTooSlow):
            await read(slow, 1)
        assert await ended(slow)
        assert await ended(slow)
        assert store.statistics().watchers == 1
        last = await store.create("/p/b", draft())
        assert revisions_of(await read(healthy, 1)) == [last.mod_revision]


async def check_a_slow_watcher_is_cut_however_far_behind(store: Store) -> None:
    """Many buffers behind is the same as one event too many."""
    base = store.current_revision
    async with store.watch("/p/", base) as slow, store.watch("", base) as other, store.watch("/p/", base) as healthy:
        for number in range(10):
            await write_often(store, f"/p/{number}", WATCH_BUFFER // 2)
            await read(healthy, WATCH_BUFFER // 2)
        for watch in (slow, other):
            with refused(WatcherTooSlow):
                await read(watch, 1)
            assert await ended(watch)
        assert store.statistics().watchers == 1


async def check_a_full_buffer_is_not_too_slow(store: Store) -> None:
    """As many events as may wait are delivered when they are read at last."""
    base = store.current_revision
    async with store.watch("/p/", base) as lazy, store.watch("/p/", base) as eager:
        await write_often(store, "/p/a", WATCH_BUFFER)
        await read(eager, WATCH_BUFFER)
        assert revisions_of(await read(lazy, WATCH_BUFFER)) == list(range(base + 1, base + 1 + WATCH_BUFFER))


async def check_reading_makes_room(store: Store) -> None:
    """What has been read does not count, over many buffers' worth, with a slower watcher beside."""
    base = store.current_revision
    async with store.watch("/p/", base) as steady, store.watch("/p/", base):
        for number in range(6):
            await write_often(store, f"/p/{number}", WATCH_BUFFER)
            seen = revisions_of(await read(steady, WATCH_BUFFER))
            assert seen == list(range(base + 1, base + 1 + WATCH_BUFFER))
            base += WATCH_BUFFER


async def check_a_long_replay_is_not_slow(store: Store) -> None:
    """Events from before the opening do not count as waiting."""
    base = store.current_revision
    await write_often(store, "/p/a", WATCH_BUFFER * 3)
    async with store.watch("/p/", base) as watch:
        assert revisions_of(await read(watch, WATCH_BUFFER * 3)) == list(range(base + 1, base + 1 + WATCH_BUFFER * 3))


async def check_a_replay_leaves_the_buffer_to_live_events(store: Store) -> None:
    """A long replay with a full buffer behind it is delivered; with one event more, nothing is."""
    base = store.current_revision
    await write_often(store, "/p/a", WATCH_BUFFER * 2)
    async with store.watch("/p/", base) as kept:
        async with store.watch("/p/", base) as slow, store.watch("/p/", store.current_revision) as eager:
            await write_often(store, "/p/b", WATCH_BUFFER)
            await read(eager, WATCH_BUFFER)
            assert revisions_of(await read(kept, WATCH_BUFFER * 3)) == list(
                range(base + 1, base + 1 + WATCH_BUFFER * 3)
            )
            await write_often(store, "/p/c", 1)
            await read(eager, 1)
            with refused(WatcherTooSlow):
                await read(slow, 1)
        assert len(await read(kept, 1)) == 1


async def check_writes_elsewhere_do_not_make_a_watcher_slow(store: Store) -> None:
    """Only events under the prefix wait for a watcher."""
    base = store.current_revision
    async with store.watch("/p/", base) as quiet, store.watch("/nodes/", base) as busy:
        for number in range(3):
            await write_often(store, f"/nodes/{number}", WATCH_BUFFER)
            await read(busy, WATCH_BUFFER)
        record = await store.create("/p/a", draft())
        assert revisions_of(await read(quiet, 1)) == [record.mod_revision]


async def check_writes_before_a_future_revision_do_not_make_a_watcher_slow(store: Store) -> None:
    """Events that a watch did not ask for do not wait for it either."""
    base = store.current_revision
    future = base + WATCH_BUFFER * 3
    async with store.watch("/p/", future) as patient, store.watch("/p/", base) as eager:
        for number in range(3):
            await write_often(store, f"/p/{number}", WATCH_BUFFER)
            await read(eager, WATCH_BUFFER)
        await write_often(store, "/p/last", 2)
        assert revisions_of(await read(patient, 2)) == [future + 1, future + 2]


async def check_closing_ends_the_iteration(store: Store) -> None:
    """At once: what waited is not delivered. Closing again does nothing."""
    base = store.current_revision
    await fill(store, ["/p/a"])
    async with store.watch("/p/", base) as watch:
        await fill(store, ["/p/b"])
        watch.close()
        watch.close()
        assert await ended(watch)
        assert await ended(watch)
        assert store.statistics().watchers == 0


async def check_closing_wakes_the_reader(store: Store) -> None:
    """A task that waits for the next batch learns of the end."""
    async with store.watch("/p/", store.current_revision) as watch, asyncio.TaskGroup() as group:
        task = await start_reading(group, watch)
        watch.close()
        assert await task is None
        assert await ended(watch)


async def check_closing_a_watch_that_was_cut(store: Store) -> None:
    """Who closes it does not want to hear of it any more."""
    base = store.current_revision
    async with store.watch("/p/", base) as slow, store.watch("/p/", base) as healthy:
        for number in range(4):
            await write_often(store, f"/p/{number}", WATCH_BUFFER)
            await read(healthy, WATCH_BUFFER)
        slow.close()
        assert await ended(slow)


async def check_leaving_the_block_closes(store: Store) -> None:
    """The watch is over for whoever still holds it."""
    async with store.watch("/p/", store.current_revision) as watch:
        await fill(store, ["/p/a"])
    assert await ended(watch)
    assert store.statistics().watchers == 0


async def check_an_error_in_the_block_closes(store: Store) -> None:
    """The error travels on, and no watch stays open."""
    with refused(WatcherTooSlow):
        async with store.watch("/p/", store.current_revision):
            raise WatcherTooSlow("/p/", 1)
    assert store.statistics().watchers == 0


async def check_closing_one_watch_leaves_the_others(store: Store) -> None:
    """Also those of the same prefix, with and without something to read."""
    base = store.current_revision
    async with (
        store.watch("/p/", base) as closed,
        store.watch("/p/", base) as behind,
        store.watch("/p/", base) as waiting,
        asyncio.TaskGroup() as group,
    ):
        task = await start_reading(group, closed)
        await fill(store, ["/p/a"])
        await read(waiting, 1)
        await task
        other_task = await start_reading(group, waiting)
        task = await start_reading(group, closed)
        closed.close()
        assert await task is None
        await fill(store, ["/p/b"])
        assert await other_task is not None
        assert revisions_of(await read(behind, 2)) == [base + 1, base + 2]


async def check_cancelling_a_reader_loses_nothing(store: Store) -> None:
    """Not of its own events, for the next reader goes on where it waited, and not of another watch's."""
    base = store.current_revision
    async with store.watch("/p/", base) as behind, store.watch("/p/", base) as watch, asyncio.TaskGroup() as group:
        for number in range(3):
            for _ in range(3):
                task = await start_reading(group, watch)
                task.cancel()
                await asyncio.wait([task])
                assert task.cancelled()
            await fill(store, [f"/p/{number}"])
            assert revisions_of(await read(watch, 1)) == [base + 1 + number]
        assert revisions_of(await read(behind, 3)) == [base + 1, base + 2, base + 3]


async def check_cancelling_a_woken_reader_loses_nothing(store: Store) -> None:
    """A reader cancelled at any moment after the write either has the event or has left it."""
    base = store.current_revision
    async with store.watch("/p/", base) as watch, asyncio.TaskGroup() as group:
        seen: list[int] = []
        for number in range(5):
            task = await start_reading(group, watch)
            await fill(store, [f"/p/{number}"])
            await turns(number)
            task.cancel()
            await asyncio.wait([task])
            if task.cancelled():
                seen += revisions_of(await read(watch, 1))
            else:
                seen += revisions_of(task.result() or ())
        assert seen == list(range(base + 1, base + 6))


async def check_a_cancelled_reader_leaves_no_trace(store: Store) -> None:
    """A task that is cancelled within its watch closes it on the way out."""

    async def consume() -> None:
        async with store.watch("/p/", store.current_revision) as watch:
            ready.release()
            async for _ in watch:
                pass

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(consume()) for _ in range(10)]
        for _ in tasks:
            await ready.acquire()
        assert store.statistics().watchers == 10
        await fill(store, ["/p/a"])
        for task in tasks:
            task.cancel()
    assert store.statistics().watchers == 0
    await fill(store, ["/p/b"])


async def check_one_reader_at_a_time(store: Store) -> None:
    """A second one is told so, and the first is not disturbed."""
    async with store.watch("/p/", store.current_revision) as watch, asyncio.TaskGroup() as group:
        task = await start_reading(group, watch)
        try:
            await anext(watch)
        except RuntimeError:
            pass
        else:
            raise AssertionError("RuntimeError was not raised")
        record = await store.create("/p/a", draft())
        assert revisions_of(await task or ()) == [record.mod_revision]


async def check_watchers_are_counted(store: Store) -> None:
    """Open ones only, of whatever prefix."""
    base = store.current_revision
    for _ in range(3):
        async with store.watch("/p/", base), store.watch("/p/", base) as second, store.watch("/nodes/n", base):
            assert store.statistics().watchers == 3
            second.close()
            assert store.statistics().watchers == 2
        assert store.statistics().watchers == 0


async def check_closing_the_store_ends_every_watch(store: Store) -> None:
    """Those that wait, and those that have something to read."""
    base = store.current_revision
    async with (
        store.watch("/p/", base) as waiting,
        store.watch("/nodes/", base) as behind,
        asyncio.TaskGroup() as group,
    ):
        task = await start_reading(group, waiting)
        await fill(store, ["/nodes/n"])
        await store.close()
        assert await task is None
        assert await ended(waiting)
        assert await ended(behind)
        assert store.statistics().watchers == 0
        await store.close()


async def check_a_closed_store_refuses_everything(store: Store) -> None:
    """Reads, writes, compactions and new watches."""
    record = await store.create("/p/a", draft())
    revision = record.mod_revision
    await store.close()
    for call in (
        store.get("/p/a"),
        store.list("/p/"),
        store.create("/p/b", draft()),
        store.update("/p/a", draft(), revision),
        store.delete("/p/a", draft(), revision),
        store.compact(revision),
        store.watch("/p/", revision).__aenter__(),
    ):
        with refused(StoreClosed):
            await call
