"""Checks of lists: order, prefixes, pages, and the state as of an old revision."""

from store.errors import FutureRevision
from store.interface import ListOptions, Record, Store
from store.testing.check import Check
from store.testing.helpers import draft, fill, keys_of, refused


def list_checks() -> list[Check]:
    return [
        check_list_of_nothing,
        check_list_is_in_key_order,
        check_list_keeps_to_its_prefix,
        check_list_of_the_whole_store,
        check_list_with_a_limit,
        check_list_after_a_key,
        check_pages_make_up_the_list,
        check_a_list_is_a_snapshot,
        check_list_at_the_current_revision,
        check_list_before_an_update,
        check_list_before_a_deletion,
        check_list_before_a_creation,
        check_list_before_a_deletion_and_a_new_life,
        check_list_before_writes_elsewhere,
        check_list_at_every_revision,
        check_pages_at_the_first_page_s_revision,
        check_remaining_at_an_old_revision,
        check_list_at_a_future_revision,
    ]


async def check_list_of_nothing(store: Store) -> None:
    """An empty list has a revision to watch from, whether the store is empty or only the prefix."""
    for _ in range(2):
        result = await store.list("/pods/")
        assert (list(result.records), result.revision, result.remaining) == ([], store.current_revision, 0)
        await store.create(f"/nodes/{store.current_revision}", draft())


async def check_list_is_in_key_order(store: Store) -> None:
    """By code point, which is also the order of the keys' UTF-8 bytes."""
    ordered = ["/p/", "/p/A", "/p/a", "/p/a-b", "/p/a/b", "/p/a0", "/p/aa", "/p/ä", "/p/\uffff", "/p/\U0001f600"]
    await fill(store, reversed(ordered))
    assert keys_of((await store.list("/p/")).records) == ordered


async def check_list_keeps_to_its_prefix(store: Store) -> None:
    """A prefix is a plain string; with a slash at its end it is a directory."""
    await fill(store, ["/pods", "/pods/ns1/a", "/pods/ns1/b", "/pods/ns10/a", "/pods/ns2/a", "/pods0", "/podsx/ns1/a"])
    for prefix, expected in {
        "/pods/ns1/": ["/pods/ns1/a", "/pods/ns1/b"],
        "/pods/ns1": ["/pods/ns1/a", "/pods/ns1/b", "/pods/ns10/a"],
        "/pods/": ["/pods/ns1/a", "/pods/ns1/b", "/pods/ns10/a", "/pods/ns2/a"],
        "/pods/ns2/a": ["/pods/ns2/a"],
        "/pods/ns2/a/": [],
        "/pods/ns3/": [],
    }.items():
        assert keys_of((await store.list(prefix)).records) == expected


async def check_list_of_the_whole_store(store: Store) -> None:
    """Every key starts with the empty prefix."""
    await fill(store, ["/b", "/a", "c"])
    assert keys_of((await store.list("")).records) == ["/a", "/b", "c"]


async def check_list_with_a_limit(store: Store) -> None:
    """A page holds the first keys; ``remaining`` counts the others under the prefix."""
    await fill(store, ["/o/x", "/p/a", "/p/b", "/p/c", "/q/x"])
    for limit, expected, remaining in (
        (1, ["/p/a"], 2),
        (2, ["/p/a", "/p/b"], 1),
        (3, ["/p/a", "/p/b", "/p/c"], 0),
        (9, ["/p/a", "/p/b", "/p/c"], 0),
        (0, ["/p/a", "/p/b", "/p/c"], 0),
    ):
        result = await store.list("/p/", ListOptions(limit=limit))
        assert (keys_of(result.records), result.remaining) == (expected, remaining)


async def check_list_after_a_key(store: Store) -> None:
    """``start_after`` need not exist, nor lie under the prefix."""
    await fill(store, ["/o/x", "/p/a", "/p/aa", "/p/b", "/q/x"])
    for start_after, expected in {
        "/p/a": ["/p/aa", "/p/b"],
        "/p/ab": ["/p/b"],
        "/p/b": [],
        "/o/x": ["/p/a", "/p/aa", "/p/b"],
        "": ["/p/a", "/p/aa", "/p/b"],
        "/q/": [],
        "/z": [],
    }.items():
        result = await store.list("/p/", ListOptions(start_after=start_after))
        assert (keys_of(result.records), result.remaining) == (expected, 0)
        page = await store.list("/p/", ListOptions(limit=1, start_after=start_after))
        assert (keys_of(page.records), page.remaining) == (expected[:1], len(expected[1:]))


