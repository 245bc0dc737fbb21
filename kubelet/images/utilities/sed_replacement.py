"""What ``s`` of ``sed`` puts where something matched: text, parts of the match, and their case turned."""

import re
from collections.abc import Callable

from kubelet.fake.regex.expression import Found

_PIECE = re.compile(r"\\(.)|&|[^\\&]+|\\", re.DOTALL)
_CASES: dict[str, Callable[[str], str]] = {"U": str.upper, "L": str.lower, "u": str.upper, "l": str.lower}


def expanded(replacement: str, found: Found) -> str:
    r"""Fill in a replacement: ``&`` and ``\1`` … ``\9``, and GNU's ``\U \L \u \l \E`` for the case of what follows."""
    output: list[str] = []
    steady: Callable[[str], str] | None = None
    once: Callable[[str], str] | None = None
    for part in _PIECE.finditer(replacement):
        code = part[1]
        if code is not None and code in "ULE":
            steady, once = _CASES.get(code), None
            continue
        if code is not None and code in "ul":
            once = _CASES[code]
            continue
        if part[0] == "&":
            text = found.text
        elif code is not None and code.isdigit():
            text = found[int(code)] or ""
        else:
            text = part[0] if code is None else {"n": "\n", "t": "\t"}.get(code, code)
        if steady is not None:
            text = steady(text)
        if once is not None and text:
            text, once = once(text[0]) + text[1:], None
        output.append(text)
    return "".join(output)
