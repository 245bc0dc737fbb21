"""An HTTP server for sub-commands: routes by path, answers without a task, ends by a signal or an order."""

import asyncio
import signal
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence

from kubelet.fake.process import Process
from kubelet.fake.streams import LogOutput
from kubelet.images.agnhost.flags import log_line
from kubelet.images.datagrams import Answer, DatagramServer
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse, HTTPService


def routed(routes: Mapping[str, Handler]) -> Handler:
    """Return a handler that goes by path; what ends with a slash takes everything below it, as in Go."""

    def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
        path = request.path
        handler = routes.get(path)
        while handler is None and path:
            path = path[: path.rstrip("/").rfind("/") + 1]
            handler = routes.get(path)
        if handler is None:
            return HTTPResponse(404, b"404 page not found\n")
        return handler(request)

    return handle


async def serve(
    process: Process,
    port: int,
    handler: Handler,
    *,
    order: "asyncio.Future[int] | None" = None,
    tls: ssl.SSLContext | None = None,
    ends_on: Sequence[int] = (signal.SIGTERM, signal.SIGINT),
) -> int:
    """Serve until a signal of ``ends_on``, which ends a Go program with 2, or until ``order`` has an exit code."""
    if not await listen(process, port, HTTPService(process, "", handler).connection, tls=tls):
        return 1
    return await go_exit(process, order, ends_on)


async def go_exit(
    process: Process,
    order: "asyncio.Future[int] | None" = None,
    ends_on: Sequence[int] = (signal.SIGTERM, signal.SIGINT),
) -> int:
    """Wait for the end, and return the exit code: that of ``order``, or a Go program's for a signal."""
    ended = order if order is not None else asyncio.get_running_loop().create_future()
    for number in ends_on:
        process.on_signal(number, lambda: None if ended.done() else ended.set_result(2))
    return await ended


def log(process: Process, text: str) -> None:
    """Write a line to standard output, where that is the container's log."""
    output = process.stdout
    if isinstance(output, LogOutput):
        output.write_nowait(log_line(process, text))


async def listen_udp(process: Process, port: int, answer: Answer, *, host: str = "") -> bool:
    """Take datagrams on a port, of all addresses or of one; say so in the log when it cannot be had."""
    try:
        await process.listen_udp(port, lambda: DatagramServer(answer), host=host)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        await process.stderr.write(log_line(process, f"listen udp :{port}: bind: {reason}"))
        return False
    return True


async def listen(
    process: Process, port: int, protocol: Callable[[], asyncio.Protocol], *, tls: ssl.SSLContext | None = None
) -> bool:
    """Listen on a port; say so in the log when it cannot be had."""
    try:
        await process.listen(port, protocol, tls=tls)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        await process.stderr.write(log_line(process, f"listen tcp :{port}: bind: {reason}"))
        return False
    return True
