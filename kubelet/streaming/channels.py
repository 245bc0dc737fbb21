"""Exec and attach over a WebSocket: one channel for each stream.

``k8s.io/apimachinery/pkg/util/remotecommand`` (v0.36). What the subprotocols differ in is a table; everything else is
the same for all of them.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from aiohttp import web

from kubelet.streaming.channel_socket import ChannelOutput, ChannelSocket
from kubelet.streaming.inbox import Inbox
from kubelet.streaming.outcome import JSONObject
from kubelet.streaming.sizes import Sizes, parse_size


class Channel(enum.IntEnum):
    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255
    """Not a stream: the one byte that follows names the channel that has ended (v5 only)."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a subprotocol makes different.

    ``text`` messages carry base64, with the channel as a digit. A ``status`` is a ``Status`` object on the error
    channel; before it, the channel carried plain words, and nothing when all was well. ``half_close`` lets the client
    end its input and go on listening.
    """

    text: bool = False
    status: bool = True
    half_close: bool = False


DIALECTS: Mapping[str, Dialect] = {
    "v5.channel.k8s.io": Dialect(half_close=True),
    "v4.channel.k8s.io": Dialect(),
    "v4.base64.channel.k8s.io": Dialect(text=True),
    "channel.k8s.io": Dialect(status=False),
    "base64.channel.k8s.io": Dialect(text=True, status=False),
}
"""By subprotocol, the one that is liked best first. A client that names none speaks ``channel.k8s.io``."""


class WebSocketChannels:
    """One client's channels; :meth:`run` listens to what it sends, and returns when it has gone."""

    def __init__(self, socket: web.WebSocketResponse, dialect: Dialect) -> None:
        self.stdin = Inbox()
        self.sizes = Sizes()
        self._socket = ChannelSocket(socket, text=dialect.text)
        self._dialect = dialect

    def output(self, channel: Channel) -> ChannelOutput:
        """Return what a program writes to, to be read on ``channel``."""
        return ChannelOutput(self._socket, channel)

    async def greet(self, channels: Sequence[Channel]) -> None:
        """Say that the connection is there, on the lowest channel that the client listens to."""
        await self._socket.send(min(channels, default=Channel.ERROR), b"")

    async def finish(self, outcome: JSONObject) -> None:
        """Tell how it ended, and close."""
        if self._dialect.status:
            await self._socket.send(Channel.ERROR, orjson.dumps(outcome))
        elif outcome["status"] != "Success":
            await self._socket.send(Channel.ERROR, str(outcome["message"]).encode())
        await self._socket.close()

    async def run(self) -> None:
        """Take in what the client sends until it leaves."""
        try:
            async for channel, data in self._socket.messages():
                if channel == Channel.STDIN:
                    await self.stdin.put(data)
                elif channel == Channel.RESIZE and (size := parse_size(data)) is not None:
                    self.sizes.put(size)
                elif channel == Channel.CLOSE and self._dialect.half_close and data == b"\x00":
                    self.stdin.end()
        finally:
            self.stdin.end()
            self.sizes.end()
