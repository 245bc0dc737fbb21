"""How a write finds its watchers, and how they are woken."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from store.errors import WatcherTooSlow
from store.fanout import Fanout, FanoutWatch
from store.interface import Event, Record
from store.testing.helpers import start_reading


class Publisher:
    """A fan-out with a counter, as a store has."""

    def __init__(self, limit: int = 1_000) -> None:
        self.revision = 1
        self.fanout = Fanout(limit, lambda: self.revision)

    def open(self, prefix: str) -> FanoutWatch:
        return self.fanout.open(prefix, self.revision, [])

    def publish(self, *keys: str) -> None:
        for key in keys:
            self.revision += 1
            self.fanout.publish(Event(Record(key, b"", self.revision, self.revision), None))

    def publish_all(self, *keys: str) -> None:
        records = [
            Record(key, b"", self.revision + number, self.revision + number) for number, key in enumerate(keys, 1)
        ]
        self.revision += len(keys)
        self.fanout.publish_all([Event(record, None) for record in records])


async def keys(watch: FanoutWatch) -> list[str]:
    return [event.record.key for event in await anext(watch)]


async def test_every_prefix_finds_its_keys() -> None:
    """All short strings of a slash and two letters watch all others, in two orders of opening and closing."""
    paths = ["".join(letters) for length in range(5) for letters in itertools.product("/ab", repeat=length)]
    for order in (paths, paths[::-1]):
        publisher = Publisher()
        watches: dict[str, FanoutWatch] = {}
        for prefix in order:
            watches[prefix] = publisher.open(prefix)
            publisher.publish(prefix)
            assert await keys(watches[prefix]) == [prefix]
        for watch in watches.values():
            watch.close()
        watches = {prefix: publisher.open(prefix) for prefix in order}
        for publish in (publisher.publish, publisher.publish_all):
            publish(*paths)
            for prefix, watch in watches.items():
                assert await keys(watch) == [path for path in paths if path.startswith(prefix)]
        for prefix in order[::2]:
            watches.pop(prefix).close()
        publisher.publish(*paths)
        for prefix, watch in watches.items():
            assert await keys(watch) == [path for path in paths if path.startswith(prefix)]


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param(range(1, 80), id="all"),
        pytest.param([30, 7, 17], id="few"),
        pytest.param([62, 1, 33, 8, 64], id="far apart"),
    ],
)
async def test_names_of_many_lengths(lengths: Sequence[int]) -> None:
    """Watches of single keys of one directory, each of another length, and writes of all of them."""
    publisher = Publisher()
    names = ["/p/" + "x" * length for length in range(1, 80)]
    watches = {"/p/" + "x" * length: publisher.open("/p/" + "x" * length) for length in lengths}
    publisher.publish(*names)
    for name, watch in watches.items():
        assert await keys(watch) == names[names.index(name) :]


async def test_two_watches_of_keys_of_the_same_length() -> None:
    """One of them goes; the other still hears."""
    publisher = Publisher()
    first, second = publisher.open("/p/a"), publisher.open("/p/b")
    publisher.publish("/p/a", "/p/b")
    assert await keys(second) == ["/p/b"]
    first.close()
    publisher.publish("/p/a", "/p/b")
    assert await keys(second) == ["/p/b"]
    assert len(publisher.fanout) == 1


async def test_many_directories() -> None:
    """More than are remembered at a time."""
    publisher = Publisher(limit=20_000)
    watch = publisher.open("/p/")
    written = [f"/p/{number}/x" for number in range(10_000)]
    publisher.publish(*written)
    assert await keys(watch) == written


async def test_waking_goes_around_those_who_left() -> None:
    """A reader that was cancelled, or a watch closed, between the write and the wake-up does the others no harm."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    publisher = Publisher()
    watches = [publisher.open("/p/") for _ in range(6)]
    async with asyncio.TaskGroup() as group:
        readers = [await start_reading(group, watch) for watch in watches]
        publisher.publish("/p/a", "/p/b")
        readers[0].cancel()
        watches[1].close()
        await asyncio.wait(readers)
    assert readers[0].cancelled()
    assert readers[1].result() is None
    for reader in readers[2:]:
        assert len(reader.result() or ()) == 2
    assert len(await keys(watches[0])) == 2
    assert complaints == []


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        Fanout(limit, lambda: 1)


async def test_many_at_once_are_too_many_as_one_by_one() -> None:
    """Who has read up to what came before is cut off by more than the limit, and not by the limit."""
    publisher = Publisher(limit=5)
    watch, slow = publisher.open("/a/"), publisher.open("/a/")
    publisher.publish("/a/0")
    assert await keys(watch) == ["/a/0"]
    publisher.publish_all(*(f"/a/{number}" for number in range(5)))
    assert len(await keys(watch)) == 5
    with pytest.raises(WatcherTooSlow):
        await anext(slow)
    publisher.publish_all(*(f"/a/{number}" for number in range(12)))
    with pytest.raises(WatcherTooSlow):
        await anext(watch)
    assert len(publisher.fanout) == 0
