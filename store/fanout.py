"""From one write to every watcher that has to see it, at a cost for the writer that does not grow with them.

Watchers of the same prefix share one :class:`Topic`: a short log of the events that not all of them have read.
A write appends its event to the few topics that cover its key and looks at no watcher; a watcher is little
more than the revision up to which it has read. A burst of writes within one turn of the event loop is one
wake-up.

*Memory.* A topic's log is emptied whenever all its watchers wait for the next event. It never stays as long as twice
``limit``: then all but the newest ``limit`` events go, and with them every watcher that had not read those.

*Finding the topics.* Prefixes are plain strings. Most end in ``/``, and which of those cover a key depends on
the key's directory only, so the answer is remembered per directory. The others ("ragged": a full key, the
beginning of a name) may cover some keys of their own directory and not others; they take one look-up for each
distinct prefix length there.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from store.errors import WatcherTooSlow
from store.interface import Event, Watch

_ROUTES_LIMIT = 4096
"""How many directories' answers are remembered before starting afresh."""


class Topic:
    """The watchers of one prefix, and the events that some of them have still to read."""

    def __init__(self, prefix: str, limit: int) -> None:
        self.prefix = prefix
        self.limit = limit
        self.watchers: set[FanoutWatch] = set()
        self.waiters: set[asyncio.Future[None]] = set()
        """One for each watcher that has read everything and waits to be woken."""
        self.last = 0
        """The revision of the newest event ever appended."""
        self._events: list[Event] = []
        self._revisions: list[int] = []

    def append(self, event: Event) -> None:
        self.last = event.record.mod_revision
        self._events.append(event)
        self._revisions.append(self.last)
        self._grown()

    def extend(self, events: Sequence[Event]) -> None:
        """Append several events, in the order of their revisions."""
        self._events += events
        self._revisions += [event.record.mod_revision for event in events]
        self.last = self._revisions[-1]
        self._grown()

    def _grown(self) -> None:
        if self.waiters:
            waiters, self.waiters = self.waiters, set()
            # In a turn of its own: waking a thousand tasks is not for the writer to wait for.
            asyncio.get_running_loop().call_soon(_wake, waiters)
        if len(self._events) >= 2 * self.limit:
            self._drop_older_part()

    def unread(self, seen: int) -> list[Event]:
        """Return the events after revision ``seen``; raise ``WatcherTooSlow`` when they are too many."""
        if self.last <= seen:
            return []
        start = bisect_right(self._revisions, seen)
        if len(self._events) - start > self.limit:
            raise WatcherTooSlow(self.prefix, self.limit)
        return self._events[start:]

    def forget_read(self) -> None:
        """Empty the log if every watcher waits, for then each of them has read all of it."""
        if self._events and len(self.waiters) == len(self.watchers):
            self._events.clear()
            self._revisions.clear()

    def _drop_older_part(self) -> None:
        surplus = len(self._events) - self.limit
        dropped = self._revisions[surplus - 1]
        del self._events[:surplus]
        del self._revisions[:surplus]
        for watch in [watch for watch in self.watchers if watch.seen < dropped]:
            watch.cut()


