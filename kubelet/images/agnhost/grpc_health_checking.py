"""``agnhost grpc-health-checking``: gRPC's health service on port 5000, told over HTTP on port 8080 what to answer."""

from kubelet.fake.process import Process
from kubelet.grpc_health import Code, ServingStatus
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import listen, routed, serve
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse

_DEFAULTS = {"port": "5000", "http-port": "8080", "delay-unhealthy-sec": "-1", "service": ""}


async def grpc_health_checking(process: Process, arguments: list[str]) -> int:
    """``grpc-health-checking [--port] [--http-port] [--delay-unhealthy-sec] [--service]``."""
    # HTTP/2 is only imported where it is spoken.
    from kubelet.images.grpc import HealthService

    try:
        values = parse_flags(arguments, _DEFAULTS)
        port, http_port = port_flag(values, "port"), port_flag(values, "http-port")
        delay = port_flag(values, "delay-unhealthy-sec")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    health = _Health(process, values["service"], delay)
    await process.stderr.write(log_line(process, f"Http server starting to listen on :{http_port}"))
    if not await listen(process, port, HealthService(process, health.check).connection):
        return 1
    await process.stderr.write(log_line(process, f"gRPC server starting to listen on :{port}"))
    routes = {"/make-serving": health.force(serving=True), "/make-not-serving": health.force(serving=False)}
    return await serve(process, http_port, routed(routes))


class _Health:
    """Serving until the delay has passed (never, when it is negative), unless it has been told otherwise."""

    def __init__(self, process: Process, service: str, delay: float) -> None:
        self._clock = process.clock
        self._started = process.clock.monotonic()
        self._service = service
        self._delay = delay
        self._forced: bool | None = None

    def _age(self) -> float:
        return self._clock.monotonic() - self._started

    def check(self, service: str) -> ServingStatus | tuple[Code, str]:
        if service != self._service:
            return Code.NotFound, "unknown service"
        # As upstream's: being told to serve does not undo the delay.
        if self._forced is False or 0 <= self._delay <= self._age():
            return ServingStatus.NOT_SERVING
        return ServingStatus.SERVING

    def force(self, *, serving: bool) -> Handler:
        """Return the handler of the page that makes it so."""

        def handle(request: HTTPRequest) -> HTTPResponse:
            self._forced = serving
            return HTTPResponse(200, f"{self._age():.6f}s".encode())

        return handle
