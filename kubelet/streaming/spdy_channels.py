"""Exec and attach over SPDY: one stream for each channel, told apart by a header.

``k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go`` (v0.36).
"""

import asyncio
from collections.abc import Sequence

import orjson

from apimachinery.clock import Clock
from kubelet.streaming.outcome import JSONObject
from kubelet.streaming.sizes import Sizes, parse_size
from kubelet.streaming.spdy_session import SpdySession, SpdyStream

PROTOCOLS = ("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")
"""The one that is liked best first. From v4 on the error stream carries a ``Status``."""

STREAMS_SECONDS = 30.0
"""How long a client may take to open its streams (``DefaultStreamCreationTimeout``)."""


class SpdyChannels:
    """One client's streams, by their type: ``stdin``, ``stdout``, ``stderr``, ``error``, ``resize``."""

    def __init__(self, session: SpdySession, protocol: str, clock: Clock) -> None:
        self.sizes = Sizes()
        self.streams: dict[str, SpdyStream] = {}
        self._session = session
        self._protocol = protocol
        self._clock = clock
        self._complete = asyncio.Event()

    async def open(self, kinds: Sequence[str]) -> None:
        """Wait for a stream of each kind; raise ``TimeoutError`` or ``BrokenPipeError`` when they do not come."""
        async with self._clock.timeout(STREAMS_SECONDS):
            while any(kind not in self.streams for kind in kinds):
                stream = await self._session.next_stream()
                self.streams[stream.headers.get("streamtype", "")] = stream
        self._complete.set()

    async def _follow_sizes(self) -> None:
        """Take in the sizes of the client's window, until there are no more."""
        await self._complete.wait()
        stream, held = self.streams.get("resize"), b""
        while stream is not None and (data := await stream.read(4096)):
            # Objects follow one another; one may be cut in two.
            *whole, held = (held + data).replace(b"}", b"}\n").split(b"\n")
            for text in whole:
                if (size := parse_size(text)) is not None:
                    self.sizes.put(size)
        self.sizes.end()

    async def finish(self, outcome: JSONObject) -> None:
        """Tell how it ended, and end every stream."""
        error = self.streams["error"]
        if self._protocol == PROTOCOLS[0]:
            await error.write(orjson.dumps(outcome))
        elif outcome["status"] != "Success":
            await error.write(str(outcome["message"]).encode())
        for stream in self.streams.values():
            await stream.close()

    async def run(self) -> None:
        """Listen to the client until it has gone."""
        async with asyncio.TaskGroup() as group:
            sizes = group.create_task(self._follow_sizes(), name="client window")
            await self._session.run()
            sizes.cancel()
