"""The messages of gRPC's health protocol (``grpc.health.v1``), and how gRPC frames them.

Both are small enough to be read and written here: a request is one string, a response one number. What carries them,
HTTP/2, is the ``h2`` package's.
"""

import enum
import struct

CHECK_PATH = "/grpc.health.v1.Health/Check"
CONTENT_TYPE = "application/grpc"

_STRING_FIELD_1 = 0x0A
_NUMBER_FIELD_1 = 0x08
_PREFIX = struct.Struct(">BI")


class ServingStatus(enum.IntEnum):
    UNKNOWN = 0
    SERVING = 1
    NOT_SERVING = 2
    SERVICE_UNKNOWN = 3


class Code(enum.IntEnum):
    """gRPC's status codes; the names in messages are Go's."""

    OK = 0
    Canceled = 1
    Unknown = 2
    InvalidArgument = 3
    DeadlineExceeded = 4
    NotFound = 5
    AlreadyExists = 6
    PermissionDenied = 7
    ResourceExhausted = 8
    FailedPrecondition = 9
    Aborted = 10
    OutOfRange = 11
    Unimplemented = 12
    Internal = 13
    Unavailable = 14
    DataLoss = 15
    Unauthenticated = 16


def frame(message: bytes) -> bytes:
    """Return a message with its length in front, not compressed."""
    return _PREFIX.pack(0, len(message)) + message


def unframe(data: bytes) -> bytes:
    """Return the first message of a stream; raise ``ValueError`` when it is not whole, or compressed."""
    if len(data) < _PREFIX.size:
        raise ValueError("no message")
    compressed, length = _PREFIX.unpack_from(data)
    message = data[_PREFIX.size : _PREFIX.size + length]
    if compressed or len(message) < length:
        raise ValueError("a message that is not whole, or compressed")
    return message


def encode_request(service: str) -> bytes:
    """Return a ``HealthCheckRequest``."""
    name = service.encode()
    return bytes([_STRING_FIELD_1]) + _varint(len(name)) + name if name else b""


def decode_request(message: bytes) -> str:
    """Return the service that a ``HealthCheckRequest`` asks about; raise ``ValueError``."""
    if not message:
        return ""
    if message[0] != _STRING_FIELD_1:
        raise ValueError("not a HealthCheckRequest")
    length, start = _read_varint(message, 1)
    return message[start : start + length].decode()


def encode_response(status: ServingStatus) -> bytes:
    """Return a ``HealthCheckResponse``."""
    return bytes([_NUMBER_FIELD_1]) + _varint(status) if status else b""


def decode_response(message: bytes) -> ServingStatus:
    """Return what a ``HealthCheckResponse`` says; raise ``ValueError``."""
    if not message:
        return ServingStatus.UNKNOWN
    if message[0] != _NUMBER_FIELD_1:
        raise ValueError("not a HealthCheckResponse")
    return ServingStatus(_read_varint(message, 1)[0])


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _read_varint(data: bytes, start: int) -> tuple[int, int]:
    """Return a number and where it ends."""
    number = 0
    for at in range(start, min(len(data), start + 10)):
        number |= (data[at] & 0x7F) << 7 * (at - start)
        if data[at] < 0x80:
            return number, at + 1
    raise ValueError("a number without an end")
