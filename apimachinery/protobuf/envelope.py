"""What every protobuf body is wrapped in: four bytes, and a ``runtime.Unknown`` that says what kind it is.

``k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go``, v0.36. What the wrapper says of the encoding of its
content is not looked at there either.
"""

from dataclasses import dataclass

from apimachinery.protobuf import wire
from apimachinery.schema.decoder import DecodeError

MAGIC = b"k8s\0"

_TYPE_META, _RAW = 1, 2
_API_VERSION, _KIND = 1, 2


@dataclass(frozen=True, slots=True)
class Envelope:
    """``raw`` is the message. A version or kind that was not said is empty."""

    api_version: str
    kind: str
    raw: bytes


def unwrap(body: bytes) -> Envelope:
    """Take a body apart; raise :class:`~apimachinery.schema.decoder.DecodeError` for one that is not of this form."""
    if not body:
        raise DecodeError("empty data")
    if not body.startswith(MAGIC):
        shown = " ".join(map(str, MAGIC))
        raise DecodeError(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    if len(body) == len(MAGIC):
        raise DecodeError("empty body")
    parts = _parts(body[len(MAGIC) :])
    names = _parts(parts.get(_TYPE_META, b""))
    return Envelope(
        names.get(_API_VERSION, b"").decode(errors="replace"),
        names.get(_KIND, b"").decode(errors="replace"),
        parts.get(_RAW, b""),
    )


def _parts(data: bytes) -> dict[int, bytes]:
    """Return what is delimited in a message, by number."""
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        key, position = wire.varint(data, position, len(data))
        start, position = wire.extent(data, key, position, len(data))
        if key & 7 == wire.DELIMITED:
            found[key >> 3] = data[start:position]
    return found
