"""Go's way with text: values in the words of its ``fmt``, numbers as its ``strconv`` reads them.

Error messages quote both as upstream does.
"""

from typing import Any


def plain(value: Any) -> str:
    """Write a value as ``%v`` does: ``map[a:1 b:[x y]]``."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case dict():
            return "map[" + " ".join(f"{name}:{plain(value[name])}" for name in sorted(value)) + "]"
        case list():
            return "[" + " ".join(plain(item) for item in value) + "]"
        case float():
            return f"{value:g}"
    return str(value)


def type_name(value: Any) -> str:
    """Name the type that Go's decoder gives a JSON value, as ``%T`` does."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "[]interface {}"
    return "map[string]interface {}"


_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quote(text: str) -> str:
    """Write a string as ``%q`` does: in double quotes, with escapes for what cannot be printed."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(character: str) -> str:
    escape = _ESCAPES.get(character)
    if escape is not None:
        return escape
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_INT64 = (-(2**63), 2**63 - 1)
_UINT64 = (0, 2**64 - 1)
_UINT64_DIGITS = 20


def integer(text: str, function: str = "ParseInt") -> int:
    """Return the decimal number of 64 bits that ``text`` writes, without a sign for ``ParseUint``.

    Raises ``ValueError`` in the words of ``strconv``, under the name of that ``function`` of it. Python's ``int`` takes
    more (spaces, underscores, the digits of any script) and gives up in other words on thousands of digits.
    """
    unsigned = function == "ParseUint"
    signed = not unsigned and text[:1] in {"+", "-"}
    digits = text[1:] if signed else text
    if not digits.isascii() or not digits.isdecimal():
        raise ValueError(f'strconv.{function}: parsing "{text}": invalid syntax')
    significant = digits.lstrip("0") or "0"
    low, high = _UINT64 if unsigned else _INT64
    if len(significant) <= _UINT64_DIGITS:
        number = -int(significant) if text[0] == "-" else int(significant)
        if low <= number <= high:
            return number
    raise ValueError(f'strconv.{function}: parsing "{text}": value out of range')
