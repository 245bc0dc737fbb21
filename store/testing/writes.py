"""Checks of reading and writing single keys."""

import asyncio

from store.errors import KeyExists, KeyNotFound, RevisionMismatch, StoreError
from store.interface import Record, Store
from store.testing.check import Check
from store.testing.helpers import draft, fill, keys_of, read, refused, revisions_of, value


def write_checks() -> list[Check]:
    return [
        check_first_write_takes_revision_two,
        check_every_write_takes_the_next_revision,
        check_create_returns_what_get_returns,
        check_create_of_an_existing_key,
        check_update_replaces_the_value,
        check_update_of_a_missing_key,
        check_update_at_a_stale_revision,
        check_update_at_the_revision_of_an_earlier_life,
        check_delete_returns_the_last_state,
        check_delete_of_a_missing_key,
        check_delete_at_a_stale_revision,
        check_a_deleted_key_can_be_created_anew,
        check_a_refused_write_is_no_event,
        check_a_key_may_begin_with_another_key,
        check_one_of_many_creates_wins,
        check_one_of_many_updates_wins,
        check_concurrent_writers_get_distinct_revisions,
        check_a_cancelled_write_is_whole_or_nothing,
        check_statistics_count_keys_and_events,
    ]


async def check_first_write_takes_revision_two(store: Store) -> None:
    """A new store is at revision 1; its first write gets 2."""
    assert store.current_revision == 1
    record = await store.create("/pods/a", draft("one"))
    assert record.mod_revision == 2
    assert store.current_revision == 2


async def check_every_write_takes_the_next_revision(store: Store) -> None:
    """Creates, updates and deletes of any keys share one counter."""
    base = store.current_revision
    a = await store.create("/pods/a", draft())
    b = await store.create("/nodes/b", draft())
    a = await store.update("/pods/a", draft(), a.mod_revision)
    gone = await store.delete("/nodes/b", draft(), b.mod_revision)
    assert [b.mod_revision, a.mod_revision, gone.mod_revision] == [base + 2, base + 3, base + 4]
    assert store.current_revision == base + 4


async def check_create_returns_what_get_returns(store: Store) -> None:
    """The value carries its revision, and the draft's labels and fields come back."""
    revision = store.current_revision + 1
    created = await store.create("/pods/a", draft("one", app="web"))
    assert created == Record("/pods/a", value("one", revision), revision, revision, {"app": "web"}, {"text": "one"})
    assert await store.get("/pods/a") == created


async def check_create_of_an_existing_key(store: Store) -> None:
    """It is refused and changes nothing."""
    first = await store.create("/pods/a", draft("one"))
    with refused(KeyExists) as refusal:
        await store.create("/pods/a", draft("two"))
    assert refusal[0].key == "/pods/a"
    assert await store.get("/pods/a") == first
    assert store.current_revision == first.mod_revision


async def check_update_replaces_the_value(store: Store) -> None:
    """The new state keeps its ``create_revision`` and nothing else of the old one."""
    first = await store.create("/pods/a", draft("one", app="web"))
    await store.create("/pods/b", draft())
    revision = store.current_revision + 1
    second = await store.update("/pods/a", draft("two", tier="back"), first.mod_revision)
    assert second == Record(
        "/pods/a", value("two", revision), first.create_revision, revision, {"tier": "back"}, {"text": "two"}
    )
    assert await store.get("/pods/a") == second


async def check_update_of_a_missing_key(store: Store) -> None:
    """It is refused, whatever the expected revision, and creates nothing."""
    before = store.current_revision
    for expected in (0, before):
        with refused(KeyNotFound) as refusal:
            await store.update("/pods/a", draft(), expected)
        assert refusal[0].key == "/pods/a"
    with refused(KeyNotFound):
        await store.get("/pods/a")
    assert store.current_revision == before


async def check_update_at_a_stale_revision(store: Store) -> None:
    """It is refused with the revision that the key really has."""
    first = await store.create("/pods/a", draft("one"))
    second = await store.update("/pods/a", draft("two"), first.mod_revision)
    for expected in (first.mod_revision, second.mod_revision + 1, 0):
        with refused(RevisionMismatch) as refusal:
            await store.update("/pods/a", draft("three"), expected)
        assert (refusal[0].expected, refusal[0].actual) == (expected, second.mod_revision)
    assert await store.get("/pods/a") == second
    assert store.current_revision == second.mod_revision


async def check_update_at_the_revision_of_an_earlier_life(store: Store) -> None:
    """A key that was deleted and created again is another object than the one before."""
    first = await store.create("/pods/a", draft("one"))
    await store.delete("/pods/a", draft("one"), first.mod_revision)
    again = await store.create("/pods/a", draft("two"))
    with refused(RevisionMismatch):
        await store.update("/pods/a", draft("three"), first.mod_revision)
    assert await store.get("/pods/a") == again


async def check_delete_returns_the_last_state(store: Store) -> None:
    """That is the draft handed over, at the revision of the deletion; the key is gone."""
    first = await store.create("/pods/a", draft("one"))
    revision = store.current_revision + 1
    last = await store.delete("/pods/a", draft("going"), first.mod_revision)
    assert last == Record("/pods/a", value("going", revision), first.create_revision, revision, {}, {"text": "going"})
    assert store.current_revision == revision
    with refused(KeyNotFound) as refusal:
        await store.get("/pods/a")
    assert refusal[0].key == "/pods/a"
    assert not (await store.list("/pods/")).records


