"""``agnhost nettest``: counts who has written to it (``test/images/agnhost/nettest``, v1.36).

Upstream's also looks for its peers in the API; this one waits to be found.
"""

import asyncio
import json
import signal

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags, port_flag
from kubelet.images.agnhost.server import routed, serve
from kubelet.images.http import HTTPRequest, HTTPResponse

_DEFAULTS = {"port": "8080", "peers": "8", "service": "nettest", "namespace": "default", "delay-shutdown": "0"}


async def nettest(process: Process, arguments: list[str]) -> int:
    """``nettest [--port 8080] [--peers 8] [--delay-shutdown 0]``."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        port, peers, delay = (port_flag(values, name) for name in ("port", "peers", "delay-shutdown"))
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    order: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    received: dict[str, int] = {}
    errors: list[str] = []

    def read(request: HTTPRequest) -> HTTPResponse:
        state = {
            "Hostname": process.hostname,
            "Sent": None,
            "Received": received or None,
            "Errors": errors or None,
            "Log": None,
            "StillContactingPeers": True,
        }
        return HTTPResponse(200, json.dumps(state, indent="\t").encode())

    def write(request: HTTPRequest) -> HTTPResponse:
        try:
            source = json.loads(request.body)["Source"]
            received[source] = received.get(source, 0) + 1
        except (ValueError, KeyError, TypeError) as error:
            errors.append(f"{process.hostname}: Got request with no source: {error}")
        return HTTPResponse(200, json.dumps({"Hostname": process.hostname}).encode() + b"\n")

    def status(request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200, b"pass" if peers <= 0 else b"running")

    def end() -> None:
        if not order.done():
            order.set_result(0)

    def leave(request: HTTPRequest) -> HTTPResponse:
        end()
        return HTTPResponse(200)

    async def end_later() -> None:
        await process.print(f"Sleeping {delay} seconds before exit ...")
        await process.sleep(delay)
        end()

    handler = routed({"/read": read, "/write": write, "/status": status, "/quit": leave})
    if delay <= 0:
        return await serve(process, port, handler, order=order)
    process.on_signal(signal.SIGTERM, lambda: process.background(end_later(), "delayed-shutdown"))
    return await serve(process, port, handler, order=order, ends_on=())
