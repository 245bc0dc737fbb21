"""Words of an awk program."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kubelet.images.utilities.command import CommandFault

KEYWORDS = frozenset([
    "BEGIN",
    "END",
    "function",
    "func",
    "if",
    "else",
    "while",
    "for",
    "do",
    "break",
    "continue",
    "next",
    "nextfile",
    "exit",
    "return",
    "delete",
    "in",
    "getline",
    "print",
    "printf",
])
BUILTINS = frozenset([
    "length",
    "substr",
    "index",
    "split",
    "sub",
    "gsub",
    "match",
    "sprintf",
    "sin",
    "cos",
    "atan2",
    "exp",
    "log",
    "sqrt",
    "int",
    "rand",
    "srand",
    "tolower",
    "toupper",
    "system",
    "close",
    "fflush",
    "systime",
])
_TOKEN = re.compile(
    r"(?P<blank>(?:[ \t\r]|\\\r?\n|\#[^\n]*)+)"
    r"|(?P<newline>\n)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>\*\*=|\*\*|\+\+|--|\+=|-=|\*=|/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[-{}()\[\];,+*/%^!<>|?:~$=])"
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.|\\\n)*)"', re.DOTALL)
_REGEX = re.compile(r"/((?:[^/\\\n\[]|\\.|\[\^?\]?(?:[^\]\\\n]|\\.)*\])*)/")
_ESCAPE = re.compile(r"\\(\n|[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_NAMED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    '"': '"',
    "/": "/",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\n": "",
}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is ``number``, ``string``, ``regex``, ``name``, ``call`` (a name right before a parenthesis),
    ``builtin``, ``newline``, ``end``; words and signs of the language are their own kind."""

    kind: str
    text: str


def unescape(text: str) -> str:
    """Resolve the backslashes of a string."""

    def replace(found: re.Match[str]) -> str:
        code = found[1]
        if code in _NAMED:
            return _NAMED[code]
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        return found[0]

    return _ESCAPE.sub(replace, text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a program, ``end`` last; raise :class:`CommandFault` for what is none."""
    position, operand = 0, False
    while position < len(text):
        # A slash behind an operand divides; elsewhere it begins a regular expression.
        special = _STRING if text[position] == '"' else _REGEX if text[position] == "/" and not operand else None
        if special is not None:
            found = special.match(text, position)
            if found is None:
                raise CommandFault(f"syntax error: unterminated {'string' if special is _STRING else 'regex'}", 2)
            is_string = special is _STRING
            yield Token("string", unescape(found[1])) if is_string else Token("regex", found[1].replace("\\/", "/"))
            position, operand = found.end(), True
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            raise CommandFault(f"syntax error: unexpected character '{text[position]}'", 2)
        position = found.end()
        if found.lastgroup == "blank":
            continue
        token = _token(found, text[position : position + 1])
        operand = token.kind in {"number", "name", "builtin", ")", "]", "$", "++", "--"}
        yield token
    yield Token("end", "")


def _token(found: re.Match[str], following: str) -> Token:
    text = found[0]
    match found.lastgroup:
        case "number":
            return Token("number", text)
        case "newline":
            return Token("newline", text)
        case "name" if text in KEYWORDS:
            return Token("function" if text == "func" else text, text)
        case "name":
            return Token("builtin" if text in BUILTINS else "call" if following == "(" else "name", text)
    text = {"**": "^", "**=": "^="}.get(text, text)
    return Token(text, text)