async def check_delete_of_a_missing_key(store: Store) -> None:
    """It is refused, also the second time."""
    first = await store.create("/pods/a", draft())
    last = await store.delete("/pods/a", draft(), first.mod_revision)
    for expected in (first.mod_revision, last.mod_revision):
        with refused(KeyNotFound):
            await store.delete("/pods/a", draft(), expected)
    assert store.current_revision == last.mod_revision


async def check_delete_at_a_stale_revision(store: Store) -> None:
    """It is refused with the revision that the key really has."""
    first = await store.create("/pods/a", draft("one"))
    second = await store.update("/pods/a", draft("two"), first.mod_revision)
    with refused(RevisionMismatch) as refusal:
        await store.delete("/pods/a", draft(), first.mod_revision)
    assert (refusal[0].expected, refusal[0].actual) == (first.mod_revision, second.mod_revision)
    assert await store.get("/pods/a") == second
    assert store.current_revision == second.mod_revision


async def check_a_deleted_key_can_be_created_anew(store: Store) -> None:
    """The new life has a ``create_revision`` of its own."""
    first = await store.create("/pods/a", draft("one"))
    last = await store.delete("/pods/a", draft("one"), first.mod_revision)
    again = await store.create("/pods/a", draft("two"))
    assert again.create_revision == again.mod_revision == last.mod_revision + 1
    assert await store.get("/pods/a") == again


async def check_a_refused_write_is_no_event(store: Store) -> None:
    """Watchers see the writes before and after it, and nothing in between."""
    base = store.current_revision
    async with store.watch("/pods/", base) as watch:
        first = await store.create("/pods/a", draft())
        with refused(KeyExists):
            await store.create("/pods/a", draft())
        with refused(RevisionMismatch):
            await store.update("/pods/a", draft(), base)
        with refused(KeyNotFound):
            await store.delete("/pods/b", draft(), base)
        await store.update("/pods/a", draft(), first.mod_revision)
        assert revisions_of(await read(watch, 2)) == [base + 1, base + 2]


async def check_a_key_may_begin_with_another_key(store: Store) -> None:
    """``/pods/a``, ``/pods/ab`` and ``/pods/a/b`` have nothing to do with one another."""
    records = await fill(store, ["/pods/a", "/pods/ab", "/pods/a/b"])
    await store.delete("/pods/a", draft(), records[0].mod_revision)
    assert await store.get("/pods/ab") == records[1]
    assert await store.get("/pods/a/b") == records[2]


async def check_one_of_many_creates_wins(store: Store) -> None:
    """The others learn that the key exists."""

    async def create(number: int) -> Record | None:
        try:
            return await store.create("/pods/a", draft(str(number)))
        except KeyExists:
            return None

    before = store.current_revision
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(create(number)) for number in range(20)]
    winners = [record for task in tasks if (record := task.result()) is not None]
    assert winners == [await store.get("/pods/a")]
    assert store.current_revision == before + 1


async def check_one_of_many_updates_wins(store: Store) -> None:
    """Of those that expect the same revision; the others learn what it is now."""
    first = await store.create("/pods/a", draft("one"))

    async def update(number: int) -> Record | StoreError:
        try:
            return await store.update("/pods/a", draft(str(number)), first.mod_revision)
        except RevisionMismatch as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(update(number)) for number in range(20)]
    results = [task.result() for task in tasks]
    winners = [result for result in results if isinstance(result, Record)]
    assert winners == [await store.get("/pods/a")]
    losers = [result for result in results if isinstance(result, RevisionMismatch)]
    assert {(loser.expected, loser.actual) for loser in losers} == {(first.mod_revision, winners[0].mod_revision)}
    assert len(losers) == 19


async def check_concurrent_writers_get_distinct_revisions(store: Store) -> None:
    """No revision is given twice and none is left out."""
    base = store.current_revision

    async def write(writer: int) -> list[int]:
        key = f"/pods/{writer}"
        revisions = [(await store.create(key, draft("0"))).mod_revision]
        for number in range(1, 10):
            revisions.append((await store.update(key, draft(str(number)), revisions[-1])).mod_revision)
        return revisions

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(write(writer)) for writer in range(10)]
    assert sorted(revision for task in tasks for revision in task.result()) == list(range(base + 1, base + 101))


async def check_a_cancelled_write_is_whole_or_nothing(store: Store) -> None:
    """What a get finds, what the counter says and what a watcher sees agree."""
    base = store.current_revision
    started = asyncio.Event()

    async def create(number: int) -> None:
        started.set()
        await store.create(f"/pods/{number}", draft())

    async with store.watch("/pods/", base) as watch, asyncio.TaskGroup() as group:
        tasks = [group.create_task(create(number)) for number in range(5)]
        await started.wait()
        tasks += [group.create_task(create(number)) for number in range(5, 10)]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        written = keys_of((await store.list("/pods/")).records)
        assert store.current_revision == base + len(written)
        await store.create("/pods/last", draft())
        events = await read(watch, len(written) + 1)
        assert sorted(event.record.key for event in events) == [*written, "/pods/last"]


async def check_statistics_count_keys_and_events(store: Store) -> None:
    """The numbers follow the writes."""
    before = store.statistics()
    records = await fill(store, ["/pods/a", "/pods/b"])
    await store.delete("/pods/a", draft(), records[0].mod_revision)
    after = store.statistics()
    assert (after.keys, after.history) == (before.keys + 1, before.history + 3)
    assert after.revision == store.current_revision == before.revision + 3
