"""What the checks share: drafts that are easy to compare, and readers of a watch that cannot hang."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from store.errors import StoreError
from store.interface import Draft, Event, Record, Store, Watch

Refusal = TypeVar("Refusal", bound=StoreError)

HISTORY_LIMIT = 2_000
"""A store under test must keep this many events unless it is told to compact."""

WATCH_BUFFER = 100
"""A store under test must let exactly this many events wait for a watcher before it cuts it off."""

DEADLINE = 20.0
"""Seconds that an event which is due may take; only a broken store makes a check wait as long."""

_REVISION = b'"revision":"'


def draft(text: str = "", **labels: str) -> Draft:
    """Return a draft of a small object; :func:`value` tells its bytes at a revision."""
    return Draft(b'{"text":"%b","revision":"' % text.encode(), b'"}', labels, {"text": text})


def value(text: str, revision: int) -> bytes:
    return b'{"text":"%b","revision":"%d"}' % (text.encode(), revision)


def revision_at(record: Record) -> int:
    """Return where in the value of such an object its revision stands."""
    return record.value.index(_REVISION) + len(_REVISION)


async def fill(store: Store, keys: Iterable[str]) -> list[Record]:
    """Create each key with its own name as text."""
    return [await store.create(key, draft(key)) for key in keys]


async def write_often(store: Store, key: str, times: int) -> None:
    """Create a key and update it, ``times`` writes in all."""
    record = await store.create(key, draft("1"))
    for number in range(2, times + 1):
        record = await store.update(key, draft(str(number)), record.mod_revision)


async def read(watch: Watch, count: int) -> list[Event]:
    """Read batches until there are ``count`` events; more than that is a failure, and so is an empty batch."""
    events: list[Event] = []
    async with asyncio.timeout(DEADLINE):
        while len(events) < count:
            batch = await anext(watch)
            assert batch, "a batch is never empty"
            events.extend(batch)
    assert len(events) == count
    return events


async def ended(watch: Watch) -> bool:
    """Return whether the next step of the iteration is its end."""
    async with asyncio.timeout(DEADLINE):
        return await anext(watch, None) is None


async def start_reading(group: asyncio.TaskGroup, watch: Watch) -> asyncio.Task[Sequence[Event] | None]:
    """Return a task that waits for the next batch already; its result is ``None`` when the watch ends."""
    started = asyncio.Event()

    async def next_batch() -> Sequence[Event] | None:
        started.set()
        async with asyncio.timeout(DEADLINE):
            return await anext(watch, None)

    task = group.create_task(next_batch())
    # The event wakes this task only after the other one has run on to its first wait, inside the watch.
    await started.wait()
    return task


async def turns(count: int) -> None:
    """Let every task that is ready run, ``count`` times."""
    for _ in range(count):
        turn = asyncio.Event()
        asyncio.get_running_loop().call_soon(turn.set)
        await turn.wait()


def keys_of(records: Iterable[Record]) -> list[str]:
    return [record.key for record in records]


def revisions_of(events: Iterable[Event]) -> list[int]:
    return [event.revision for event in events]


@contextmanager
def refused(kind: type[Refusal]) -> Iterator[list[Refusal]]:
    """Fail unless the block raises ``kind``; what was raised is put into the list, for a closer look."""
    caught: list[Refusal] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
    else:
        raise AssertionError(f"{kind.__name__} was not raised")
