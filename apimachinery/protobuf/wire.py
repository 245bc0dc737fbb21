"""The encoding below all messages: keys, numbers and lengths, with the errors that Go's generated code has.

Every function reads ``data`` from ``position`` on and never beyond ``end``; what is cut off there is an error.
"""

from apimachinery.schema.decoder import DecodeError

VARINT, FIXED64, DELIMITED, START_GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types: the lower three bits of the key before each value."""

MAX_DEPTH = 128
"""How many messages may lie inside each other. Go has no such limit; no kind comes near it."""

_MOST_VARINT_BYTES = 10
_FIXED_SIZES = {FIXED64: 8, FIXED32: 4}


def varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Return an unsigned number of 64 bits, and the position after it."""
    if position < end and (byte := data[position]) < 0x80:
        return byte, position + 1
    found = 0
    for count in range(_MOST_VARINT_BYTES):
        if position >= end:
            raise DecodeError("unexpected EOF")
        byte = data[position]
        position += 1
        found |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return found & 0xFFFFFFFFFFFFFFFF, position
    raise DecodeError("proto: integer overflow")


def int32(number: int) -> int:
    """Return the signed number that the lower half of an unsigned one stands for."""
    number &= 0xFFFFFFFF
    return number - 0x100000000 if number >= 0x80000000 else number


def int64(number: int) -> int:
    """Do the same for a whole one."""
    return number - 0x10000000000000000 if number >= 0x8000000000000000 else number


def extent(data: bytes, key: int, position: int, end: int) -> tuple[int, int]:
    """Return where the value after ``key`` begins and ends, whatever it is."""
    kind = key & 7
    if kind == DELIMITED:
        length, start = varint(data, position, end)
        if length > 0x7FFFFFFFFFFFFFFF:
            raise DecodeError("proto: negative length found during unmarshaling")
        stop = start + length
    elif kind == VARINT:
        start, (_, stop) = position, varint(data, position, end)
    elif kind in _FIXED_SIZES:
        start, stop = position, position + _FIXED_SIZES[kind]
    elif kind == START_GROUP:
        start, stop = position, _end_of_group(data, position, end)
    elif kind == END_GROUP:
        raise DecodeError("proto: unexpected end of group")
    else:
        raise DecodeError(f"proto: illegal wireType {kind}")
    if stop > end:
        raise DecodeError("unexpected EOF")
    return start, stop


def _end_of_group(data: bytes, position: int, end: int) -> int:
    depth = 1
    while depth:
        key, position = varint(data, position, end)
        if key & 7 == START_GROUP:
            depth += 1
        elif key & 7 == END_GROUP:
            depth -= 1
        else:
            _, position = extent(data, key, position, end)
    return position
