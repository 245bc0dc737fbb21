"""The protocol of Redis (RESP2): commands and replies as bytes, in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A word that says how it went, such as ``OK``."""

    text: str


@dataclass(frozen=True, slots=True)
class Error:
    """Why it did not go well; begins with a word in capitals."""

    text: str


Reply = Status | Error | int | bytes | None | Sequence["Reply"]

OK = Status("OK")
_LONGEST_LINE = 64 * 1024


class ProtocolError(ValueError):
    """What came is not of the protocol."""


class Reader:
    """Takes bytes as they come, and hands out complete values."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def command(self) -> list[bytes] | None:
        """Return the next command, ``None`` when it is not complete; one on a plain line is one, too."""
        if self._buffer[:1] not in {b"*", b""}:
            line, end = self._line(0)
            if line is None:
                return None
            self._buffer = self._buffer[end:]
            return line.split()
        found = self.reply()
        if found is None:
            return None
        (value,) = found
        if not isinstance(value, list) or not all(isinstance(word, bytes) for word in value):
            raise ProtocolError("Protocol error: expected '$'")
        return [word for word in value if isinstance(word, bytes)]

    def reply(self) -> tuple[Reply] | None:
        """Return the next value in a tuple, ``None`` when it is not complete."""
        try:
            value, end = self._value(0)
        except _Incomplete:
            return None
        self._buffer = self._buffer[end:]
        return (value,)

    def _line(self, start: int) -> tuple[bytes | None, int]:
        end = self._buffer.find(b"\n", start)
        if end < 0:
            if len(self._buffer) - start > _LONGEST_LINE:
                raise ProtocolError("Protocol error: too big inline request")
            return None, start
        return self._buffer[start:end].rstrip(b"\r"), end + 1

    def _value(self, start: int) -> tuple[Reply, int]:
        line, end = self._line(start)
        if line is None:
            raise _Incomplete
        kind, text = line[:1], line[1:]
        if kind == b"+":
            return Status(text.decode(errors="replace")), end
        if kind == b"-":
            return Error(text.decode(errors="replace")), end
        try:
            number = int(text)
        except ValueError:
            raise ProtocolError("Protocol error: invalid multibulk length") from None
        if kind == b":":
            return number, end
        if number < 0:
            return None, end
        if kind == b"$":
            if len(self._buffer) < end + number + 2:
                raise _Incomplete
            return self._buffer[end : end + number], end + number + 2
        if kind != b"*":
            raise ProtocolError(f"Protocol error: unexpected {kind!r}")
        values: list[Reply] = []
        for _ in range(number):
            value, end = self._value(end)
            values.append(value)
        return values, end


class _Incomplete(Exception):
    """More has to come."""


def encode(reply: Reply) -> bytes:
    """Return a reply as it is sent."""
    match reply:
        case None:
            return b"$-1\r\n"
        case Status(text=text):
            return f"+{text}\r\n".encode()
        case Error(text=text):
            return f"-{text}\r\n".encode()
        case int():
            return f":{reply}\r\n".encode()
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(reply), reply)
    return b"*%d\r\n" % len(reply) + b"".join(encode(value) for value in reply)
