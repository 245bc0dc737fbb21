"""The shared side of watches, on a clock of the test's own: bookmarks, and who gets them."""

import asyncio
import random
from typing import Any

import orjson
import pytest
from starlette.types import Message

from apimachinery.clock import ManualClock
from apiserver.app import APIServer, create_app
from apiserver.handlers.watching import BOOKMARK_SECONDS
from store.memory import MemoryStore


class Watcher:
    """A client of the application's ASGI interface that reads the stream as it comes."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.lines: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()

    async def run(self, api: APIServer) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/namespaces",
            "query_string": self.query.encode(),
            "headers": [],
        }
        await api.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reading.wait()
        for line in message.get("body", b"").splitlines():
            self.lines.append(orjson.loads(line))

    @property
    def types(self) -> list[str]:
        return [line["type"] for line in self.lines]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def api(clock: ManualClock) -> APIServer:
    return create_app(MemoryStore(), clock=clock, rng=random.Random(1))


async def test_bookmarks_come_about_every_minute_to_those_who_asked(api: APIServer, clock: ManualClock) -> None:
    asked, other = Watcher("watch=1&allowWatchBookmarks=1"), Watcher("watch=1")
    async with asyncio.TaskGroup() as group:
        bookmarks = group.create_task(api.context.watches.send_bookmarks())
        for watcher in (asked, other):
            group.create_task(watcher.run(api))
        await clock.advance(BOOKMARK_SECONDS)
        assert asked.types == ["BOOKMARK"]
        assert asked.lines[0]["object"]["metadata"] == {"resourceVersion": "1"}
        assert other.types == []
        await clock.advance(BOOKMARK_SECONDS)
        assert asked.types == ["BOOKMARK"] * 2
        api.context.watches.close_all()
        bookmarks.cancel()


async def test_no_bookmark_before_the_initial_state(api: APIServer, clock: ManualClock) -> None:
    """It would tell the client that it has seen what it has not."""
    late = Watcher("watch=1&allowWatchBookmarks=1")
    late.reading.clear()
    async with asyncio.TaskGroup() as group:
        bookmarks = group.create_task(api.context.watches.send_bookmarks())
        group.create_task(late.run(api))
        await clock.advance(BOOKMARK_SECONDS + 5)
        late.reading.set()
        await clock.settle()
        assert late.types == []
        await clock.advance(BOOKMARK_SECONDS)
        assert late.types == ["BOOKMARK"]
        late.gone.set()
        bookmarks.cancel()


async def test_a_watch_ends_when_its_time_is_up(api: APIServer, clock: ManualClock) -> None:
    watcher = Watcher("watch=1&timeoutSeconds=30")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watcher.run(api))
        await clock.advance(29)
        assert not running.done()
        await clock.advance(1)
        assert running.done()
    assert len(api.context.watches) == 0


async def test_a_store_that_is_closed_is_unavailable(api: APIServer) -> None:
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    await api.context.objects.store.close()
    scope = {"type": "http", "method": "GET", "path": "/api/v1/namespaces", "query_string": b"", "headers": []}
    await api.app(scope, receive, send)
    assert answers[0]["status"] == 503
    assert orjson.loads(answers[1]["body"])["reason"] == "ServiceUnavailable"
