"""The program of images nobody has written: up, and listening where the pod says it does.

Connections to the declared TCP ports are accepted and kept open; what arrives is read and forgotten.
"""

import signal

from kubelet.fake.process import Connection, Process


class _Sink(Connection):
    def data_received(self, data: bytes) -> None:
        """Nobody knows what this image would answer."""


async def serve_declared_ports(process: Process) -> int:
    for port in process.world.ports:
        if port.protocol == "TCP":
            try:
                await process.listen(port.container_port, lambda: _Sink(process))
            except OSError as error:
                await process.complain(f"listen tcp 0.0.0.0:{port.container_port}: bind: {error.strerror}")
                return 1
    await process.wait_for_signal(signal.SIGTERM, signal.SIGINT)
    return 0
