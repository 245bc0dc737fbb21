"""HTTP probes and hooks: a connection of its own for each request, over the pod's own address.

The plain case (no TLS, an address and not a name) is a handful of callbacks on a socket and no task, since a node may
make a thousand such probes a second.
"""

import asyncio
import ssl
from functools import cache

from apimachinery.clock import Clock
from apimachinery.types.probes import HTTPGetAction
from kubelet.probe_state import Result
from kubelet.prober.dialing import Connection, dial_failure
from kubelet.prober.http_message import (
    MOST_REQUESTS,
    ResponseReader,
    Target,
    follow,
    header_lines,
    request,
    target,
    verdict,
)
from kubelet.prober.outcome import Cancel, Done, Endpoint, Outcome, Subject, host_port, resolve_port
from kubelet.prober.timetable import Alarm, Timetable

_RECEIVED_BYTES = 64 * 1024
_TIMEOUTS = {
    False: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    True: "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
}
"""What is said past the timeout, by whether the headers had come. Upstream throws a probe away whose body does not end
in time; here it has failed like any other that hangs."""
_TOO_MANY = f"stopped after {MOST_REQUESTS} redirects"
_PLAIN_ANSWERS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})


class HTTPRequest:
    """What one ``httpGet`` asks for; ``endpoint`` says where connections really go."""

    __slots__ = ("_first", "_headers", "endpoint", "target")

    def __init__(self, where: Target, headers: tuple[str, str], endpoint: Endpoint) -> None:
        self.target = where
        self.endpoint = endpoint
        self._headers = headers
        self._first = request(where, headers)

    def message(self, where: Target) -> bytes:
        """Return the bytes to send for the URL itself, or one that a redirect leads to."""
        return self._first if where is self.target else request(where, self._headers)


def http_request(action: HTTPGetAction, subject: Subject, endpoint: Endpoint, *, user_agent: str) -> HTTPRequest:
    """Return what an ``httpGet`` asks for; raise :class:`~kubelet.prober.outcome.PortUnknown`."""
    port = resolve_port(action.port, subject.container)
    where = target(action.scheme.lower() or "http", action.host or subject.pod_ip, port, action.path)
    return HTTPRequest(where, header_lines(action.http_headers, user_agent), endpoint)


class NotTLS(OSError):
    """The server answered in plain HTTP."""


async def fetch(asked: HTTPRequest) -> None:
    """Ask once, whatever the answer; raise ``OSError`` when there is none.

    A server that speaks plain HTTP where HTTPS was asked for raises :class:`NotTLS`.
    """
    where = asked.target
    try:
        await _exchange(asked, where, ResponseReader())
    except (OSError, EOFError, ValueError) as error:
        text = f'Get "{where.text}": {_reason(where, error)}'
        raise (NotTLS(text) if _speaks_plainly(error) else OSError(text)) from error


def _failure(where: Target, reason: str) -> Outcome:
    return Outcome(Result.FAILURE, f'Get "{where.text}": {reason}')


def _speaks_plainly(error: Exception) -> bool:
    return isinstance(error, ssl.SSLError) and error.reason in _PLAIN_ANSWERS


def _reason(where: Target, error: Exception) -> str:
    """Return Go's words for why there was no response."""
    address = host_port(where.host, where.port)
    match error:
        case ssl.SSLError() if _speaks_plainly(error):
            return "http: server gave HTTP response to HTTPS client"
        case ssl.SSLError():
            return f"tls: {(error.reason or str(error)).lower().replace('_', ' ')}"
        case ConnectionResetError() | BrokenPipeError():
            return f"read tcp {address}: read: connection reset by peer"
        case OSError(errno=int(code)) if code > 0:
            return dial_failure(address, code)
        case OSError(errno=int()):
            return f"dial tcp: lookup {where.host}: no such host"
        case ValueError():
            return f"net/http: HTTP/1.x transport connection broken: {error}"
    return str(error) or "EOF"


