"""Single probes against real servers on loopback (S32, S33, S34, S36)."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from apimachinery.types.pod import (
    Container,
)
from apimachinery.types.probes import (
    Probe,
)
from kubelet.probe_state import Result
from kubelet.prober.outcome import Outcome, Subject
from kubelet.prober.prober import Prober
from tests.kubelet.rig import Rig, open_rig

CERTIFICATE = Path(__file__).with_name("nobody.pem")
"""A key and a certificate signed with itself, valid for a hundred years from 2026."""


class Server:
    """A web server that answers as its paths say, and keeps the headers of the last request."""

    def __init__(self) -> None:
        self.address = ("", 0)
        self.headers: dict[str, str] = {}
        self.hold = asyncio.Event()
        self.asked = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers = dict(request.headers)
        self.asked.set()
        match request.path.strip("/").split("/", 1):
            case ["status", code]:
                return web.Response(status=int(code))
            case ["to", target]:
                return web.Response(status=302, headers={"Location": request.query.get("url", f"/{target}")})
            case ["round"]:
                return web.Response(status=307, headers={"Location": "/round"})
            case ["hang"]:
                await self.hold.wait()
            case ["trickle"]:
                response = web.StreamResponse()
                await response.prepare(request)
                await response.write(b"a little")
                await self.hold.wait()
                return response
            case ["flood"]:
                response = web.StreamResponse(status=303)
                await response.prepare(request)
                await response.write(b"x" * 20_000)
                await self.hold.wait()
                return response
        return web.Response(text="fine")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = runner.addresses[0][:2]
    yield made
    made.hold.set()
    await runner.cleanup()


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


async def probe(rig: Rig, server: Server, container_id: str = "", *, passing: float = 0.0, **how: Any) -> Outcome:
    """Carry out one probe of a container whose port 80 is the server's; ``passing`` seconds go by meanwhile."""
    container = Container.model_validate({"name": "web", "ports": [{"containerPort": 80, "name": "http"}]})
    subject = Subject(container, container_id, "127.0.0.9")
    outcomes: list[Outcome] = []
    async with Prober(rig.runtime, lambda ip, port: server.address, rig.clock) as prober:
        prober.check(Probe.model_validate(how), subject).begin(outcomes.append)
        if passing:
            await server.asked.wait() if how.keys() & {"httpGet"} else await rig.settle()
            await rig.settle()
            assert not outcomes
            await rig.clock.advance(passing)
        await rig.until(lambda: bool(outcomes))
    (outcome,) = outcomes
    return outcome


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        pytest.param("/", Outcome(Result.SUCCESS), id="200"),
        pytest.param("status/204", Outcome(Result.SUCCESS), id="a path without a slash"),
        pytest.param(
            "/status/399", Outcome(Result.SUCCESS, "Probe terminated redirects, Response body: "), id="the last that is"
        ),
        pytest.param("/status/400", Outcome(Result.FAILURE, "HTTP probe failed with statuscode: 400"), id="400"),
        pytest.param("/status/500", Outcome(Result.FAILURE, "HTTP probe failed with statuscode: 500"), id="500"),
        pytest.param("/to/status/200", Outcome(Result.SUCCESS), id="a redirect is followed"),
        pytest.param(
            "/to/status/503", Outcome(Result.FAILURE, "HTTP probe failed with statuscode: 503"), id="to its failure"
        ),
        pytest.param(
            "/to/x?url=http://127.0.0.8/",
            Outcome(Result.SUCCESS, "Probe terminated redirects, Response body: "),
            id="not to another host",
        ),
        pytest.param(
            "/round",
            Outcome(Result.FAILURE, 'Get "http://127.0.0.9:80/round": stopped after 10 redirects'),
            id="round and round",
        ),
    ],
)
async def test_http(rig: Rig, server: Server, path: str, outcome: Outcome) -> None:
    """S32: 200 <= status < 400."""
    assert await probe(rig, server, httpGet={"port": 80, "path": path}) == outcome


async def test_the_headers_of_a_probe(rig: Rig, server: Server) -> None:
    await probe(rig, server, httpGet={"port": "http", "path": "/"})
    assert server.headers == {
        "Host": "127.0.0.9:80",
        "User-Agent": "kube-probe/1.36",
        "Accept": "*/*",
        "Connection": "close",
    }


async def test_headers_of_ones_own(rig: Rig, server: Server) -> None:
    mine = [
        {"name": "host", "value": "x.example"},
        {"name": "user-agent", "value": "me"},
        {"name": "Accept", "value": ""},
    ]
    await probe(rig, server, httpGet={"port": 80, "path": "/", "httpHeaders": mine})
    assert server.headers == {"Host": "x.example", "User-Agent": "me", "Connection": "close"}


