"""Bracket expressions (``[a-z[:digit:]]``), of regular expressions and of shell patterns."""

import re

CHARACTER_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\t-\r ",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9a-fA-F",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
"""POSIX character classes by name, as the inside of a bracket expression of RE2's and Python's."""

_NAMED = re.compile(r"\[:(\w+):\]")
_SINGLE = re.compile(r"\[([.=])(.)\1\]", re.DOTALL)


def bracket(
    pattern: str, start: int, *, negations: str = "^", escapes: dict[str, str] | None = None
) -> tuple[str, int] | None:
    """Translate a bracket expression from behind its ``[``; return it and where the rest begins.

    ``None`` when it is not closed.

    ``negations`` are the characters that turn it round. ``escapes`` says what characters behind a backslash stand for:
    those that it does not have leave the backslash to stand for itself, unless it has ``""``, by which any other
    character stands for itself. Raises :class:`ValueError` when a range is none.
    """
    position = start
    negated = pattern[position : position + 1] != "" and pattern[position] in negations
    position += negated
    items: list[str] = []
    first = True
    # The last character, if a range may begin with it; the one that a range began with.
    before, begun = "", ""
    while position < len(pattern):
        char = pattern[position]
        if char == "]" and not first:
            return f"[{'^' if negated else ''}{''.join(items)}{re.escape(begun + '-') if begun else ''}]", position + 1
        if (named := _NAMED.match(pattern, position)) is not None and named[1] in CHARACTER_CLASSES:
            items.append(CHARACTER_CLASSES[named[1]])
            position, before, first = named.end(), "", False
            continue
        char, position, plain = _character(pattern, position, escapes)
        if char == "-" and plain and before and not first and pattern[position : position + 1] not in {"", "]"}:
            begun, before = before, ""
            items.pop()
        elif begun:
            if begun > char:
                raise ValueError("Invalid range end")
            items.append(f"{re.escape(begun)}-{re.escape(char)}")
            begun = ""
        else:
            items.append(re.escape(char))
            before = char
        first = False
    return None


def _character(pattern: str, position: int, escapes: dict[str, str] | None) -> tuple[str, int, bool]:
    """Return a character, where the next begins, and whether it stood there as it is."""
    char = pattern[position]
    if char == "\\" and escapes is not None and position + 1 < len(pattern):
        following = pattern[position + 1]
        if following in escapes or "" in escapes:
            return escapes.get(following, following), position + 2, False
    if (single := _SINGLE.match(pattern, position)) is not None:
        return single[2], single.end(), False
    return char, position + 1, True
