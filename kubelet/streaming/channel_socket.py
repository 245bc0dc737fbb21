"""A WebSocket whose messages say by their first byte which channel they are on (upstream's ``wsstream``, v0.36)."""

import base64
import binascii
from collections.abc import AsyncIterator

from aiohttp import WSMsgType, web

_PIECE = 32 * 1024
"""Output is sent in messages of at most this size, which every client can read."""


class ChannelSocket:
    """Messages as channel and data. With ``text`` they are base64, and the channel is a digit before it."""

    def __init__(self, socket: web.WebSocketResponse, *, text: bool) -> None:
        self._socket = socket
        self._text = text

    async def send(self, channel: int, data: bytes) -> None:
        """Send a message; raise ``BrokenPipeError`` when the client has gone."""
        try:
            if self._text:
                await self._socket.send_str(f"{channel}{base64.b64encode(data).decode()}")
            else:
                await self._socket.send_bytes(bytes((channel,)) + data)
        except (ConnectionError, RuntimeError) as error:
            # aiohttp's own error for a connection that is closing is none of the system's.
            raise BrokenPipeError("the client has gone") from error

    async def messages(self) -> AsyncIterator[tuple[int, bytes]]:
        """Yield what the client sends until it leaves; what makes no sense is passed over, as upstream does."""
        async for message in self._socket:
            if message.type not in {WSMsgType.BINARY, WSMsgType.TEXT} or not message.data:
                continue
            # The Python client sends text as text, though its protocol is one of bytes.
            data = message.data.encode() if message.type is WSMsgType.TEXT else message.data
            if not self._text:
                yield data[0], data[1:]
            elif data[:1].isdigit():
                try:
                    yield data[0] - ord("0"), base64.b64decode(data[1:])
                except binascii.Error:
                    continue

    async def close(self) -> None:
        await self._socket.close()


class ChannelOutput:
    """What is written to it is for a client to read on a channel."""

    def __init__(self, socket: ChannelSocket, channel: int) -> None:
        self._socket = socket
        self._channel = channel

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            await self._socket.send(self._channel, data[start : start + _PIECE])
