"""Exec and attach, whatever carries them (``k8s.io/kubelet/pkg/cri/streaming/remotecommand``, v0.36)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from aiohttp import web

from apimachinery.clock import Clock
from kubelet.runtime import ClientStreams
from kubelet.streaming.channels import DIALECTS, Channel, WebSocketChannels
from kubelet.streaming.handshake import Refused, Switched, is_websocket, open_spdy, open_websocket
from kubelet.streaming.outcome import JSONObject
from kubelet.streaming.spdy_channels import PROTOCOLS, SpdyChannels
from kubelet.streaming.spdy_session import SpdySession

logger = logging.getLogger(__name__)

Work = Callable[[ClientStreams], Coroutine[object, object, JSONObject]]
"""Runs a command, or attaches, with a client's streams; returns how that ended."""

_UNNAMED = "channel.k8s.io"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which streams a client asks for. A terminal has one output, which is ``stdout``."""

    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


async def serve(request: web.Request, wanted: Wanted, work: Work, clock: Clock) -> web.StreamResponse:
    """Do ``work`` with the streams of a client, and tell it how that ended; cancelled when the client leaves before."""
    if not (wanted.stdin or wanted.stdout or wanted.stderr):
        return web.Response(status=400, text="you must specify at least 1 of stdin, stdout, stderr")
    try:
        if is_websocket(request):
            return await _over_websocket(request, wanted, work)
        return await _over_spdy(request, wanted, work, clock)
    except Refused as refused:
        return refused.response


async def _over_websocket(request: web.Request, wanted: Wanted, work: Work) -> web.StreamResponse:
    socket = await open_websocket(request, list(DIALECTS), unnamed=True)
    channels = WebSocketChannels(socket, DIALECTS[socket.ws_protocol or _UNNAMED])
    outputs = [
        channel for channel, asked in ((Channel.STDOUT, wanted.stdout), (Channel.STDERR, wanted.stderr)) if asked
    ]
    await channels.greet(outputs)
    streams = ClientStreams(
        channels.stdin if wanted.stdin else None,
        channels.output(Channel.STDOUT) if wanted.stdout else None,
        channels.output(Channel.STDERR) if wanted.stderr else None,
        channels.sizes if wanted.tty else None,
    )
    await _until_either_ends(channels.run(), work(streams), channels.finish)
    return socket


async def _over_spdy(request: web.Request, wanted: Wanted, work: Work, clock: Clock) -> web.StreamResponse:
    carrier, protocol = open_spdy(request, PROTOCOLS)
    channels = SpdyChannels(SpdySession(carrier), protocol, clock)
    kinds = ["error"]
    kinds += [kind for kind in ("stdin", "stdout", "stderr") if getattr(wanted, kind)]
    if wanted.tty and protocol in PROTOCOLS[:2]:
        kinds.append("resize")

    async def work_with_streams() -> JSONObject:
        await channels.open(kinds)
        opened = channels.streams
        return await work(
            ClientStreams(
                opened["stdin"] if wanted.stdin else None,
                opened["stdout"] if wanted.stdout else None,
                opened["stderr"] if wanted.stderr else None,
                channels.sizes if wanted.tty else None,
            )
        )

    try:
        await _until_either_ends(channels.run(), work_with_streams(), channels.finish)
    finally:
        await carrier.close()
    return Switched()


async def _until_either_ends(
    listen: Coroutine[object, object, None],
    work: Coroutine[object, object, JSONObject],
    finish: Callable[[JSONObject], Awaitable[None]],
) -> None:
    """Listen to the client while the work is done; whichever comes to its end first ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(listen, name="client")
            working = group.create_task(work, name="stream")
            await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
            if working.done() and working.exception() is None:
                await finish(working.result())
            working.cancel()
            listening.cancel()
    except* (BrokenPipeError, TimeoutError) as errors:
        logger.debug("a stream ended early: %s", errors.exceptions)
