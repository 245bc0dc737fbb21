"""Answers in one write: the same on the wire as those in parts."""

import asyncio

import httpx
import pytest

from apiserver.whole_answers import LONGEST, send_whole
from tests.apiserver.conftest import Api

SECONDS = 10


async def exchange(apiserver: str, sent: bytes) -> bytes:
    """Send bytes, of which the last asks for the connection to be closed; return all that comes back."""
    host, port = apiserver.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent.replace(b"HOST", host.encode()))
    async with asyncio.timeout(SECONDS):
        received = await reader.read()
    writer.close()
    return received


@pytest.mark.parametrize(
    ("request_head", "closes"),
    [
        pytest.param(b"GET /api/v1/namespaces/default HTTP/1.0\r\nHost: HOST\r\n\r\n", True, id="HTTP/1.0"),
        pytest.param(
            b"GET /api/v1/namespaces/default HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", True, id="close"
        ),
        pytest.param(b"HEAD /api/v1/namespaces/default HTTP/1.0\r\nHost: HOST\r\n\r\n", True, id="HEAD"),
    ],
)
async def test_the_end_of_a_connection(apiserver: str, request_head: bytes, closes: bool) -> None:
    head, _, body = (await exchange(apiserver, request_head)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (b"connection: close" in head.lower()) == closes
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == (0 if request_head.startswith(b"HEAD") else length)


async def test_pipelined_requests_are_answered_in_order(apiserver: str) -> None:
    names = [b"default", b"kube-system", b"no-such-namespace"]
    sent = b"".join(b"GET /api/v1/namespaces/%b HTTP/1.1\r\nHost: HOST\r\n\r\n" % name for name in names[:-1])
    sent += b"GET /api/v1/namespaces/%b HTTP/1.0\r\nHost: HOST\r\n\r\n" % names[-1]
    received = await exchange(apiserver, sent)
    places = [received.find(b'"name":"' + name) for name in names]
    assert -1 not in places
    assert places == sorted(places)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.count(b"HTTP/1.1 404 Not Found") == 1


async def test_long_and_short_answers_follow_one_another(http: httpx.AsyncClient, api: Api) -> None:
    data = {"text": "x" * (2 * LONGEST)}
    await api.create("configmaps", {"metadata": {"name": "long"}, "data": data})
    await api.create("configmaps", {"metadata": {"name": "short"}})
    for _ in range(3):
        assert (await api.get("configmaps", "long"))["data"] == data
        assert (await api.get("configmaps", "short"))["metadata"]["name"] == "short"


class Cycle:
    """A request as uvicorn keeps it, whose connection takes what is written."""

    class Flow:
        write_paused = False

    class Transport:
        def __init__(self) -> None:
            self.written = b""

        def write(self, data: bytes) -> None:
            self.written += data

    def __init__(self, **changed: bool) -> None:
        self.response_started = self.response_complete = self.disconnected = False
        self.keep_alive, self.waiting_for_100_continue = True, True
        self.flow, self.transport = self.Flow(), self.Transport()
        self.message_event = asyncio.Event()
        self.completed = 0
        self.flow.write_paused = changed.pop("write_paused", False)
        for name, value in changed.items():
            setattr(self, name, value)

    def on_response(self) -> None:
        self.completed += 1


def test_what_is_sent() -> None:
    cycle = Cycle()
    assert send_whole(cycle, 201, [(b"content-length", b"2"), (b"audit-id", b"a")], b"{}")  # type: ignore[arg-type]
    assert cycle.transport.written == b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\naudit-id: a\r\n\r\n{}"
    assert (cycle.response_complete, cycle.completed, cycle.message_event.is_set()) == (True, 1, True)


@pytest.mark.parametrize("state", ["write_paused", "disconnected", "response_started"])
def test_what_is_left_to_the_server(state: str) -> None:
    cycle = Cycle(**{state: True})
    assert not send_whole(cycle, 200, [(b"content-length", b"0")], b"")  # type: ignore[arg-type]
    assert not send_whole(Cycle(), 200, [(b"content-length", b"9")], bytes(LONGEST + 1))  # type: ignore[arg-type]
    assert (cycle.transport.written, cycle.completed) == (b"", 0)


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb"])
def test_a_header_cannot_break_an_answer_apart(value: bytes) -> None:
    cycle = Cycle()
    with pytest.raises(RuntimeError, match="Invalid HTTP header value"):
        send_whole(cycle, 200, [(b"warning", value)], b"")  # type: ignore[arg-type]
    assert cycle.transport.written == b""
