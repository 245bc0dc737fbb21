"""Requests that the API server makes of others on a client's behalf, and their answers on the way back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from apiserver.http import Call, ClientDisconnected

if TYPE_CHECKING:
    import aiohttp


@asynccontextmanager
async def session() -> "AsyncIterator[aiohttp.ClientSession]":
    """Open a session for one request: certificates are not checked, bodies stay as they are, nothing times out."""
    # Most servers never ask others; those that do can wait for the import once.
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, auto_decompress=False, trust_env=False
    ) as opened:
        yield opened


async def pass_body_on(call: Call, response: "aiohttp.ClientResponse", *, read: bool = True) -> None:
    """Send the body of an answer on as it comes, to its end; one that breaks off breaks the client's off, too.

    When the client goes first, the other side is let go at once, even while it has nothing to say. Only with ``read``,
    which says that nobody else waits for what the client sends.
    """
    import aiohttp

    gone = broken = False

    async def watch_client() -> None:
        nonlocal gone
        while (await call.receive())["type"] != "http.disconnect":
            pass
        gone = True
        response.close()

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch_client(), name="client-of-backend") if read else None
        try:
            async for chunk in response.content.iter_any():
                await call.send({"type": "http.response.body", "body": chunk, "more_body": True})
        except aiohttp.ClientError:
            broken = True
        finally:
            if watching is not None:
                watching.cancel()
    if gone:
        raise ClientDisconnected
    if broken:
        await call.cut()
        return
    await call.send({"type": "http.response.body", "body": b"", "more_body": False})
