"""gRPC probes: one call of ``grpc.health.v1.Health/Check`` on a connection of its own (``pkg/probe/grpc``, v1.36).

Imported when a pod first has such a probe: HTTP/2 takes a while to import.
"""

from urllib.parse import unquote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from apimachinery.clock import Clock
from apimachinery.types.probes import GRPCAction
from kubelet.grpc_health import (
    CHECK_PATH,
    CONTENT_TYPE,
    Code,
    ServingStatus,
    decode_response,
    encode_request,
    frame,
    unframe,
)
from kubelet.probe_state import Result
from kubelet.prober.dialing import Connection
from kubelet.prober.outcome import SUCCESS, USER_AGENT, Cancel, Done, Endpoint, Outcome, Subject, host_port
from kubelet.prober.timetable import Alarm, Timetable

RETRY_SECONDS = 1.0
"""After how long gRPC tries to connect again."""

_RECEIVED_BYTES = 64 * 1024
_CONFIG = H2Configuration(client_side=True, header_encoding="utf-8")


class GRPCCheck:
    """One container's gRPC probe, made with callbacks on a socket."""

    __slots__ = ("_clock", "_timeout", "_timetable", "address", "endpoint", "request", "shown")

    def __init__(
        self,
        action: GRPCAction,
        subject: Subject,
        timeout: float,
        *,
        endpoint: Endpoint,
        clock: Clock,
        timetable: Timetable,
    ) -> None:
        self.address = (subject.pod_ip, action.port)
        self.shown = host_port(*self.address)
        self.endpoint = endpoint
        self.request = frame(encode_request(action.service))
        self._timeout = timeout
        self._clock = clock
        self._timetable = timetable

    def begin(self, done: Done) -> Cancel:
        attempt = _Attempt(self, done)
        attempt.start(self._clock.monotonic(), self._timeout, self._timetable)
        return attempt.cancel


class Call:
    """One call of ``Check``, apart from the network: bytes in, bytes out."""

    def __init__(self, authority: str, request: bytes) -> None:
        self._h2 = H2Connection(config=_CONFIG)
        self._h2.initiate_connection()
        stream = self._h2.get_next_available_stream_id()
        self._h2.send_headers(
            stream,
            [
                (":method", "POST"),
                (":scheme", "http"),
                (":path", CHECK_PATH),
                (":authority", authority),
                ("content-type", CONTENT_TYPE),
                ("te", "trailers"),
                ("user-agent", f"{USER_AGENT} grpc-go"),
            ],
        )
        self._h2.send_data(stream, request, end_stream=True)
        self._data = bytearray()
        self._headers: dict[str, str] = {}
        self.connected = False
        """Whether the server has shown that it speaks HTTP/2."""
        self.outcome: Outcome | None = None
        """What came of the call, once that is known."""

    def to_send(self) -> bytes:
        return self._h2.data_to_send()

    def receive(self, data: bytes) -> None:
        """Take in what the server has sent; raise ``ValueError`` when that is not HTTP/2."""
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as error:
            raise ValueError(str(error)) from error
        for event in events:
            self._handle(event)

    def _handle(self, event: Event) -> None:
        match event:
            case RemoteSettingsChanged():
                self.connected = True
            case ResponseReceived(headers=headers) | TrailersReceived(headers=headers):
                self._headers |= {str(name): str(value) for name, value in headers or ()}
            case DataReceived(data=data, flow_controlled_length=length, stream_id=stream):
                self._data += data or b""
                self._h2.acknowledge_received_data(length or 0, stream or 1)
            case StreamEnded():
                self.outcome = self._judge()
            case StreamReset(error_code=code):
                name = code.name if isinstance(code, ErrorCodes) else str(code)
                self.outcome = rpc_failure(Code.Unavailable, f"stream terminated by RST_STREAM with error code: {name}")
            case ConnectionTerminated():
                self.outcome = self.outcome or rpc_failure(Code.Unavailable, "the connection is draining")

    def _judge(self) -> Outcome:
        if "grpc-status" not in self._headers:
            http = self._headers.get(":status", "")
            return rpc_failure(Code.Unknown, f"unexpected HTTP status code received from server: {http}")
        try:
            code = Code(int(self._headers["grpc-status"]))
        except ValueError:
            code = Code.Unknown
        if code is not Code.OK:
            return rpc_failure(code, unquote(self._headers.get("grpc-message", "")))
        try:
            status = decode_response(unframe(bytes(self._data)))
        except ValueError as error:
            return rpc_failure(Code.Internal, str(error))
        if status is ServingStatus.SERVING:
            return SUCCESS
        return Outcome(Result.FAILURE, f'service unhealthy (responded with "{status.name}")')