def _wake(waiters: set[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


class FanoutWatch(Watch):
    """A watch that yields a replay first and then its topic's log. :meth:`Fanout.open` makes them."""

    def __init__(self, fanout: "Fanout", topic: Topic, after_revision: int, replay: list[Event]) -> None:
        self._fanout = fanout
        self._topic = topic
        self._replay = replay
        self._progress = after_revision
        self.seen = max(after_revision, fanout.current_revision())
        """What of the topic is behind this watch: read already, in the replay, or not asked for."""
        self._waiter: asyncio.Future[None] | None = None
        self._open = True
        self._was_cut = False

    def __aiter__(self) -> AsyncIterator[Sequence[Event]]:
        return self

    async def __anext__(self) -> Sequence[Event]:
        if self._waiter is not None:
            raise RuntimeError("another task is iterating this watch")
        topic = self._topic
        while self._open:
            if self._replay or topic.last > self.seen:
                return self._take()
            self._waiter = waiter = asyncio.get_running_loop().create_future()
            topic.waiters.add(waiter)
            topic.forget_read()
            try:
                await waiter
            finally:
                topic.waiters.discard(waiter)
                self._waiter = None
        if self._was_cut:
            self._was_cut = False
            raise WatcherTooSlow(topic.prefix, topic.limit)
        raise StopAsyncIteration

    def _take(self) -> list[Event]:
        try:
            batch = self._topic.unread(self.seen)
        except WatcherTooSlow:
            self.close()
            raise
        if batch:
            self.seen = self._topic.last
        if self._replay:
            batch = self._replay + batch
            self._replay = []
        self._progress = batch[-1].record.mod_revision
        return batch

    @property
    def progress_revision(self) -> int:
        if self._open and not self._replay and self._topic.last <= self.seen:
            self._progress = max(self._progress, self._fanout.current_revision())
        return self._progress

    def close(self) -> None:
        self._was_cut = False
        if not self._open:
            return
        self._progress = self.progress_revision
        self._open = False
        self._replay = []
        if self._waiter is not None:
            self._topic.waiters.discard(self._waiter)
            _wake({self._waiter})
        self._fanout.remove(self, self._topic)

    def cut(self) -> None:
        """Close the watch from the store's side; whoever iterates it next is told why."""
        self.close()
        self._was_cut = True


@dataclass(frozen=True, slots=True)
class _Route:
    """What covers the keys of one directory: ``topics`` always, and a ragged prefix of one of ``lengths``."""

    topics: tuple[Topic, ...]
    lengths: tuple[int, ...]


class Fanout:
    """The open watches of one store."""

    def __init__(self, limit: int, current_revision: Callable[[], int]) -> None:
        """``limit`` is how many events may wait for one watcher before it is cut off, at least 1.

        ``current_revision`` tells the newest revision of the store.
        """
        if limit < 1:
            raise ValueError(f"a watcher must be allowed to fall behind by one event at least, not {limit}")
        self.current_revision = current_revision
        self._limit = limit
        self._topics: dict[str, Topic] = {}
        self._lengths: dict[str, dict[int, int]] = {}
        """By directory: how many topics lie in it, for each length of prefix."""
        self._routes: dict[str, _Route] = {}

    def __len__(self) -> int:
        """The number of open watches."""
        return sum(len(topic.watchers) for topic in self._topics.values())

    def open(self, prefix: str, after_revision: int, replay: list[Event]) -> FanoutWatch:
        """Return a watch of ``replay`` and then of every later event under ``prefix``.

        ``replay`` must hold the events after ``after_revision`` that have been published already, oldest first.
        """
        topic = self._topics.get(prefix)
        if topic is None:
            topic = self._topics[prefix] = Topic(prefix, self._limit)
            lengths = self._lengths.setdefault(_directory(prefix), {})
            lengths[len(prefix)] = lengths.get(len(prefix), 0) + 1
            self._routes.clear()
        watch = FanoutWatch(self, topic, after_revision, replay)
        topic.watchers.add(watch)
        return watch

    def publish(self, event: Event) -> None:
        """Hand ``event`` to every watch whose prefix its key starts with. Revisions must rise."""
        if not self._topics:
            return
        route = self._route(_directory(event.record.key))
        for topic in route.topics:
            topic.append(event)
        if route.lengths:
            self._publish_ragged(route, event)

    def publish_all(self, events: Iterable[Event]) -> None:
        """Hand over several events, in the order of their revisions, as :meth:`publish` does with one."""
        if not self._topics:
            return
        for directory, group in groupby(events, lambda event: _directory(event.record.key)):
            route, together = self._route(directory), list(group)
            for topic in route.topics:
                topic.extend(together)
            if route.lengths:
                for event in together:
                    self._publish_ragged(route, event)

    def _publish_ragged(self, route: _Route, event: Event) -> None:
        key = event.record.key
        for length in route.lengths:
            if length > len(key):
                break
            ragged = self._topics.get(key[:length])
            if ragged is not None:
                ragged.append(event)

    def close(self) -> None:
        """Close every watch."""
        for topic in list(self._topics.values()):
            for watch in list(topic.watchers):
                watch.close()

    def remove(self, watch: FanoutWatch, topic: Topic) -> None:
        """Take a closed watch out of its topic, and the topic away when it was the last one."""
        topic.watchers.discard(watch)
        topic.forget_read()
        if topic.watchers:
            return
        prefix = topic.prefix
        del self._topics[prefix]
        directory = _directory(prefix)
        lengths = self._lengths[directory]
        lengths[len(prefix)] -= 1
        if not lengths[len(prefix)]:
            del lengths[len(prefix)]
        if not lengths:
            del self._lengths[directory]
        self._routes.clear()

    def _route(self, directory: str) -> _Route:
        return self._routes.get(directory) or self._find_route(directory)

    def _find_route(self, directory: str) -> _Route:
        lengths = set(self._lengths.get("", ()))
        end = 0
        while end := directory.find("/", end) + 1:
            lengths.update(self._lengths.get(directory[:end], ()))
        ordered = sorted(lengths)
        covering = (self._topics.get(directory[:length]) for length in ordered if length <= len(directory))
        route = _Route(
            topics=tuple(topic for topic in covering if topic is not None),
            lengths=tuple(length for length in ordered if length > len(directory)),
        )
        if len(self._routes) >= _ROUTES_LIMIT:
            self._routes.clear()
        self._routes[directory] = route
        return route


def _directory(path: str) -> str:
    """Return ``path`` up to and including its last slash; "" when it has none."""
    return path[: path.rfind("/") + 1]
