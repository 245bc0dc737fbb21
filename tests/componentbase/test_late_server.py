"""A server whose framework waits for somebody to ask."""

import asyncio
import os
import subprocess
import sys
from functools import partial

import httpx
import pytest
from aiohttp import web

from apimachinery.tasks import beside
from componentbase.late_server import LateServer, asked
from componentbase.sockets import address, bind

DEADLINE_SECONDS = 30.0


async def test_the_application_is_made_once_when_somebody_asks() -> None:
    made = 0

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="here")

    def application() -> web.Application:
        nonlocal made
        made += 1
        app = web.Application()
        app.router.add_get("/", page)
        return app

    with bind("127.0.0.1", 0) as first, bind("127.0.0.1", 0) as second:
        async with (
            LateServer(application) as server,
            beside(partial(server.serve, first), "first"),
            beside(partial(server.serve, second), "second"),
            httpx.AsyncClient(timeout=DEADLINE_SECONDS) as http,
        ):
            assert not made
            urls = ["http://{}:{}".format(*address(listener)) for listener in (first, second, first)]
            answers = await asyncio.gather(*(http.get(url) for url in urls))
            assert [answer.text for answer in answers] == ["here"] * 3
            assert made == 1


async def test_who_asked_is_still_there_to_be_accepted() -> None:
    with bind("127.0.0.1", 0) as listener:
        async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as group:
            waiting = group.create_task(asked(listener))
            _, writer = await asyncio.open_connection(*address(listener))
            await waiting
            connection, _ = listener.accept()
            connection.close()
            writer.close()


@pytest.mark.parametrize(
    "module",
    [
        "kubemu.up.readiness",
        "apiserver.server",
        "kubelet.serving",
        "controller_manager.serving",
        "scheduler.serving",
        "kubeproxy.serving",
    ],
)
def test_no_component_imports_the_framework_before_that(module: str) -> None:
    script = f"import sys, {module}; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=os.getcwd())
    assert done.stdout.strip() == "False"
