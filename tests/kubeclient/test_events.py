"""Events are told in order, in lulls, and to a server that may be away for a while."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from apimachinery.clock import Clock, ManualClock, RealClock, rfc3339
from apimachinery.tasks import cancel_and_wait
from apimachinery.types.core import ObjectReference
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from tests.kubeclient.requests import read_request

WAIT_SECONDS = 30.0


class Server:
    """Keeps what is written. What is under ``/slow`` is answered once ``go`` is set; while ``away`` nothing is."""

    def __init__(self) -> None:
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.go = asyncio.Event()
        self.slow = asyncio.Event()
        self.code = 201
        self.away = False
        self.tries = 0
        self._arrived = asyncio.Condition()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        talks: set[asyncio.Task[None]] = set()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks.add(task)
            try:
                await self._talk(reader, writer)
            except (asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await cancel_and_wait(*talks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, body = await read_request(reader)
            method, path, _ = head.split(" ", 2)
            self.tries += 1
            if self.away:
                return
            if path.startswith("/slow"):
                self.slow.set()
                await self.go.wait()
            else:
                async with self._arrived:
                    self.written.append((method, orjson.loads(body)))
                    self._arrived.notify_all()
            answer = b'{"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{}}'
            line = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (self.code, len(answer))
            writer.write(line + answer)

    async def until(self, number: int) -> list[str]:
        """Wait for so many writes; return what was posted or counted, by reason."""
        async with asyncio.timeout(WAIT_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: len(self.written) >= number)
        return [body.get("reason", f"count {body.get('count')}") for _, body in self.written]


class Told:
    """A server and a recorder that tells it what happens to pods."""

    def __init__(self, server: Server, client: Client, recorder: EventRecorder) -> None:
        self.server = server
        self.client = client
        self.recorder = recorder

    def happened(self, reason: str, pod: str = "web") -> None:
        about = ObjectReference(kind="Pod", namespace="default", name=pod, uid=f"uid-{pod}")
        self.recorder.event(about, "Normal", reason, f"{reason} it")


@asynccontextmanager
async def told(clock: Clock) -> AsyncIterator[Told]:
    server = Server()
    async with server.serve() as url, Client(url, clock=clock) as client, asyncio.TaskGroup() as group:
        recorder = EventRecorder(client, "kubelet", "node-1")
        run = group.create_task(recorder.run())
        try:
            yield Told(server, client, recorder)
        finally:
            server.go.set()
            run.cancel()


async def test_in_order() -> None:
    async with told(RealClock()) as it:
        reasons = [f"Reason{number}" for number in range(20)]
        for reason in reasons:
            it.happened(reason)
        assert await it.server.until(20) == reasons
        first = it.server.written[0][1]
        assert first["involvedObject"] == {"kind": "Pod", "namespace": "default", "name": "web", "uid": "uid-web"}
        assert (first["source"], first["count"]) == ({"component": "kubelet", "host": "node-1"}, 1)


async def test_one_that_happens_again_is_counted() -> None:
    async with told(RealClock()) as it:
        for _ in range(3):
            it.happened("BackOff")
        assert await it.server.until(3) == ["BackOff", "count 2", "count 3"]
        assert [method for method, _ in it.server.written] == ["POST", "PATCH", "PATCH"]


@pytest.mark.parametrize(
    ("then", "seconds"),
    [
        pytest.param(lambda it: it.server.go.set(), 0.0, id="ends"),
        pytest.param(lambda _: None, 1.0, id="takes long"),
    ],
)
async def test_while_something_else_is_under_way_they_wait(then: Callable[[Told], None], seconds: float) -> None:
    """They are nobody's concern as long as pods have to be started, but not for ever."""
    clock = ManualClock()
    async with told(clock) as it, asyncio.TaskGroup() as group:
        call = group.create_task(it.client.request("POST", "/slow"))
        await asyncio.wait_for(it.server.slow.wait(), WAIT_SECONDS)
        it.happened("Started")
        await clock.advance(0.9)
        assert it.server.written == []
        then(it)
        if seconds:
            await clock.advance(seconds)
        assert await it.server.until(1) == ["Started"]
        it.server.go.set()
        await call


async def test_when_very_many_wait_they_are_written_in_any_case() -> None:
    clock = ManualClock()
    async with told(clock) as it, asyncio.TaskGroup() as group:
        group.create_task(it.client.request("POST", "/slow"))
        await asyncio.wait_for(it.server.slow.wait(), WAIT_SECONDS)
        for number in range(5_010):
            it.happened("Started", f"web-{number}")
        await it.server.until(10)
        await clock.settle()
        assert len(it.server.written) < 20, "the others wait for a lull"
        it.server.go.set()


async def test_a_server_that_is_away() -> None:
    """What could not be written is tried again after ten seconds, before what happened later."""
    clock = ManualClock()
    async with told(clock) as it:
        it.server.away = True
        it.happened("Pulled")
        it.happened("Started")
        async with asyncio.timeout(WAIT_SECONDS):
            while not (it.server.tries and clock.sleepers):
                await clock.settle()
        it.server.away = False
        happened = rfc3339(clock.now())
        await clock.advance(9.9)
        assert it.server.tries == 1
        await clock.advance(0.1)
        assert await it.server.until(2) == ["Pulled", "Started"]
        stamps = {body[name] for _, body in it.server.written for name in ("firstTimestamp", "lastTimestamp")}
        assert stamps == {happened}, "an event tells of its own moment, however late it is written"


async def test_one_that_is_refused_is_given_up() -> None:
    async with told(RealClock()) as it:
        it.server.code = 403
        it.happened("Pulled")
        await it.server.until(1)
        it.server.code = 201
        it.happened("Started")
        assert await it.server.until(2) == ["Pulled", "Started"]
