"""The program of images nobody has written: up, and listening where the pod says it does.

Connections to the declared TCP ports are accepted and kept open, datagrams to the UDP ones taken; what arrives is read
and forgotten.
"""

import asyncio

from kubelet.fake.process import Connection, Process
from kubelet.fake.program import UNTIL_TOLD, Until


class _Sink(Connection):
    def data_received(self, data: bytes) -> None:
        """Nobody knows what this image would answer."""


async def serve_declared_ports(process: Process) -> int | Until:
    for port in process.world.ports:
        try:
            if port.protocol == "TCP":
                await process.listen(port.container_port, lambda: _Sink(process))
            elif port.protocol == "UDP":
                await process.listen_udp(port.container_port, asyncio.DatagramProtocol)
        except OSError as error:
            kind = port.protocol.lower()
            await process.complain(f"listen {kind} 0.0.0.0:{port.container_port}: bind: {error.strerror}")
            return 1
    return UNTIL_TOLD
