"""The store that tells what is written through it."""

from collections.abc import Sequence

from apiserver.admission.observed import ObservedStore
from store.interface import Draft, Record
from store.memory import MemoryStore

POD = "/registry/core/pods/default/p"
DRAFT = Draft(b"{", b"}")


async def test_each_write_is_told_before_it_returns() -> None:
    told: list[tuple[list[int], tuple[str, str], str, bool]] = []

    async def note(records: Sequence[Record], resource: tuple[str, str], namespace: str, deleted: bool) -> None:
        told.append(([record.mod_revision for record in records], resource, namespace, deleted))

    store = ObservedStore(MemoryStore())
    store.after_write = note
    created = await store.create(POD, DRAFT)
    updated = await store.update(POD, DRAFT, created.mod_revision)
    await store.delete(POD, DRAFT, updated.mod_revision)
    deployment = await store.create("/registry/apps/deployments/default/d", DRAFT)
    node = await store.create("/registry/core/nodes/n", DRAFT)
    pods = [await store.create(f"/registry/core/pods/{namespace}/p", DRAFT) for namespace in ("a", "b")]
    pods.append(await store.create("/registry/core/pods/b/q", DRAFT))
    told[5:] = []
    await store.delete_all([node, *pods, created, deployment], lambda record: 1)
    assert told == [
        ([2], ("", "pods"), "default", False),
        ([3], ("", "pods"), "default", False),
        ([4], ("", "pods"), "default", True),
        ([5], ("apps", "deployments"), "default", False),
        ([6], ("", "nodes"), "", False),
        ([10], ("", "nodes"), "", True),
        ([11], ("", "pods"), "a", True),
        ([12, 13], ("", "pods"), "b", True),
        ([14], ("apps", "deployments"), "default", True),
    ]
    assert [store.last_write(resource) for resource in (("", "pods"), ("", "nodes"), ("", "secrets"))] == [13, 10, 0]


async def test_what_is_written_behind_it_is_not_told() -> None:
    store = ObservedStore(MemoryStore())
    await store.behind.create(POD, DRAFT)
    assert store.last_write(("", "pods")) == 0
    assert (await store.get(POD)).key == POD
    assert [record.key for record in (await store.list("/registry/")).records] == [POD]
    assert (store.current_revision, store.statistics().keys) == (2, 1)


async def test_watches_and_compactions_are_those_of_the_store_behind() -> None:
    store = ObservedStore(MemoryStore())
    async with store.watch("/registry/", 1) as watch:
        await store.create(POD, DRAFT)
        assert [event.record.key for event in await anext(watch)] == [POD]
    await store.compact(2)
    assert store.statistics().compact_revision == 2
    await store.close()
