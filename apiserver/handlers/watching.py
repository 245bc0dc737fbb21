"""Watches: a store's events as a stream of JSON lines.

The framing is upstream's: one ``{"type": …, "object": …}`` per line over a chunked answer. The object's bytes are
those of the store; only a table is rendered anew.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.clock import Clock
from apimachinery.errors import Expired, StatusError
from apiserver.handlers.selecting import Filter
from apiserver.http import Call
from store.errors import WatcherTooSlow
from store.interface import Event, Record, Watch

JSONObject = dict[str, Any]
Encode = Callable[[str, Record], bytes]

BOOKMARK_SECONDS = 60.0
"""How often a watch that asked for bookmarks gets one; upstream's is about a minute too."""


def event_type(event: Event, wanted: Filter) -> str:
    """Return how a watcher with a filter sees a write; empty when it does not.

    An object that comes to match is ADDED, one that ceases to is DELETED.
    """
    was = event.previous is not None and wanted.matches(event.previous)
    if event.deleted:
        return "DELETED" if was else ""
    if wanted.matches(event.record):
        return "MODIFIED" if was else "ADDED"
    return "DELETED" if was else ""


def frame(kind: str, value: bytes) -> bytes:
    """Return one line of the stream."""
    return b'{"type":"%b","object":%b}\n' % (kind.encode(), value)


@dataclass(slots=True, eq=False)
class Session:
    """One client's open watch."""

    call: Call
    watch: Watch
    wanted: Filter
    encode: Encode
    type_meta: tuple[str, str]
    """The kind and API version of bookmarks."""
    bookmarks: bool
    count: Callable[[int], None]
    """Told of how many events have been sent."""
    underway: bool = False
    """Whether the initial state has been sent: a bookmark before it would promise what has not been seen."""

    async def send(self, body: bytes) -> None:
        await self.call.send({"type": "http.response.body", "body": body, "more_body": True})

    def bookmark(self, *, initial_events_end: bool = False) -> bytes:
        metadata: JSONObject = {"resourceVersion": str(self.watch.progress_revision)}
        if initial_events_end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        kind, api_version = self.type_meta
        return frame("BOOKMARK", orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": metadata}))

    async def start(self) -> None:
        headers = [(b"content-type", b"application/json")]
        await self.call.send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send_initial(self, records: Sequence[Record], *, announce_end: bool) -> None:
        """Send the state that the watch starts from as additions."""
        lines = [self.encode("ADDED", record) for record in records]
        if announce_end:
            lines.append(self.bookmark(initial_events_end=True))
        # An answer with nothing in it yet still has to leave the server: clients wait for its head.
        await self.send(b"".join(lines))
        self.count(len(lines))
        self.underway = True

    async def stream(self) -> None:
        """Pass events on until the watch is closed."""
        try:
            async for batch in self.watch:
                lines = [
                    self.encode(kind, self._seen(kind, event))
                    for event in batch
                    if (kind := event_type(event, self.wanted))
                ]
                if lines:
                    await self.send(b"".join(lines))
                    self.count(len(lines))
        except WatcherTooSlow as error:
            refusal = Expired(f"the watch was too slow and has been cut off: {error}")
            await self.send(frame("ERROR", orjson.dumps(refusal.to_status())))

    def _seen(self, kind: str, event: Event) -> Record:
        if kind == "DELETED" and not event.deleted and event.previous is not None:
            # It left the selection: the last state that was in it, at the revision that took it out.
            return _at_revision(event.previous, event.revision)
        return event.record

    async def finish(self) -> None:
        await self.call.send({"type": "http.response.body", "body": b"", "more_body": False})


def _at_revision(record: Record, revision: int) -> Record:
    obj = orjson.loads(record.value)
    obj["metadata"]["resourceVersion"] = str(revision)
    return Record(record.key, orjson.dumps(obj), record.create_revision, revision, record.labels, record.fields)


class Watches:
    """All open watches of a server: they end together, and share one clock for their bookmarks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: set[Session] = set()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def track(self, session: Session) -> AsyncIterator[None]:
        """Have a session closed when the server stops."""
        self._open.add(session)
        if self._stopping:
            session.watch.close()
        try:
            yield
        finally:
            self._open.discard(session)

    def close_all(self) -> None:
        """End every watch, those that are about to open included; clients see a clean end."""
        self._stopping = True
        for session in list(self._open):
            session.watch.close()

    async def close_when_over(self, session: Session, seconds: float) -> None:
        """Close the watch when its time is up or the client is gone, whichever comes first."""
        with suppress(TimeoutError):
            async with self._clock.timeout(seconds):
                while (await session.call.receive())["type"] != "http.disconnect":
                    pass
        session.watch.close()

    async def send_bookmarks(self) -> None:
        """Send a bookmark to everyone who asked for them, again and again, until cancelled."""
        while True:
            await self._clock.sleep(BOOKMARK_SECONDS)
            for session in [session for session in self._open if session.bookmarks]:
                if session.underway and session in self._open:
                    await self._bookmark(session)

    async def _bookmark(self, session: Session) -> None:
        try:
            # A client that does not read must not hold up the others' bookmarks.
            async with self._clock.timeout(1):
                await session.send(session.bookmark())
        except (TimeoutError, StatusError):
            session.watch.close()
