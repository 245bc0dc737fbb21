"""Which events are worth writing: many alike become one, and what does not stop complaining is heard less often.

The three steps of client-go's ``EventCorrelator`` (``tools/record/events_cache.go``, v0.36) that need no server.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from apimachinery.clock import Clock
from apimachinery.types.core import ObjectReference

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

REMEMBERED = 4096
"""How many objects and kinds of event are remembered, the last used ones."""

SIMILAR_EVENTS = 10
"""From this many on, events that differ only in their message are one event with a count."""

SIMILAR_SECONDS = 600.0
"""After how long without another one the counting of similar events starts over."""

BURST = 25
"""How many events about one object are written at once."""

REFILL_SECONDS = 300.0
"""After how long one more may be written."""

COMBINED = "(combined from similar events): "

Identity = tuple[str, ...]


class Correlated(NamedTuple):
    """An event as it is to be written; events of one ``identity`` are one event with a count.

    A ``skipped`` one is counted, but not written.
    """

    identity: Identity
    message: str
    skipped: bool


class Recent(Generic[K, V]):
    """A mapping that forgets what has not been used for longest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: K, value: V) -> V:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)
        return value

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)


@dataclass(slots=True)
class _Similar:
    last: float
    messages: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Bucket:
    at: float
    tokens: float = BURST


class EventCorrelator:
    """Decides on the events of one source."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._similar: Recent[Identity, _Similar] = Recent(REMEMBERED)
        self._buckets: Recent[Identity, _Bucket] = Recent(REMEMBERED)

    def correlate(self, about: ObjectReference, kind: str, reason: str, message: str) -> Correlated:
        """Return what is to become of an event that just happened."""
        now = self._clock.monotonic()
        target = (about.kind, about.namespace, about.name, about.uid, about.api_version)
        skipped = not self._admit(target, now)
        if self._joins_similar((*target, kind, reason), message, now):
            return Correlated((*target, kind, reason), COMBINED + message, skipped)
        return Correlated((*target, about.field_path, kind, reason, message), message, skipped)

    def _admit(self, target: Identity, now: float) -> bool:
        bucket = self._buckets.get(target) or self._buckets.put(target, _Bucket(now))
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) / REFILL_SECONDS)
        bucket.at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _joins_similar(self, group: Identity, message: str, now: float) -> bool:
        similar = self._similar.get(group)
        if similar is None or now - similar.last > SIMILAR_SECONDS:
            similar = self._similar.put(group, _Similar(now))
        similar.last = now
        similar.messages.add(message)
        if len(similar.messages) < SIMILAR_EVENTS:
            return False
        similar.messages.pop()
        return True
