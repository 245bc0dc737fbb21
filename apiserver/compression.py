"""gzip, for those who ask for it (``k8s.io/apiserver/pkg/endpoints/handlers/responsewriters``, v0.36).

Small answers are not worth it. Compressing happens in a thread: ``zlib`` lets go of the interpreter meanwhile.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

from starlette.types import Message, Send

THRESHOLD = 128 * 1024
"""The least number of bytes that are compressed (upstream's ``defaultGzipThresholdBytes``)."""

HEADERS = [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]

_LEVEL = 1
"""Upstream's, too: the fastest, and not much larger."""

_GZIP_FORMAT = 31


def wants_gzip(accept_encoding: bytes | None) -> bool:
    """Whether an ``Accept-Encoding`` header takes gzip."""
    if not accept_encoding or b"gzip" not in accept_encoding:
        return False
    for clause in accept_encoding.split(b","):
        name, _, weight = clause.partition(b";")
        if name.strip() == b"gzip":
            return weight.strip().lower() not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return False


async def compress(body: bytes) -> bytes:
    return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)


async def compress_pieces(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the compressed form of ``pieces`` as it comes."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    async for piece in pieces:
        if compressed := await asyncio.to_thread(compressor.compress, piece):
            yield compressed
    yield compressor.flush()


def compress_page(send: Send) -> Send:
    """Return a ``send`` that compresses an answer which is large and comes whole.

    For the framework's pages, which know nothing of it.
    """
    started: list[Message] = []

    async def compressing(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        body: bytes = message.get("body", b"")
        start = started.pop() if started else None
        if start is not None:
            if len(body) >= THRESHOLD and not message.get("more_body"):
                body = await compress(body)
                kept = [pair for pair in start["headers"] if pair[0] not in {b"content-length", b"content-encoding"}]
                start = {**start, "headers": [*kept, (b"content-length", b"%d" % len(body)), *HEADERS]}
                message = {**message, "body": body}
            await send(start)
        await send(message)

    return compressing
