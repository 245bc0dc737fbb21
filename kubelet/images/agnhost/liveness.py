"""``agnhost liveness``: healthy for ten seconds on port 8080, then not any more."""

from kubelet.fake.process import Process
from kubelet.images.agnhost.server import routed, serve
from kubelet.images.http import HTTPRequest, HTTPResponse

_HEALTHY_SECONDS = 10.0


async def liveness(process: Process, arguments: list[str]) -> int:
    started = process.clock.monotonic()

    def healthz(request: HTTPRequest) -> HTTPResponse:
        elapsed = process.clock.monotonic() - started
        if elapsed > _HEALTHY_SECONDS:
            return HTTPResponse(500, f"error: {elapsed:.6f}".encode())
        return HTTPResponse(200, b"ok")

    def when_started(request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200, f"{process.clock.monotonic() - started:.6f}s".encode())

    return await serve(process, 8080, routed({"/healthz": healthz, "/started": when_started}))
