"""``agnhost guestbook``: a store that keeps its replicas up to date (``test/images/agnhost/guestbook``, v1.36)."""

import json
from http import HTTPStatus
from urllib.parse import urlencode

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import log, routed, serve
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse
from kubelet.images.utilities.http_client import BadReply, BadURL, EmptyReply, Request, exchange, parse_url

_TIMEOUT_SECONDS = 5.0
_REGISTER_SECONDS = 15.0
_PAUSE_SECONDS = 1.0
_UPSTREAM = {"get": "agnhost-replica", "set": "agnhost-primary"}


async def guestbook(process: Process, arguments: list[str]) -> int:
    """``guestbook [--http-port 80] [--backend-port 6379] [--replicaof HOST]``."""
    try:
        values = parse_flags(arguments, {"http-port": "80", "backend-port": "6379", "replicaof": ""})
        port, backend = port_flag(values, "http-port"), port_flag(values, "backend-port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    book = _Guestbook(process, backend)
    if values["replicaof"]:
        process.background(book.register_at(values["replicaof"]), "guestbook-replica")
    routes: dict[str, Handler] = {
        "/register": book.register,
        "/get": book.get,
        "/set": book.set,
        "/guestbook": book.relay,
    }
    return await serve(process, port, routed(routes))


class _Guestbook:
    def __init__(self, process: Process, backend: int) -> None:
        self._process = process
        self._backend = backend
        self._store: dict[str, str] = {}
        self._replicas: list[str] = []

    def register(self, request: HTTPRequest) -> HTTPResponse:
        """Take in a replica; it gets all there is."""
        host = request.query.get("host", "")
        log(self._process, f"GET /register?host={host}")
        self._replicas.append(host)
        log(self._process, f"Node '{host}' registered.")
        return _json({"data": self._store})

    def get(self, request: HTTPRequest) -> HTTPResponse:
        key = request.query.get("key", "")
        log(self._process, f"GET /get?key={key}")
        return _json({"data": self._store.get(key, "") if key else self._store})

    async def set(self, request: HTTPRequest) -> HTTPResponse:
        key, value = request.query.get("key", ""), request.query.get("value", "")
        log(self._process, f"GET /set?key={key}&value={value}")
        if not key:
            return HTTPResponse(HTTPStatus.BAD_REQUEST, b"cannot set with empty key.\n")
        self._store[key] = value
        for replica in self._replicas:
            try:
                await self._ask(replica, "set", {"key": key, "value": value})
            except _Unreachable as error:
                text = f"encountered error while propagating to replica '{replica}': {error}\n"
                return HTTPResponse(HTTPStatus.EXPECTATION_FAILED, text.encode())
        return _json({"message": "Updated"})

    async def relay(self, request: HTTPRequest) -> HTTPResponse:
        """Ask whoever the service of the primary, or of the replicas, leads to."""
        command, key = request.query.get("cmd", "").lower(), request.query.get("key", "")
        value = request.query.get("value", "")
        log(self._process, f"GET /guestbook?cmd={command}&key={key}&value={value}")
        if command not in _UPSTREAM:
            return HTTPResponse(HTTPStatus.BAD_REQUEST, f"unsupported cmd: '{command}'\n".encode())
        if command == "set" and not key:
            return HTTPResponse(HTTPStatus.BAD_REQUEST, b"cannot set with empty key.\n")
        try:
            return HTTPResponse(200, await self._ask(_UPSTREAM[command], command, {"key": key, "value": value}))
        except _Unreachable as error:
            return HTTPResponse(HTTPStatus.EXPECTATION_FAILED, f"encountered error: {error}\n".encode())

    async def register_at(self, primary: str) -> None:
        """Become a replica; the container ends when that cannot be."""
        process = self._process
        end = process.clock.monotonic() + _REGISTER_SECONDS
        while process.clock.monotonic() < end:
            try:
                answer = json.loads(await self._ask(primary, "register", {"host": process.ip}))
                self._store = dict(answer["data"])
            except (_Unreachable, ValueError, KeyError, TypeError) as error:
                await process.stderr.write(
                    log_line(process, f"encountered error while registering to primary: {error}. Retrying in 1s.")
                )
                await process.sleep(_PAUSE_SECONDS)
            else:
                await process.stderr.write(log_line(process, f"Registered to node: {primary}"))
                return
        await process.stderr.write(log_line(process, "Timed out while registering to primary."))
        process.deliver(15)

    async def _ask(self, host: str, action: str, query: dict[str, str]) -> bytes:
        url = parse_url(f"http://{host}:{self._backend}/{action}?{urlencode(query)}")
        try:
            async with self._process.clock.timeout(_TIMEOUT_SECONDS):
                return bytes((await exchange(self._process, Request(url, user_agent="Go-http-client/1.1"))).body)
        except TimeoutError:
            raise _Unreachable("context deadline exceeded") from None
        except (OSError, BadReply, BadURL, EmptyReply) as error:
            raise _Unreachable(str(error)) from error


class _Unreachable(Exception):
    """Another guestbook does not answer."""


def _json(value: object) -> HTTPResponse:
    return HTTPResponse(200, json.dumps(value, separators=(",", ":")).encode())
