"""A component's own pages over HTTP."""

import httpx
from aiohttp import web

from componentbase.health import serve_health
from componentbase.readiness import readiness_report
from componentbase.sockets import address, bind


def test_readiness_report() -> None:
    assert readiness_report({"a": lambda: True}) == (True, "[+]a ok\nreadyz check passed\n")
    passed, page = readiness_report({"a": lambda: True, "b": lambda: False})
    assert not passed
    assert page == "[+]a ok\n[-]b failed: reason withheld\nreadyz check failed\n"


async def test_pages() -> None:
    held = {"caches": False}

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=request.match_info["name"])

    listener = bind("127.0.0.1", 0)
    base = "http://{}:{}".format(*address(listener))
    async with (
        serve_health(listener, ready={"caches": lambda: held["caches"]}, pages={"/debug/{name}": page}),
        httpx.AsyncClient(base_url=base) as http,
    ):
        assert (await http.get("/healthz")).text == "ok"
        assert (await http.get("/livez")).status_code == 200
        waiting = await http.get("/readyz")
        assert (waiting.status_code, waiting.text) == (500, "[-]caches failed: reason withheld\nreadyz check failed\n")
        held["caches"] = True
        assert (await http.get("/readyz")).text == "ok"
        assert (await http.get("/readyz?verbose")).text == "[+]caches ok\nreadyz check passed\n"
        assert (await http.get("/debug/x")).text == "x"
    assert listener.fileno() == -1
