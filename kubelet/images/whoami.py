"""``traefik/whoami``: tells who answers and what was asked."""

import itertools
import json
import signal

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.fake.program import Until
from kubelet.fake.tree import build_tree
from kubelet.images.http import HTTPRequest, HTTPResponse, HTTPService


async def whoami(process: Process) -> int | Until:
    """``whoami [--port 80] [--name NAME]``; ``WHOAMI_PORT_NUMBER`` and ``WHOAMI_NAME`` say the same."""
    port, name = process.env.get("WHOAMI_PORT_NUMBER", "80"), process.env.get("WHOAMI_NAME", "")
    words = [part for word in process.argv[1:] for part in word.split("=", 1)]
    for flag, value in itertools.pairwise(words):
        if flag.lstrip("-") == "port":
            port = value
        elif flag.lstrip("-") == "name":
            name = value
    if not port.isdigit():
        await process.complain(f"listen tcp: lookup tcp/{port}: unknown port")
        return 1

    def answer(request: HTTPRequest) -> HTTPResponse:
        if request.path == "/health":
            return HTTPResponse(200)
        if request.path == "/api":
            told = {
                "hostname": process.hostname,
                "ip": ["127.0.0.1", process.ip],
                "headers": {key: [value] for key, value in request.headers.items()},
                "url": request.target,
                "host": request.headers.get("host", ""),
                "method": request.method,
                "name": name,
                "remoteAddr": f"{request.client}:{request.client_port}",
            }
            return HTTPResponse(200, json.dumps(told).encode(), "application/json")
        lines = [f"Name: {name}"] if name else []
        lines += [
            f"Hostname: {process.hostname}",
            "IP: 127.0.0.1",
            f"IP: {process.ip}",
            f"RemoteAddr: {request.client}:{request.client_port}",
            f"{request.method} {request.target} HTTP/{request.version}",
            *(f"{key.title()}: {value}" for key, value in request.headers.items()),
        ]
        return HTTPResponse(200, "".join(f"{line}\n" for line in lines).encode() + b"\n")

    try:
        await process.listen(int(port), HTTPService(process, "", answer).connection)
    except OSError as error:
        await process.complain(f"listen tcp :{port}: bind: {error.strerror}")
        return 1
    await process.complain(f"{process.clock.now():%Y/%m/%d %H:%M:%S} Starting up on port {port}")
    return Until((signal.SIGTERM, signal.SIGINT), code=2)


def whoami_image() -> FakeImage:
    """Return the image, which has no shell, as the real one."""
    return FakeImage(build_tree({}), {"/whoami": whoami}, ("/whoami",), size=6_000_000)