def rpc_failure(code: Code, message: str) -> Outcome:
    """Return what upstream says of a call that ended with ``code``."""
    if code is Code.Unimplemented:
        text = f"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"
    else:
        text = f"error: health rpc probe failed: rpc error: code = {code.name} desc = {message}"
    return Outcome(Result.FAILURE, text)


def duration(seconds: float) -> str:
    """Return whole seconds as Go prints a duration: ``5s``, ``1m30s``, ``1h0m0s``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


class _Attempt:
    """One gRPC probe under way: connections are tried until one is a gRPC server's or time is up."""

    __slots__ = ("_call", "_check", "_connection", "_deadline", "_done", "_retry", "_timeout", "_timetable")

    def __init__(self, check: GRPCCheck, done: Done) -> None:
        self._check = check
        self._done: Done | None = done
        self._call = Call(check.shown, check.request)
        self._connection: Connection | None = None
        self._deadline: Alarm | None = None
        self._retry: Alarm | None = None

    def start(self, now: float, timeout: float, timetable: Timetable) -> None:
        self._timeout = timeout
        self._timetable = timetable
        self._deadline = timetable.at(now + timeout, self._expire)
        self._connect(now)

    def cancel(self) -> None:
        self._done = None
        self._close()

    def _close(self) -> None:
        for alarm in (self._deadline, self._retry):
            if alarm is not None:
                alarm.cancel()
        if self._connection is not None:
            self._connection.close()

    def _finish(self, outcome: Outcome) -> None:
        done, self._done = self._done, None
        self._close()
        if done is not None:
            done(outcome)

    def _expire(self) -> None:
        within = duration(self._timeout)
        if self._call.connected:
            text = f"timeout: health rpc did not complete within {within}"
        else:
            reason = "context deadline exceeded"
            text = f'timeout: failed to connect service "{self._check.shown}" within {within}: {reason}'
        self._finish(Outcome(Result.FAILURE, text))

    def _connect(self, now: float) -> None:
        # gRPC tries again by itself, so that a server which is not there shows only when time is up.
        self._retry = self._timetable.at(now + RETRY_SECONDS, lambda: self._again(now + RETRY_SECONDS))
        try:
            self._connection = Connection(self._check.endpoint(*self._check.address))
            self._connection.open(self._opened)
        except OSError:
            self._connection = None

    def _again(self, now: float) -> None:
        if self._call.connected:
            return
        if self._connection is not None:
            self._connection.close()
        self._call = Call(self._check.shown, self._check.request)
        self._connect(now)

    def _opened(self, code: int) -> None:
        connection = self._connection
        assert connection is not None
        if code:
            connection.close()
            return
        connection.on_readable(self._receive)
        connection.send(self._call.to_send(), lambda error: connection.close())

    def _receive(self) -> None:
        connection, call = self._connection, self._call
        assert connection is not None
        try:
            data = connection.socket.recv(_RECEIVED_BYTES)
            if not data:
                raise EOFError
            call.receive(data)
        except BlockingIOError:
            return
        except (OSError, EOFError, ValueError) as error:
            connection.close()
            if call.connected:
                self._finish(rpc_failure(Code.Unavailable, f"error reading from server: {error or 'EOF'}"))
            return
        if call.outcome is not None:
            self._finish(call.outcome)
        elif reply := call.to_send():
            connection.send(reply, lambda error: connection.close())
