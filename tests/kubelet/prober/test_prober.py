"""Single probes against real servers on loopback (S32, S33, S34, S36)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from apimachinery.clock import RealClock
from apimachinery.types.pod import (
    Container,
)
from apimachinery.types.probes import (
    Probe,
)
from kubelet.probe_state import Result
from kubelet.prober.prober import Outcome, Prober, Subject
from tests.kubelet.rig import Rig, open_rig


class Server:
    """A web server that answers as its paths say, and keeps the headers of the last request."""

    def __init__(self) -> None:
        self.address = ("", 0)
        self.headers: dict[str, str] = {}
        self.hold = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers = dict(request.headers)
        match request.path.strip("/").split("/", 1):
            case ["status", code]:
                return web.Response(status=int(code))
            case ["to", target]:
                return web.Response(status=302, headers={"Location": request.query.get("url", f"/{target}")})
            case ["round"]:
                return web.Response(status=307, headers={"Location": "/round"})
            case ["hang"]:
                await self.hold.wait()
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


async def probe(rig: Rig, server: Server, container_id: str = "", **how: Any) -> Outcome:
    """Carry out one probe of a container whose port 80 is the server's."""
    container = Container.model_validate({"name": "web", "ports": [{"containerPort": 80, "name": "http"}]})
    subject = Subject(container, container_id, "127.0.0.9")
    async with Prober(rig.runtime, lambda ip, port: server.address, RealClock()) as prober:
        return await prober.probe(Probe.model_validate(how), subject)


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
    found = await probe(rig, server, httpGet={"port": 80, "path": path})
    assert Outcome(found.result, found.message.replace("0.9/", "0.9:80/")) == outcome


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
    outcome = await probe(rig, server, httpGet={"port": 80, "path": "/hang"}, timeoutSeconds=1)
    assert outcome.result is Result.FAILURE
    assert outcome.message.endswith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")


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
        pytest.param({"httpGet": {"port": "web"}}, "couldn't find port: web", id="http"),
        pytest.param({"tcpSocket": {"port": "web"}}, "couldn't find port: web", id="tcp"),
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