async def pages(store: Store, prefix: str, limit: int, revision: int | None) -> list[Record]:
    """Return all records of a list read page by page, checking ``remaining`` on the way."""
    page = await store.list(prefix, ListOptions(limit=limit, revision=revision))
    records = [*page.records]
    while page.remaining:
        before = page.remaining
        assert len(page.records) == limit
        page = await store.list(prefix, ListOptions(limit, records[-1].key, page.revision))
        assert page.remaining == before - len(page.records)
        records.extend(page.records)
    return records


async def check_pages_make_up_the_list(store: Store) -> None:
    """Nothing is left out and nothing comes twice, whatever the size of the page."""
    await fill(store, [f"/p/{number * 7919 % 50}" for number in range(50)])
    whole = (await store.list("/p/")).records
    for limit in (1, 7, 49, 50, 51):
        assert await pages(store, "/p/", limit, None) == list(whole)


async def check_a_list_is_a_snapshot(store: Store) -> None:
    """Later writes do not reach into a result that was handed out."""
    first, second = await fill(store, ["/p/a", "/p/b"])
    result = await store.list("/p/")
    await store.update("/p/a", draft("two"), first.mod_revision)
    await store.delete("/p/b", draft(), second.mod_revision)
    await store.create("/p/c", draft())
    assert list(result.records) == [first, second]


async def check_list_at_the_current_revision(store: Store) -> None:
    """It is the list without a revision."""
    await fill(store, ["/p/a", "/p/b", "/nodes/n"])
    newest = await store.list("/p/")
    assert newest.revision == store.current_revision
    assert await store.list("/p/", ListOptions(revision=store.current_revision)) == newest


async def check_list_before_an_update(store: Store) -> None:
    """The state as of an old revision carries that revision, not the newest."""
    first, second = await fill(store, ["/p/a", "/p/b"])
    revision = store.current_revision
    updated = await store.update("/p/a", draft("two"), first.mod_revision)
    await store.update("/p/a", draft("three"), updated.mod_revision)
    result = await store.list("/p/", ListOptions(revision=revision))
    assert (list(result.records), result.revision) == ([first, second], revision)
    between = await store.list("/p/", ListOptions(revision=updated.mod_revision))
    assert list(between.records) == [updated, second]


async def check_list_before_a_deletion(store: Store) -> None:
    """A key deleted since is there as it was; at the deletion's revision it is not."""
    first, second, third = await fill(store, ["/p/a", "/p/b", "/p/c"])
    revision = store.current_revision
    last = await store.delete("/p/b", draft("going"), second.mod_revision)
    assert list((await store.list("/p/", ListOptions(revision=revision))).records) == [first, second, third]
    assert list((await store.list("/p/", ListOptions(revision=last.mod_revision))).records) == [first, third]


async def check_list_before_a_creation(store: Store) -> None:
    """A key created since is not there, nor is one that came and went."""
    (first,) = await fill(store, ["/p/b"])
    revision = store.current_revision
    a, c = await fill(store, ["/p/a", "/p/c"])
    await store.update("/p/a", draft("two"), a.mod_revision)
    await store.delete("/p/c", draft(), c.mod_revision)
    assert list((await store.list("/p/", ListOptions(revision=revision))).records) == [first]


async def check_list_before_a_deletion_and_a_new_life(store: Store) -> None:
    """A key of many lives is listed in the one it had."""
    first = await store.create("/p/a", draft("one"))
    last = await store.delete("/p/a", draft("one"), first.mod_revision)
    second = await store.create("/p/a", draft("two"))
    await store.delete("/p/a", draft("two"), second.mod_revision)
    await store.create("/p/a", draft("three"))
    for revision, expected in ((first.mod_revision, [first]), (last.mod_revision, []), (second.mod_revision, [second])):
        assert list((await store.list("/p/", ListOptions(revision=revision))).records) == expected


