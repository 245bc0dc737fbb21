"""An API server that leaves everything to controllers: it answers with the objects it is given, and notes writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

from apimachinery.clock import ManualClock
from apimachinery.tasks import cancel_and_wait
from controller_manager.manager import Manager
from controller_manager.registry import controllers
from controller_manager.settings import Settings
from kubeclient.client import Client
from tests.live.waiting import eventually

JSONObject = dict[str, Any]


class ForeignServer:
    """``objects`` are the items of collections by path; ``writes`` are methods, paths and bodies, in order."""

    def __init__(self) -> None:
        self.objects: dict[str, list[JSONObject]] = {}
        self.writes: list[tuple[str, str, JSONObject]] = []
        self._ending = asyncio.Event()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "GET":
            body = orjson.loads(await request.read())
            self.writes.append((request.method, request.path, body))
            return web.json_response({"metadata": {"name": "written"}})
        if "watch" in request.query:
            stream = web.StreamResponse()
            await stream.prepare(request)
            await self._ending.wait()
            return stream
        if request.path.startswith("/apis/") and request.path not in self.objects:
            return web.json_response({"kind": "Status", "code": 404, "reason": "NotFound"}, status=404)
        items = self.objects.get(request.path, [])
        if name := request.query.get("fieldSelector", "").removeprefix("metadata.name="):
            items = [item for item in items if item["metadata"]["name"] == name]
        return web.json_response({"metadata": {"resourceVersion": "1"}, "items": items})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            self._ending.set()
            await runner.cleanup()

    @asynccontextmanager
    async def controlled_by(self, name: str) -> AsyncIterator[ManualClock]:
        """Run one controller against the server, on a clock that the test moves."""
        clock = ManualClock()
        async with self.serve() as url, Client(url, clock=clock) as client, asyncio.TaskGroup() as group:
            manager = Manager(client, Settings(), {name: controllers()[name]})
            running = group.create_task(manager.run())

            async def synced() -> bool:
                return manager.synced

            await eventually(synced, timeout=30)
            yield clock
            await cancel_and_wait(running)
