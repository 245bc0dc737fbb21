"""``agnhost resource-consumer``: uses as much as it is asked to (``test/images/resource-consumer``, v1.36)."""

from collections.abc import Callable
from urllib.parse import parse_qs

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags, port_flag
from kubelet.images.agnhost.server import routed, serve
from kubelet.images.http import HTTPRequest, HTTPResponse

_MEGABYTE = 1024 * 1024


async def resource_consumer(process: Process, arguments: list[str]) -> int:
    """``resource-consumer [--port 8080]``: ``POST /ConsumeCPU``, ``/ConsumeMem`` and ``/BumpMetric``, ``GET /metrics``.

    What is asked for adds up, and ends after the ``durationSec`` that come with it.
    """
    try:
        port = port_flag(parse_flags(arguments, {"port": "8080"}), "port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    consumer = _Consumer(process)
    routes = {
        "/ConsumeCPU": consumer.cpu,
        "/ConsumeMem": consumer.memory,
        "/BumpMetric": consumer.metric,
        "/GetCurrentStatus": lambda request: HTTPResponse(200, b"GetCurrentStatus\n"),
        "/metrics": consumer.metrics,
    }
    return await serve(process, port, routed(routes))


class _BadParameter(Exception):
    """Something is missing in a request, or is no number."""


class _Consumer:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._millicores = 0
        self._megabytes = 0
        self._metrics: dict[str, float] = {}

    def cpu(self, request: HTTPRequest) -> HTTPResponse:
        return self._take(request, "ConsumeCPU", "millicores", self._use_cpu)

    def memory(self, request: HTTPRequest) -> HTTPResponse:
        return self._take(request, "ConsumeMem", "megabytes", self._use_memory)

    def metric(self, request: HTTPRequest) -> HTTPResponse:
        name = _parameters(request).get("metric", "")

        def bump(delta: int) -> None:
            self._metrics[name] = self._metrics.get(name, 0) + delta

        if not name:
            return HTTPResponse(400, b"not given any function arguments\n")
        return self._take(request, "BumpMetric", "delta", bump)

    def metrics(self, request: HTTPRequest) -> HTTPResponse:
        lines = [f"# TYPE {name} gauge\n{name} {value:g}\n" for name, value in sorted(self._metrics.items())]
        return HTTPResponse(200, "".join(lines).encode(), "text/plain; version=0.0.4; charset=utf-8")

    def _use_cpu(self, millicores: int) -> None:
        self._millicores += millicores
        self._process.use_cpu(self._millicores / 1000)

    def _use_memory(self, megabytes: int) -> None:
        self._megabytes += megabytes
        self._process.use_memory(self._megabytes * _MEGABYTE)

    def _take(self, request: HTTPRequest, action: str, unit: str, use: Callable[[int], None]) -> HTTPResponse:
        if request.method != "POST":
            return HTTPResponse(404, b"unknown function\n")
        parameters = _parameters(request)
        try:
            amount, seconds = _number(parameters, unit), _number(parameters, "durationSec")
        except _BadParameter as problem:
            return HTTPResponse(400, f"{problem}\n".encode())
        use(amount)
        self._process.background(self._end_later(use, amount, seconds), "consumption")
        return HTTPResponse(200, f"{action}\n{amount} {unit}\n{seconds} durationSec\n".encode())

    async def _end_later(self, use: Callable[[int], None], amount: int, seconds: int) -> None:
        await self._process.sleep(seconds)
        use(-amount)


def _parameters(request: HTTPRequest) -> dict[str, str]:
    """Return what comes with a request, in its target or as a form."""
    form = parse_qs(request.body.decode(errors="replace"))
    return {**request.query, **{name: values[0] for name, values in form.items()}}


def _number(parameters: dict[str, str], name: str) -> int:
    text = parameters.get(name, "")
    if not text:
        raise _BadParameter("not given any function arguments")
    if not text.lstrip("-").isdigit():
        raise _BadParameter(f"incorrect function argument: {name}={text}")
    return int(text)
