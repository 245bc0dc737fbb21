"""Port-forward: a client's connections, carried to ports of a pod.

``k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go`` (v0.36). Over SPDY each connection is a pair of streams
with the same request id: one for data, one for what goes wrong.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from kubelet.runtime import ByteSink, ByteSource, RuntimeFault
from kubelet.streaming.spdy_session import SpdySession, SpdyStream

logger = logging.getLogger(__name__)

PROTOCOL = "portforward.k8s.io"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[int], Awaitable[Connection]]
"""Opens a connection to a port of the pod; raises :class:`~kubelet.runtime.RuntimeFault` when nobody listens there."""

_PIECE = 256 * 1024


async def serve_spdy(session: SpdySession, connect: Connect) -> None:
    """Carry every connection that a client opens, until it has gone."""
    pairs = _Pairs()
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(session.run(), name="port-forward client")
        with contextlib.suppress(BrokenPipeError):
            while True:
                if (pair := await pairs.add(await session.next_stream())) is not None:
                    group.create_task(_forward(session, *pair, connect), name="port-forward connection")
        # A client that opens no more streams still uses those it has.
        await listening


class _Pairs:
    """Puts the two streams of a connection together; clients open the one for errors first."""

    def __init__(self) -> None:
        self._waiting: dict[str, SpdyStream] = {}

    async def add(self, stream: SpdyStream) -> tuple[SpdyStream, SpdyStream] | None:
        """Return data and error stream once both are there; a stream that says it is neither is given up."""
        kind = stream.headers.get("streamtype", "")
        if kind not in {"data", "error"} or _port(stream) is None:
            await stream.reset()
            return None
        # Very old clients name no request; for them the error stream's number is followed by the data stream's.
        request = stream.headers.get("requestid") or str(stream.number - (2 if kind == "data" else 0))
        other = self._waiting.pop(request, None)
        if other is None:
            self._waiting[request] = stream
            return None
        return (stream, other) if kind == "data" else (other, stream)


def _port(stream: SpdyStream) -> int | None:
    text = stream.headers.get("port", "")
    port = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    return port if 0 < port < 65536 else None


async def _forward(session: SpdySession, data: SpdyStream, error: SpdyStream, connect: Connect) -> None:
    port = _port(data)
    assert port is not None, "checked when the stream was opened"
    try:
        await carry(data, data, connect, port)
    except RuntimeFault as fault:
        await _say(error, f"error forwarding port {port} to pod: {fault}")
    except OSError as fault:
        logger.debug("forwarding port %d ended: %s", port, fault)
    try:
        await data.close()
        await error.close()
    except BrokenPipeError:
        return
    finally:
        session.forget(data)
        session.forget(error)


async def _say(error: SpdyStream, text: str) -> None:
    try:
        await error.write(text.encode())
    except BrokenPipeError:
        logger.debug("nobody hears that %s", text)


async def carry(source: ByteSource, sink: ByteSink, connect: Connect, port: int) -> None:
    """Carry bytes between a client and a port of the pod until both sides have said all.

    Raises :class:`~kubelet.runtime.RuntimeFault` when there is no connection to be had, ``OSError`` when it breaks.
    """
    reader, writer = await connect(port)
    try:
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(_copy_in(source, writer), name="port-forward in")
            await _copy_out(reader, sink)
            # The pod has said its last; a client that goes on talking is not heard.
            sending.cancel()
    except* OSError as errors:
        raise errors.exceptions[0] from None
    finally:
        writer.close()


async def _copy_in(source: ByteSource, writer: asyncio.StreamWriter) -> None:
    while data := await source.read(_PIECE):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _copy_out(reader: asyncio.StreamReader, sink: ByteSink) -> None:
    while data := await reader.read(_PIECE):
        await sink.write(data)