async def check_list_before_writes_elsewhere(store: Store) -> None:
    """Keys of other prefixes stay out of an old list, as they do out of the newest."""
    own, below, beside, elsewhere = await fill(store, ["/p/a", "/p/a/x", "/p/b", "/nodes/n"])
    revision = store.current_revision
    for record in (own, below, beside, elsewhere):
        await store.update(record.key, draft("two"), record.mod_revision)
    await fill(store, ["/p0", "/p/c"])
    for prefix, expected in {
        "/p/a": [own, below],
        "/p/a/": [below],
        "/p/": [own, below, beside],
        "": [elsewhere, own, below, beside],
    }.items():
        assert list((await store.list(prefix, ListOptions(revision=revision))).records) == expected
        assert await pages(store, prefix, 1, revision) == expected


async def check_list_at_every_revision(store: Store) -> None:
    """Every state the store went through can be told afterwards, whole and page by page."""
    alive: dict[str, Record] = {}
    states = {store.current_revision: list[Record]()}
    for step in range(60):
        # 7 and 5 have no common factor, so the keys' lives overlap in every way.
        key = f"/p/{step * 5 % 7}"
        if key not in alive:
            alive[key] = await store.create(key, draft(str(step)))
        elif step % 3:
            alive[key] = await store.update(key, draft(str(step)), alive[key].mod_revision)
        else:
            await store.delete(key, draft(str(step)), alive.pop(key).mod_revision)
        states[store.current_revision] = [alive[name] for name in sorted(alive)]
    for revision, expected in states.items():
        assert list((await store.list("/p/", ListOptions(revision=revision))).records) == expected
        assert await pages(store, "/p/", 2, revision) == expected


async def check_pages_at_the_first_page_s_revision(store: Store) -> None:
    """Pages tell one state, however much is written between them."""
    records = await fill(store, [f"/p/{number:02}" for number in range(20)])
    page = await store.list("/p/", ListOptions(limit=5))
    revision, listed = page.revision, [*page.records]
    while page.remaining:
        number = len(listed)
        behind, ahead = records[number - 1], records[number]
        await store.delete(behind.key, draft(), behind.mod_revision)
        await store.update(ahead.key, draft("new"), ahead.mod_revision)
        await store.delete(records[number + 3].key, draft(), records[number + 3].mod_revision)
        await fill(store, [f"/p/{number - 1:02}x", f"/p/{number:02}x", f"/p/{number:02}-"])
        page = await store.list("/p/", ListOptions(5, listed[-1].key, revision))
        listed.extend(page.records)
        assert (page.revision, listed) == (revision, records[: number + 5])
    assert len(listed) == len(records)


async def check_remaining_at_an_old_revision(store: Store) -> None:
    """It counts the keys of that revision, not those of today."""
    records = await fill(store, ["/p/a", "/p/c", "/p/e", "/p/g"])
    revision = store.current_revision
    await store.delete("/p/g", draft(), records[3].mod_revision)
    await store.delete("/p/a", draft(), records[0].mod_revision)
    await store.update("/p/e", draft(), records[2].mod_revision)
    await fill(store, ["/p/b", "/p/d", "/p/f", "/p/h"])
    for limit, start_after, expected, remaining in (
        (1, None, ["/p/a"], 3),
        (2, None, ["/p/a", "/p/c"], 2),
        (1, "/p/a", ["/p/c"], 2),
        (1, "/p/d", ["/p/e"], 1),
        (2, "/p/d", ["/p/e", "/p/g"], 0),
        (1, "/p/g", [], 0),
    ):
        result = await store.list("/p/", ListOptions(limit, start_after, revision))
        assert (keys_of(result.records), result.remaining) == (expected, remaining)


async def check_list_at_a_future_revision(store: Store) -> None:
    """It is refused rather than waited for."""
    await fill(store, ["/p/a"])
    future = store.current_revision + 1
    with refused(FutureRevision) as refusal:
        await store.list("/p/", ListOptions(revision=future))
    assert (refusal[0].revision, refusal[0].current_revision) == (future, store.current_revision)
