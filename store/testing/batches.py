"""Checks of deleting many keys in one step."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from store.interface import Event, ListOptions, Record, Store
from store.testing.check import Check
from store.testing.helpers import draft, fill, keys_of, read, revision_at, turns, value


def batch_checks() -> list[Check]:
    return [
        check_delete_all_returns_the_last_states,
        check_delete_all_is_one_event_each,
        check_delete_all_passes_over_what_changed,
        check_delete_all_of_nothing,
        check_delete_all_leaves_the_others,
        check_delete_all_beside_other_writers,
        check_history_before_delete_all,
    ]


async def check_delete_all_returns_the_last_states(store: Store) -> None:
    """As they were, but for the revision, in the order given, whatever the order of the keys."""
    b = await store.create("/p/b", draft("b", app="web"))
    a = await store.create("/p/a", draft("a"))
    base = store.current_revision
    assert await store.delete_all([b, a], revision_at) == [
        Record("/p/b", value("b", base + 1), b.create_revision, base + 1, {"app": "web"}, {"text": "b"}),
        Record("/p/a", value("a", base + 2), a.create_revision, base + 2, {}, {"text": "a"}),
    ]
    assert store.current_revision == base + 2


async def check_delete_all_is_one_event_each(store: Store) -> None:
    """In order of their revisions, for watches of any prefix, live and in a replay."""
    records = await fill(store, [f"/{folder}/{name}" for folder in "pq" for name in ("a", "ab", "b")])
    base, order = store.current_revision, records[::2] + records[1::2]
    async with AsyncExitStack() as stack:
        prefixes = ["/", "/p/", "/q/", "/p/a", "/p/ab"]
        watches = [(prefix, await stack.enter_async_context(store.watch(prefix, base))) for prefix in prefixes]
        deleted = await store.delete_all(order, revision_at)
        watches += [(prefix, await stack.enter_async_context(store.watch(prefix, base))) for prefix in prefixes]
        expected = [Event(last, before, deleted=True) for last, before in zip(deleted, order, strict=True)]
        for prefix, watch in watches:
            mine = [event for event in expected if event.record.key.startswith(prefix)]
            assert await read(watch, len(mine)) == mine


async def check_delete_all_passes_over_what_changed(store: Store) -> None:
    """And over what has gone, without a revision for it."""
    a, b, c = await fill(store, ["/p/a", "/p/b", "/p/c"])
    newer = await store.update("/p/a", draft("newer"), a.mod_revision)
    await store.delete("/p/b", draft("gone"), b.mod_revision)
    base = store.current_revision
    async with store.watch("/p/", base) as watch:
        assert keys_of(await store.delete_all([a, b, c], revision_at)) == ["/p/c"]
        events = await read(watch, 1)
        assert [(event.record.key, event.previous, event.revision) for event in events] == [("/p/c", c, base + 1)]
    assert await store.get("/p/a") == newer
    assert keys_of((await store.list("/p/")).records) == ["/p/a"]


async def check_delete_all_of_nothing(store: Store) -> None:
    """No event, no revision."""
    (a,) = await fill(store, ["/p/a"])
    await store.update("/p/a", draft("newer"), a.mod_revision)
    base = store.current_revision
    assert not await store.delete_all([], revision_at)
    assert not await store.delete_all([a], revision_at)
    assert store.current_revision == base


async def check_delete_all_leaves_the_others(store: Store) -> None:
    """Few of many, and many of more: they are listed, paged and written as before."""
    records = await fill(store, [f"/p/{number:03}" for number in range(300)])
    left = {record.key for record in records}
    for doomed in (records[10:20], records[50:250]):
        await store.delete_all(doomed, revision_at)
        left -= set(keys_of(doomed))
        assert keys_of((await store.list("/p/")).records) == sorted(left)
    await fill(store, ["/p/015", "/p/100"])
    assert keys_of((await store.list("/p/")).records) == sorted(left | {"/p/015", "/p/100"})
    assert store.statistics().keys == len(left) + 2


async def check_delete_all_beside_other_writers(store: Store) -> None:
    """No other write has a revision in between, and no reader finds one key gone and another not."""
    records = await fill(store, [f"/p/{number}" for number in range(40)])
    seen: list[int] = []
    done = asyncio.Event()

    async def look() -> None:
        while not done.is_set():
            seen.append(len((await store.list("/p/")).records))
            await turns(1)

    async def write(number: int) -> int:
        return (await store.create(f"/q/{number}", draft())).mod_revision

    async def delete() -> Sequence[Record]:
        deleted = await store.delete_all(records, revision_at)
        done.set()
        return deleted

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        before = [group.create_task(write(number)) for number in range(5)]
        task = group.create_task(delete())
        after = [group.create_task(write(number)) for number in range(5, 10)]
    revisions = [record.mod_revision for record in task.result()]
    assert revisions == list(range(revisions[0], revisions[0] + 40))
    assert not set(revisions) & {writer.result() for writer in before + after}
    assert set(seen) <= {40, 0}


async def check_history_before_delete_all(store: Store) -> None:
    """What was there can still be listed at the revision before, and at each within."""
    records = await fill(store, ["/p/a", "/p/b", "/p/c"])
    base = store.current_revision
    await store.delete_all(records, revision_at)
    for gone in range(4):
        listed = await store.list("/p/", ListOptions(revision=base + gone))
        assert listed.records == records[gone:]
