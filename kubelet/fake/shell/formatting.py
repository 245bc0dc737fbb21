"""``echo`` and ``printf``: what they write, for the shell's own commands and the programs of those names."""

import re
from collections.abc import Sequence

_NAMED = {"a": 7, "b": 8, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
_ESCAPE = re.compile(rb"\\(c|0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[abefnrtv\\\"'])")
_DIRECTIVE = re.compile(r"%(?:%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?([diouxXeEfgGcsb]))")


class Stop(Exception):
    """``\\c`` was met: output ends here; the argument is what came before it."""


def encode(text: str) -> bytes:
    """Turn a shell's text into the bytes it came from."""
    return text.encode(errors="surrogateescape")


def decode(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def unescape(data: bytes, *, zero: bool = False) -> bytes:
    """Resolve backslashes; octal numbers need a leading 0 for ``zero``. Raises :class:`Stop` at ``\\c``."""

    def replace(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code[:1] == b"x":
            return bytes([int(code[1:], 16)])
        if code[:1].isdigit():
            if zero and code[:1] != b"0":
                return found[0]
            return bytes([int(code, 8) & 0xFF])
        if code == b"c":
            raise Stop(found.start())
        if code in {b'"', b"'"}:
            return code if not zero else found[0]
        return bytes([_NAMED[code.decode()]])

    try:
        return _ESCAPE.sub(replace, data)
    except Stop as stop:
        raise Stop(_ESCAPE.sub(replace, data[: stop.args[0]])) from None


def echo(arguments: Sequence[str]) -> bytes:
    """Return what ``echo`` writes; ``-n`` leaves the newline out, ``-e`` resolves backslashes, as in busybox."""
    newline, escapes = True, False
    position = 0
    while position < len(arguments) and re.fullmatch(r"-[neE]+", arguments[position]):
        for option in arguments[position][1:]:
            if option == "n":
                newline = False
            else:
                escapes = option == "e"
        position += 1
    data = encode(" ".join(arguments[position:]))
    if escapes:
        try:
            data = unescape(data, zero=True)
        except Stop as stop:
            return bytes(stop.args[0])
    return data + b"\n" if newline else data


class _Printf:
    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = list(arguments)
        self.output = bytearray()
        self.errors: list[str] = []
        self.position = 0

    def next(self) -> str:
        self.position += 1
        return self.arguments[self.position - 1] if self.position <= len(self.arguments) else ""

    def number(self, text: str) -> int:
        if text[:1] in {'"', "'"} and len(text) > 1:
            return ord(text[1])
        found = re.match(r"\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)", text)
        if found is None:
            if text:
                self.errors.append(f"printf: invalid number '{text}'")
            return 0
        if found.end() != len(text):
            self.errors.append(f"printf: invalid number '{text}'")
        digits = found[2]
        base = 16 if digits[:2].lower() == "0x" else 8 if digits.startswith("0") else 10
        return int(digits, base) * (-1 if found[1] == "-" else 1)

    def round(self, template: str) -> None:
        position = 0
        for found in _DIRECTIVE.finditer(template):
            self.output += self.text(template[position : found.start()])
            self.output += b"%" if found[0] == "%%" else self.directive(found)
            position = found.end()
        self.output += self.text(template[position:])

    def text(self, part: str) -> bytes:
        try:
            return unescape(encode(part))
        except Stop as stop:
            self.output += stop.args[0]
            raise

    def directive(self, found: re.Match[str]) -> bytes:
        flags, width, precision, kind = found[1] or "", found[2] or "", found[3], found[4]
        if width == "*":
            width = str(self.number(self.next()))
        if precision == "*":
            precision = str(self.number(self.next()))
        if len(width) > 6 or (precision is not None and len(precision) > 6):
            self.errors.append("printf: width out of range")
            return b""
        spec = f"%{flags}{width}" + ("" if precision is None else f".{precision or 0}")
        argument = self.next()
        if kind in "di":
            return encode((spec + "d") % self.number(argument))
        if kind in "uoxX":
            return encode((spec + kind.replace("u", "d")) % (self.number(argument) & (2**64 - 1)))
        if kind in "eEfgG":
            try:
                return encode((spec + kind) % float(argument or 0))
            except ValueError:
                self.errors.append(f"printf: invalid number '{argument}'")
                return encode((spec + kind) % 0.0)
        if kind == "c":
            return encode((spec + "s") % argument[:1])
        if kind == "b":
            try:
                return encode((spec + "s") % decode(unescape(encode(argument), zero=False)))
            except Stop as stop:
                self.output += stop.args[0]
                raise
        return encode((spec + "s") % argument)


def printf(arguments: Sequence[str]) -> tuple[bytes, list[str]]:
    """Return what ``printf`` writes, and its complaints; the format is used again until arguments run out."""
    if not arguments:
        return b"", ["usage: printf FORMAT [ARG]..."]
    state = _Printf(arguments[1:])
    try:
        while True:
            before = state.position
            state.round(arguments[0])
            if state.position >= len(state.arguments) or state.position == before:
                break
    except Stop:
        pass
    return bytes(state.output), state.errors
