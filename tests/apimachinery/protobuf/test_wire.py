"""Numbers and extents."""

import pytest

from apimachinery.protobuf import wire
from apimachinery.schema.decoder import DecodeError


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\x00", (0, 1), id="0"),
        pytest.param(b"\x7f\xff", (127, 1), id="127"),
        pytest.param(b"\xac\x02", (300, 2), id="300"),
        pytest.param(b"\x80\x00", (0, 2), id="longer-than-need-be"),
        pytest.param(b"\xff" * 9 + b"\x01", (2**64 - 1, 10), id="64-bits"),
        pytest.param(b"\xff" * 9 + b"\x7f", (2**64 - 1, 10), id="what-is-beyond-is-lost"),
    ],
)
def test_varint(data: bytes, expected: tuple[int, int]) -> None:
    assert wire.varint(data, 0, len(data)) == expected


def test_a_varint_ends_where_its_message_does() -> None:
    with pytest.raises(DecodeError, match="unexpected EOF"):
        wire.varint(b"\x80\x01", 0, 1)


@pytest.mark.parametrize(
    ("number", "int32", "int64"),
    [
        pytest.param(1, 1, 1, id="1"),
        pytest.param(2**64 - 1, -1, -1, id="-1"),
        pytest.param(2**31, -(2**31), 2**31, id="2^31"),
        pytest.param(2**63, 0, -(2**63), id="-2^63"),
    ],
)
def test_signed(number: int, int32: int, int64: int) -> None:
    assert wire.int32(number) == int32
    assert wire.int64(number) == int64


@pytest.mark.parametrize(
    ("wire_type", "data", "expected"),
    [
        pytest.param(wire.VARINT, b"\xac\x02", (0, 2), id="varint"),
        pytest.param(wire.FIXED64, bytes(9), (0, 8), id="fixed64"),
        pytest.param(wire.DELIMITED, b"\x02abc", (1, 3), id="delimited"),
        pytest.param(wire.FIXED32, bytes(4), (0, 4), id="fixed32"),
        pytest.param(wire.START_GROUP, b"\x0a\x01a\x13\x14\x0c", (0, 6), id="group"),
    ],
)
def test_extent(wire_type: int, data: bytes, expected: tuple[int, int]) -> None:
    assert wire.extent(data, wire_type, 0, len(data)) == expected