async def test_a_server_that_does_not_answer_in_time(rig: Rig, server: Server) -> None:
    """S36."""
    outcome = await probe(rig, server, httpGet={"port": 80, "path": "/hang"}, timeoutSeconds=3, passing=3)
    assert outcome == Outcome(
        Result.FAILURE,
        'Get "http://127.0.0.9:80/hang": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    )


async def test_a_body_that_trickles(rig: Rig, server: Server) -> None:
    """S36: the timeout spans the body too."""
    outcome = await probe(rig, server, httpGet={"port": 80, "path": "/trickle"}, passing=1)
    assert outcome.result is Result.FAILURE
    assert outcome.message.endswith("(Client.Timeout or context cancellation while reading body)")


async def test_no_more_of_a_body_is_read_than_is_shown(rig: Rig, server: Server) -> None:
    outcome = await probe(rig, server, httpGet={"port": 80, "path": "/flood"})
    assert outcome == Outcome(Result.SUCCESS, f"Probe terminated redirects, Response body: {'x' * 10_240}")


async def test_a_host_given_by_name(rig: Rig, server: Server) -> None:
    """Names take another way than addresses; the words are the same."""
    there = {"port": 80, "host": "localhost"}
    assert await probe(rig, server, httpGet=there) == Outcome(Result.SUCCESS)
    assert server.headers["Host"] == "localhost:80"
    assert await probe(rig, server, tcpSocket=there) == Outcome(Result.SUCCESS)
    server.address = ("127.0.0.9", 1)
    refused = "dial tcp localhost:80: connect: connection refused"
    assert await probe(rig, server, httpGet=there) == Outcome(Result.FAILURE, f'Get "http://localhost:80/": {refused}')
    assert await probe(rig, server, tcpSocket=there) == Outcome(Result.FAILURE, refused)


async def test_a_connect_that_hangs(rig: Rig, server: Server) -> None:
    """S33, S36: a server whose queue of connections is full answers no more of them."""
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    with full, contextlib.ExitStack() as stack:
        server.address = full.getsockname()
        for one in waiting:
            stack.enter_context(one).setblocking(False)
            one.connect_ex(server.address)
        outcome = await probe(rig, server, tcpSocket={"port": 80}, timeoutSeconds=2, passing=2)
        assert outcome == Outcome(Result.FAILURE, "dial tcp 127.0.0.9:80: i/o timeout")


async def test_https_with_a_certificate_of_nobody(rig: Rig, server: Server) -> None:
    """S32: the certificate is not looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 503 No\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as tls:
        plain, server.address = server.address, tls.sockets[0].getsockname()
        get = {"port": 80, "scheme": "HTTPS", "path": "/x"}
        outcome = await probe(rig, server, httpGet=get)
        assert outcome == Outcome(Result.FAILURE, "HTTP probe failed with statuscode: 503")
        server.address = plain
        outcome = await probe(rig, server, httpGet=get)
        assert outcome == Outcome(
            Result.FAILURE, 'Get "https://127.0.0.9:80/x": http: server gave HTTP response to HTTPS client'
        )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b"", "EOF", id="nothing"),
        pytest.param(
            b"hello\r\n",
            'net/http: HTTP/1.x transport connection broken: malformed HTTP response "hello"',
            id="not HTTP",
        ),
    ],
)
async def test_what_is_no_response(rig: Rig, server: Server, answer: bytes, reason: str) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as odd:
        server.address = odd.sockets[0].getsockname()
        outcome = await probe(rig, server, httpGet={"port": 80})
    assert outcome == Outcome(Result.FAILURE, f'Get "http://127.0.0.9:80/": {reason}')


async def test_an_attempt_that_is_given_up_says_nothing(rig: Rig, server: Server) -> None:
    container = Container.model_validate({"name": "web"})
    outcomes: list[Outcome] = []
    async with Prober(rig.runtime, lambda ip, port: server.address, rig.clock) as prober:
        for where in ({}, {"host": "localhost"}):
            how = {"httpGet": {"port": 80, "path": "/hang", **where}}
            check = prober.check(Probe.model_validate(how), Subject(container, "", "127.0.0.9"))
            cancel = check.begin(outcomes.append)
            await rig.settle()
            cancel()
        await rig.clock.advance(5)
    assert not outcomes


async def test_tcp(rig: Rig, server: Server) -> None:
    """S33: the connection opens, or it does not."""
    assert await probe(rig, server, tcpSocket={"port": 80}) == Outcome(Result.SUCCESS)
    server.address = ("127.0.0.9", 1)
    assert await probe(rig, server, tcpSocket={"port": 80}) == Outcome(
        Result.FAILURE, "dial tcp 127.0.0.9:80: connect: connection refused"
    )


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param({"httpGet": {"port": "web"}}, 'strconv.Atoi: parsing "web": invalid syntax', id="http"),
        pytest.param({"tcpSocket": {"port": "web"}}, 'strconv.Atoi: parsing "web": invalid syntax', id="tcp"),
        pytest.param({"exec": {"command": ["true"]}}, "container none not found", id="no container"),
        pytest.param({}, "missing probe handler for web", id="nothing to do"),
    ],
)
async def test_what_cannot_be_tried_says_nothing_about_the_container(
    rig: Rig, server: Server, how: dict[str, Any], message: str
) -> None:
    assert await probe(rig, server, "none", **how) == Outcome(Result.UNKNOWN, message)


async def test_no_host_name_breaks_the_prober(rig: Rig, server: Server) -> None:
    server.address = ("a..b", 80)
    outcome = await probe(rig, server, tcpSocket={"port": 80, "host": "a..b"})
    assert outcome.result is not Result.SUCCESS
