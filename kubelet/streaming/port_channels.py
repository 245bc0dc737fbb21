"""Port-forward over a plain WebSocket: the ports are named in the query, and each has two channels.

``k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go`` (v0.36): channel 2i carries the data of the i-th port,
2i+1 what goes wrong with it. The first message on each names the port in two bytes, the low one first.
"""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from kubelet.runtime import RuntimeFault
from kubelet.streaming.channel_socket import ChannelOutput, ChannelSocket
from kubelet.streaming.inbox import Inbox
from kubelet.streaming.portforward import Connect, carry

SUBPROTOCOLS: Mapping[str, bool] = {"v4.channel.k8s.io": False, "v4.base64.channel.k8s.io": True}
"""By name, whether messages are text that carries base64."""


class PortChannels:
    """One client's channels for a row of ports."""

    def __init__(self, socket: web.WebSocketResponse, ports: Sequence[int], *, text: bool) -> None:
        self._socket = ChannelSocket(socket, text=text)
        self._ports = ports
        self._inboxes = [Inbox() for _ in ports]

    async def serve(self, connect: Connect) -> None:
        """Carry a connection to each port until all have ended, or the client has gone; then close the socket."""
        for index, port in enumerate(self._ports):
            for channel in (2 * index, 2 * index + 1):
                await self._socket.send(channel, port.to_bytes(2, "little"))
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(), name="port-forward client")
            carrying = group.create_task(self._carry_all(connect), name="port-forward connections")
            await asyncio.wait({listening, carrying}, return_when=asyncio.FIRST_COMPLETED)
            carrying.cancel()
            listening.cancel()
        await self._socket.close()

    async def _carry_all(self, connect: Connect) -> None:
        await asyncio.gather(*(self._carry(index, port, connect) for index, port in enumerate(self._ports)))

    async def _listen(self) -> None:
        async for channel, data in self._socket.messages():
            index, is_error = divmod(channel, 2)
            if not is_error and index < len(self._inboxes):
                await self._inboxes[index].put(data)
        for inbox in self._inboxes:
            inbox.end()

    async def _carry(self, index: int, port: int, connect: Connect) -> None:
        try:
            await carry(self._inboxes[index], ChannelOutput(self._socket, 2 * index), connect, port)
        except RuntimeFault as fault:
            await self._socket.send(2 * index + 1, f"error forwarding port {port} to pod: {fault}".encode())
        except OSError:
            # The client sees the connection end, as it would without anything between.
            return
