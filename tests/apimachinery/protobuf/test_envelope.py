"""What bodies are wrapped in."""

import pytest

from apimachinery.protobuf.envelope import Envelope, unwrap
from apimachinery.schema.decoder import DecodeError
from tests.apimachinery.protobuf.encoder import delimited, key

POD = delimited(1, delimited(1, b"v1") + delimited(2, b"Pod"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(POD + delimited(2, b"raw"), Envelope("v1", "Pod", b"raw"), id="plain"),
        pytest.param(POD, Envelope("v1", "Pod", b""), id="nothing-in-it"),
        pytest.param(delimited(2, b"raw"), Envelope("", "", b"raw"), id="no-kind"),
        pytest.param(
            POD + delimited(2, b"raw") + delimited(3, b"") + delimited(4, b"application/json") + key(9, 0) + b"\x01",
            Envelope("v1", "Pod", b"raw"),
            id="with-more",
        ),
    ],
)
def test_unwrap(data: bytes, expected: Envelope) -> None:
    assert unwrap(b"k8s\0" + data) == expected


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"", "empty data", id="empty"),
        pytest.param(b"k8s\0", "empty body", id="magic-only"),
        pytest.param(
            b'{"kind": "Pod"}',
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
            id="json",
        ),
        pytest.param(b"k8s", "provided data does not appear", id="half-the-magic"),
        pytest.param(b"k8s\0\x0a", "unexpected EOF", id="no-length"),
        pytest.param(b"k8s\0\x12\x05raw", "unexpected EOF", id="cut-short"),
        pytest.param(b"k8s\0\x0a\x02\x0a\x09", "unexpected EOF", id="type-cut-short"),
        pytest.param(b"k8s\0\x0f", "proto: illegal wireType 7", id="no-wire-type"),
    ],
)
def test_refused(body: bytes, text: str) -> None:
    with pytest.raises(DecodeError) as raised:
        unwrap(body)
    assert str(raised.value).startswith(text)