class HTTPCheck:
    """The plain case: callbacks on a socket."""

    __slots__ = ("_clock", "_timeout", "_timetable", "asked")

    def __init__(self, asked: HTTPRequest, timeout: float, clock: Clock, timetable: Timetable) -> None:
        self.asked = asked
        self._timeout = timeout
        self._clock = clock
        self._timetable = timetable

    def begin(self, done: Done) -> Cancel:
        attempt = _Attempt(self.asked, done)
        attempt.start(self._timetable.at(self._clock.monotonic() + self._timeout, attempt.expire))
        return attempt.cancel


class _Attempt:
    """One HTTP probe under way: its request, and those that redirects lead to."""

    __slots__ = ("_alarm", "_asked", "_connection", "_done", "_requests", "_response", "_where")

    def __init__(self, asked: HTTPRequest, done: Done) -> None:
        self._asked = asked
        self._where = asked.target
        self._done: Done | None = done
        self._requests = 0
        self._connection: Connection | None = None
        self._response = ResponseReader()
        self._alarm: Alarm | None = None

    def start(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._ask()

    def cancel(self) -> None:
        self._done = None
        self._close()

    def expire(self) -> None:
        """The timeout has passed."""
        self._finish(_failure(self._where, _TIMEOUTS[self._response.headers_complete]))

    def _finish(self, outcome: Outcome) -> None:
        done, self._done = self._done, None
        self._close()
        if done is not None:
            done(outcome)

    def _close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._connection is not None:
            self._connection.close()

    def _fail(self, error: Exception) -> None:
        self._finish(_failure(self._where, _reason(self._where, error)))

    def _ask(self) -> None:
        if self._requests == MOST_REQUESTS:
            self._finish(_failure(self._where, _TOO_MANY))
            return
        self._requests += 1
        try:
            self._connection = Connection(self._asked.endpoint(self._where.host, self._where.port))
            self._connection.open(self._opened)
        except OSError as error:
            self._fail(error)

    def _opened(self, code: int) -> None:
        connection, where = self._connection, self._where
        assert connection is not None
        if code:
            self._finish(_failure(where, dial_failure(host_port(where.host, where.port), code)))
            return
        connection.on_readable(self._receive)
        connection.send(self._asked.message(where), self._fail)

    def _receive(self) -> None:
        connection, response = self._connection, self._response
        assert connection is not None
        try:
            data = connection.socket.recv(_RECEIVED_BYTES)
            if not _take_in(response, data):
                return
        except BlockingIOError:
            return
        except (OSError, EOFError, ValueError) as error:
            self._fail(error)
            return
        onward = follow(self._asked.target, self._where, response)
        if onward is None:
            self._finish(verdict(response))
            return
        connection.close()
        self._where, self._response = onward, ResponseReader()
        self._ask()


def _take_in(response: ResponseReader, data: bytes) -> bool:
    """Give what has arrived to a response and return whether it is complete; raise ``EOFError`` or ``ValueError``."""
    if not data:
        if not response.end():
            raise EOFError
        return True
    response.feed(data)
    return response.complete


async def get(asked: HTTPRequest, timeout: float, clock: Clock) -> Outcome:
    """Carry out an HTTP probe in a task: what the plain case does not, TLS and hosts given by name."""
    where, response = asked.target, ResponseReader()
    try:
        async with clock.timeout(timeout):
            for _ in range(MOST_REQUESTS):
                response = ResponseReader()
                await _exchange(asked, where, response)
                onward = follow(asked.target, where, response)
                if onward is None:
                    return verdict(response)
                where = onward
    except TimeoutError:
        return _failure(where, _TIMEOUTS[response.headers_complete])
    except (OSError, EOFError, ValueError) as error:
        return _failure(where, _reason(where, error))
    return _failure(where, _TOO_MANY)


async def _exchange(asked: HTTPRequest, where: Target, response: ResponseReader) -> None:
    tls = _trusting() if where.scheme == "https" else None
    reader, writer = await asyncio.open_connection(*asked.endpoint(where.host, where.port), ssl=tls)
    try:
        writer.write(asked.message(where))
        while not _take_in(response, await reader.read(_RECEIVED_BYTES)):
            pass
    finally:
        writer.transport.abort()


@cache
def _trusting() -> ssl.SSLContext:
    """Probes take any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
