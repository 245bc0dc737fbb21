"""The messages of gRPC's health protocol, against bytes made by protobuf."""

import pytest

from kubelet.grpc_health import (
    ServingStatus,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    frame,
    unframe,
)


@pytest.mark.parametrize(
    ("service", "wire"),
    [("", b""), ("a.B", b"\n\x03a.B"), ("x" * 300, b"\n\xac\x02" + b"x" * 300), ("ü", b"\n\x02\xc3\xbc")],
)
def test_requests(service: str, wire: bytes) -> None:
    assert encode_request(service) == wire
    assert decode_request(wire) == service


@pytest.mark.parametrize(("status", "wire"), [(ServingStatus.UNKNOWN, b""), (ServingStatus.NOT_SERVING, b"\x08\x02")])
def test_responses(status: ServingStatus, wire: bytes) -> None:
    assert encode_response(status) == wire
    assert decode_response(wire) is status


def test_frames() -> None:
    assert frame(b"abc") == b"\x00\x00\x00\x00\x03abc"
    assert unframe(frame(b"abc") + b"more") == b"abc"


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x00\x03ab", b"\x01\x00\x00\x00\x00"])
def test_what_is_no_frame(data: bytes) -> None:
    with pytest.raises(ValueError, match="message"):
        unframe(data)


@pytest.mark.parametrize("message", [b"\x12\x01a", b"\x08", b"\x08\x80", b"\x08\x09"])
def test_what_is_no_response(message: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        decode_response(message)
