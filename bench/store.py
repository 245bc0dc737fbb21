"""What the memory store costs: writes with and without watchers, lists, pages.

    python -m bench.store

The figures compare two states of the code on one machine in one minute; nothing asserts them. Joining an
object's two halves (``Draft.at``) is measured apart, since every store pays for it and most of it is the kernel
handing out fresh memory.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from store.interface import Draft, ListOptions, Record, Watch
from store.memory import MemoryStore

POD = Draft(b"x" * 1200, b"y" * 1300, {"app": "web"}, {"spec.nodeName": "node-1", "status.phase": "Running"})


def keys(count: int) -> list[str]:
    """Return ``count`` pod keys of 40 namespaces, in no order."""
    rng = random.Random(0)
    return [f"/registry/pods/ns-{rng.randrange(40)}/web-{rng.getrandbits(40):010x}" for _ in range(count)]


def show(label: str, seconds: float, count: int = 1) -> None:
    each = f"{seconds / count * 1e6:8.2f} us each {count / seconds:10,.0f}/s" if count > 1 else ""
    print(f"  {label:58} {seconds * 1e3:9.2f} ms {each}")


async def turn() -> None:
    await asyncio.sleep(0)


async def write(count: int) -> None:
    print(f"{count:,} records of 2.5 KB, no watcher")
    names = keys(count)
    # Kept, so that every value takes fresh memory, as in the store.
    start = time.perf_counter()
    values = [POD.at(number) for number in range(count)]
    show("Draft.at alone", time.perf_counter() - start, count)
    del values
    store = MemoryStore()
    start = time.perf_counter()
    records = [await store.create(name, POD) for name in names]
    show("create", time.perf_counter() - start, count)
    start = time.perf_counter()
    records = [await store.update(record.key, POD, record.mod_revision) for record in records]
    show("update", time.perf_counter() - start, count)
    start = time.perf_counter()
    for record in records:
        await store.delete(record.key, POD, record.mod_revision)
    show("delete", time.perf_counter() - start, count)
    await store.close()


@asynccontextmanager
async def reading(store: MemoryStore, prefixes: list[str]) -> AsyncIterator[list[int]]:
    """Watch each of the prefixes in a task of its own; yield how many events each has read."""
    read = [0] * len(prefixes)

    async def consume(index: int, watch: Watch) -> None:
        async for batch in watch:
            read[index] += len(batch)

    async with AsyncExitStack() as watches, asyncio.TaskGroup() as group:
        for index, prefix in enumerate(prefixes):
            watch = await watches.enter_async_context(store.watch(prefix, store.current_revision))
            group.create_task(consume(index, watch))
        await turn()
        yield read
        await store.close()


async def fan_out(label: str, prefixes: list[str], writes: int, burst: int, seen: int) -> None:
    """Time ``writes`` updates, ``burst`` per turn of the loop, until watchers have read ``seen`` events in all."""
    store = MemoryStore()
    records: dict[str, Record] = {}
    names = keys(64)
    for name in names:
        records[name] = await store.create(name, POD)
    async with reading(store, prefixes) as read:
        spent_writing = 0.0
        start = time.perf_counter()
        for done in range(0, writes, burst):
            began = time.perf_counter()
            for number in range(done, done + burst):
                record = records[names[number % len(names)]]
                records[record.key] = await store.update(record.key, POD, record.mod_revision)
            spent_writing += time.perf_counter() - began
            await turn()
        while sum(read) < seen:
            await turn()
        elapsed = time.perf_counter() - start
    show(f"{label}, {burst} a turn", elapsed, writes)
    show("    of that in the writer", spent_writing, writes)


async def watch_while_writing() -> None:
    print("updates until every watcher has read them")
    pods = "/registry/pods/"
    for burst in (1, 16):
        for watchers, writes in ((0, 8_000), (1, 8_000), (100, 1_600), (1_000, 320)):
            await fan_out(f"{watchers:5,} watchers of all pods", [pods] * watchers, writes, burst, watchers * writes)
        others = [f"/registry/secrets/ns-1/token-{number}" for number in range(1_000)]
        await fan_out("1,000 watchers elsewhere, a prefix each", others, 8_000, burst, 0)
        same = [f"/registry/pods/ns-1/other-{number}" for number in range(1_000)]
        await fan_out("1,000 watchers of one key each, some close by", same, 8_000, burst, 0)


async def read(count: int) -> None:
    print(f"{count:,} records of 2.5 KB")
    store = MemoryStore()
    records = [await store.create(name, POD) for name in keys(count)]

    async def timed(label: str, prefix: str, options: ListOptions) -> None:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            await store.list(prefix, options)
            times.append(time.perf_counter() - start)
        show(label, min(times))

    async def pages(label: str, revision: int) -> None:
        start = time.perf_counter()
        number, last, remaining = 0, None, 1
        while remaining:
            page = await store.list("/registry/pods/", ListOptions(500, last, revision))
            last, remaining, number = page.records[-1].key, page.remaining, number + 1
        show(label, time.perf_counter() - start, number)

    await timed("list all", "/registry/pods/", ListOptions())
    await timed("list one namespace of 40", "/registry/pods/ns-7/", ListOptions())
    await timed("list the first 500", "/registry/pods/", ListOptions(limit=500))
    first = store.current_revision
    await pages("pages of 500", first)
    for record in records[:5_000]:
        await store.update(record.key, POD, record.mod_revision)
    await pages("pages of 500, 5,000 updates after the first", first)
    await timed("list all as before 5,000 updates", "/registry/pods/", ListOptions(revision=first))
    start = time.perf_counter()
    async with store.watch("/registry/pods/", first):
        show("open a watch with 5,000 events to replay", time.perf_counter() - start)
    await store.close()


async def main() -> None:
    await write(50_000)
    await read(8_000)
    await read(50_000)
    await watch_while_writing()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
