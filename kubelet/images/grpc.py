"""A gRPC server for fake images that knows one service, ``grpc.health.v1.Health``."""

import asyncio
from collections.abc import Callable

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError

from kubelet.fake.process import Connection, Process
from kubelet.grpc_health import (
    CHECK_PATH,
    CONTENT_TYPE,
    Code,
    ServingStatus,
    decode_request,
    encode_response,
    frame,
    unframe,
)

HealthCheck = Callable[[str], ServingStatus | tuple[Code, str]]
"""Answers for a service's name, with its status or with an error's code and message."""

_CONFIG = H2Configuration(client_side=False, header_encoding="utf-8")
_MESSAGE_LIMIT = 4 * 1024 * 1024


class HealthService:
    """What the connections of one server share: ``process.listen(5000, service.connection)``."""

    def __init__(self, process: Process, check: HealthCheck) -> None:
        self.process = process
        self.check = check

    def connection(self) -> "HealthConnection":
        return HealthConnection(self)


class HealthConnection(Connection):
    """One client's connection."""

    def __init__(self, service: HealthService) -> None:
        super().__init__(service.process)
        self._service = service
        self._h2 = H2Connection(config=_CONFIG)
        self._calls: dict[int, tuple[str, bytearray]] = {}
        """The path and the message of calls that are not complete yet, by stream."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._h2.initiate_connection()
        self._flush()

    def _flush(self) -> None:
        if self.transport is not None:
            self.transport.write(self._h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        try:
            for event in self._h2.receive_data(data):
                self._handle(event)
        except ProtocolError:
            self._flush()
            if self.transport is not None:
                self.transport.close()
            return
        self._flush()

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream), headers=headers):
                path = next((str(value) for name, value in headers or () if str(name) == ":path"), "")
                self._calls[stream] = (path, bytearray())
            case DataReceived(stream_id=int(stream), data=data, flow_controlled_length=length):
                self._take(stream, data or b"", length or 0)
            case StreamEnded(stream_id=int(stream)) if stream in self._calls:
                self._answer(stream, *self._calls.pop(stream))
            case StreamReset(stream_id=int(stream)):
                self._calls.pop(stream, None)

    def _take(self, stream: int, data: bytes, length: int) -> None:
        self._h2.acknowledge_received_data(length, stream)
        if stream in self._calls and len(self._calls[stream][1]) < _MESSAGE_LIMIT:
            self._calls[stream][1].extend(data)

    def _answer(self, stream: int, path: str, body: bytearray) -> None:
        answer: ServingStatus | tuple[Code, str]
        if path != CHECK_PATH:
            service, _, method = path.strip("/").rpartition("/")
            answer = Code.Unimplemented, f"unknown method {method} for service {service}"
        else:
            try:
                answer = self._service.check(decode_request(unframe(bytes(body))))
            except ValueError as error:
                answer = Code.Internal, f"grpc: error unmarshalling request: {error}"
        headers = [(":status", "200"), ("content-type", CONTENT_TYPE)]
        if isinstance(answer, tuple):
            code, message = answer
            trailers = [("grpc-status", str(int(code))), ("grpc-message", message)]
            self._h2.send_headers(stream, [*headers, *trailers], end_stream=True)
            return
        self._h2.send_headers(stream, headers)
        self._h2.send_data(stream, frame(encode_response(answer)))
        self._h2.send_headers(stream, [("grpc-status", "0"), ("grpc-message", "")], end_stream=True)
