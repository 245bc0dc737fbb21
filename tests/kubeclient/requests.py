"""Requests as a server of a test reads them."""

import asyncio


async def read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return the head and the body of the next request; raise ``IncompleteReadError`` when there is none."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next((line[16:] for line in head.split("\r\n") if line.startswith("Content-Length: ")), "0")
    return head, await reader.readexactly(int(length))
