"""``agnhost netexec``: tells who it is, echoes, redirects, asks others and exits on request, over HTTP and UDP."""

import asyncio
from collections.abc import Awaitable
from urllib.parse import urlencode

from apimachinery.duration import parse_duration
from kubelet.fake.process import Process
from kubelet.fake.streams import LogOutput
from kubelet.images.agnhost.commands import shell, upload
from kubelet.images.agnhost.dial import dial
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import listen_udp, routed, serve
from kubelet.images.agnhost.webhook import tls_of_files
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse

_DIAL_PARAMETERS = ("host", "protocol", "port", "request", "tries")
_DEFAULTS = {
    "http-port": "8080",
    "udp-port": "8081",
    "sctp-port": "-1",
    "tls-cert-file": "",
    "tls-private-key-file": "",
    "http-override": "",
    "udp-listen-addresses": "",
}


async def netexec(process: Process, arguments: list[str]) -> int:
    """``netexec [--http-port 8080] [--udp-port 8081] [--tls-cert-file F --tls-private-key-file F] …``.

    A port of -1 is not served; with ``--http-override`` every request is taken for a GET of that path.
    """
    try:
        values = parse_flags(arguments, _DEFAULTS)
        port, udp_port = port_flag(values, "http-port"), port_flag(values, "udp-port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    order: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    answers = _Answers(process, order)
    if udp_port >= 0:
        for address in values["udp-listen-addresses"].split(","):
            if not await listen_udp(process, udp_port, answers.datagram, host=address.strip()):
                return 1
        await process.stdout.write(log_line(process, f"Started UDP server on port  {udp_port}"))
    if port < 0:
        return await order
    await process.stdout.write(log_line(process, f"Started HTTP server on port {port}"))
    tls = None
    if values["tls-cert-file"]:
        tls = await tls_of_files(process, values["tls-cert-file"], values["tls-private-key-file"])
        if tls is None:
            return 255
    handler = routed(answers.routes())
    if override := values["http-override"]:
        handler = _always(override, handler)
    return await serve(process, port, handler, order=order, tls=tls)


def _always(target: str, handler: Handler) -> Handler:
    """Return a handler that takes every request for a GET of one target."""

    def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
        asked = HTTPRequest("GET", target, request.version, {}, b"", request.client, request.client_port)
        return handler(asked)

    return handle


class _Answers:
    def __init__(self, process: Process, order: "asyncio.Future[int]") -> None:
        self._process = process
        self._order = order

    def routes(self) -> dict[str, Handler]:
        return {
            "/": self._root,
            "/clientip": self._client_ip,
            "/dial": self._dial,
            "/echo": self._echo,
            "/exit": self._exit,
            "/header": self._header,
            "/healthz": self._healthy,
            "/hostName": self._hostname,
            "/hostname": self._hostname,
            "/readyz": self._healthy,
            "/redirect": self._redirect,
            "/shell": lambda request: shell(self._process, request),
            "/shutdown": self._shut_down,
            "/upload": lambda request: upload(self._process, request),
        }

    def _log(self, text: str) -> None:
        output = self._process.stdout
        if isinstance(output, LogOutput):
            output.write_nowait(log_line(self._process, text))

    def _root(self, request: HTTPRequest) -> HTTPResponse:
        self._log("GET /")
        now = self._process.clock.now()
        return HTTPResponse(200, f"NOW: {now:%Y-%m-%d %H:%M:%S.%f} +0000 UTC".encode())

    def _client_ip(self, request: HTTPRequest) -> HTTPResponse:
        self._log("GET /clientip")
        return HTTPResponse(200, f"{request.client}:{request.client_port}".encode())

    def _dial(self, request: HTTPRequest) -> Awaitable[HTTPResponse]:
        asked = "&".join(f"{key}={request.query.get(key, '')}" for key in _DIAL_PARAMETERS)
        self._log(f"GET /dial?{asked}")
        return dial(self._process, request)

    def datagram(self, data: bytes, client: tuple[str, int]) -> bytes | None:
        """Answer ``hostname``, ``echo TEXT`` and ``clientip``."""
        text, address = data.decode(errors="replace").strip().lower(), f"{client[0]}:{client[1]}"
        if text == "hostname":
            self._log("Sending udp hostName response")
            return self._process.hostname.encode()
        if text.startswith("echo "):
            echoed = text.partition(" ")[2]
            self._log(f"Echoing {echoed} to UDP client {address}")
            return echoed.encode()
        if text == "clientip":
            self._log(f"Sending clientip back to UDP client {address}")
            return address.encode()
        if text:
            self._log(f"Unknown UDP command received from {address}: {text}")
        return None

    def _echo(self, request: HTTPRequest) -> HTTPResponse:
        message, code = request.query.get("msg", ""), request.query.get("code", "")
        self._log(f"GET /echo?msg={message}&code={code}")
        if not code:
            return HTTPResponse(200, message.encode())
        if not code.isdigit() or not 100 <= int(code) <= 599:
            return HTTPResponse(400, f"argument 'code' must be integer or empty, got {code!r}\n".encode())
        return HTTPResponse(int(code), message.encode())

    def _exit(self, request: HTTPRequest) -> HTTPResponse:
        query = request.query
        code, timeout, wait = (query.get(name, "") for name in ("code", "timeout", "wait"))
        self._log(f"GET /exit?code={code}&timeout={timeout}&wait={wait}")
        seconds = 0.0
        for name, text in (("timeout", timeout), ("wait", wait)):
            try:
                seconds = parse_duration(text or "0")
            except ValueError:
                problem = f"argument '{name}' must be a valid golang duration or empty, got \"{text}\"\n"
                return HTTPResponse(200, problem.encode())
        if code and not code.isdigit():
            return HTTPResponse(200, f"argument 'code' must be an integer [0-127] or empty, got \"{code}\"\n".encode())
        self._process.background(self._end_later(seconds, int(code or 0)), "exit")
        return HTTPResponse(200)

    async def _end_later(self, seconds: float, code: int) -> None:
        await self._process.sleep(seconds)
        if not self._order.done():
            self._order.set_result(code)

    def _shut_down(self, request: HTTPRequest) -> HTTPResponse:
        self._log("GET /shutdown")
        if not self._order.done():
            self._order.set_result(0)
        return HTTPResponse(200)

    def _header(self, request: HTTPRequest) -> HTTPResponse:
        key = request.query.get("key", "")
        self._log(f"GET /header?key={key}")
        return HTTPResponse(200, request.headers.get(key.lower(), "").encode())

    def _healthy(self, request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200)

    def _hostname(self, request: HTTPRequest) -> HTTPResponse:
        self._log(f"GET {request.path}")
        return HTTPResponse(200, self._process.hostname.encode())

    def _redirect(self, request: HTTPRequest) -> HTTPResponse:
        location, code = request.query.get("location", ""), request.query.get("code", "301")
        self._log(f"{request.method} /redirect?{urlencode({'location': location, 'code': code})}")
        if code not in {"301", "302", "303", "307", "308"}:
            return HTTPResponse(400, b"argument 'code' must be a redirection\n")
        return HTTPResponse(int(code), b"", "text/html; charset=utf-8", {"Location": location})
