"""``agnhost serve-hostname``: answers every HTTP request or TCP connection with the pod's host name."""

import asyncio
import signal

from kubelet.fake.process import Connection, Process
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import listen, listen_udp
from kubelet.images.http import HTTPRequest, HTTPResponse, HTTPService

_SHUTDOWN_SECONDS = 60
_DEFAULTS = {"http": "true", "tcp": "false", "udp": "false", "port": "9376", "close": "false"}


class _TellAndClose(Connection):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.transport is not None:
            self.transport.write(self.process.hostname.encode())
            self.transport.close()


async def serve_hostname(process: Process, arguments: list[str]) -> int:
    """``serve-hostname [--http=true] [--tcp] [--udp] [--port 9376] [--close]``; that closes after every answer."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        port = port_flag(values, "port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    name = process.hostname.encode()

    def answer(request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200, name)

    http = HTTPService(process, "", answer, keep_alive=values["close"] != "true").connection
    if values["udp"] == "true" and not await listen_udp(process, port, lambda data, client: name):
        return 1
    protocol = (lambda: _TellAndClose(process)) if values["tcp"] == "true" else http
    if "true" in {values["tcp"], values["http"]} and not await listen(process, port, protocol):
        return 1
    await process.stdout.write(log_line(process, f"Serving on port {port}."))
    await process.wait_for_signal(signal.SIGTERM)
    await process.stdout.write(
        log_line(process, f"Shutting down after receiving signal: terminated in {_SHUTDOWN_SECONDS}s")
    )
    await process.sleep(_SHUTDOWN_SECONDS)
    return 0
