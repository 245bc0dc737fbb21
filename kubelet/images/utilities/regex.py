"""POSIX regular expressions, basic and extended, as Python's."""

import re

from kubelet.fake.shell.patterns import CHARACTER_CLASSES
from kubelet.images.utilities.command import CommandFault

_SWAPPED = frozenset("(){}|+?")
"""Special with a backslash in basic expressions, without one in extended ones."""


def compile_regex(pattern: str, *, extended: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a POSIX expression; raise :class:`CommandFault` when it is none."""
    try:
        return re.compile(translate(pattern, extended=extended), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise CommandFault(f"bad regex '{pattern}': {error}", 2) from error


def translate(pattern: str, *, extended: bool) -> str:
    """Return the same expression in Python's syntax."""
    output: list[str] = []
    position = 0
    start = True
    while position < len(pattern):
        char = pattern[position]
        position += 1
        was_start, start = start, False
        if char == "[":
            text, position = _bracket(pattern, position)
            output.append(text)
        elif char == "\\" and position < len(pattern):
            following = pattern[position]
            position += 1
            if following in _SWAPPED and not extended:
                output.append(following)
                start = following in "(|"
            elif following in "<>":
                output.append(r"\b")
            elif following.isalnum():
                output.append({"n": r"\n", "t": r"\t"}.get(following, f"\\{following}"))
            else:
                output.append(re.escape(following))
        elif char in _SWAPPED:
            output.append(char if extended else re.escape(char))
            start = extended and char in "(|"
        elif char == "*":
            output.append(r"\*" if was_start else "*")
        elif char == "^":
            output.append("^" if extended or was_start else r"\^")
            start = True
        elif char == "$":
            ends = position == len(pattern) or pattern.startswith((r"\)", r"\|"), position)
            output.append(r"\Z" if extended or ends else r"\$")
        else:
            output.append(char if char == "." else re.escape(char))
    return "".join(output)


def _bracket(pattern: str, position: int) -> tuple[str, int]:
    items = ["[^" if pattern[position : position + 1] == "^" else "["]
    position += len(items[0]) - 1
    first = True
    while position < len(pattern):
        char = pattern[position]
        if char == "]" and not first:
            return "".join(items) + "]", position + 1
        named = re.match(r"\[:(\w+):\]", pattern[position:])
        if named is not None and named[1] in CHARACTER_CLASSES:
            items.append(CHARACTER_CLASSES[named[1]])
            position += named.end()
        else:
            items.append(
                "-" if char == "-" and not first and pattern[position + 1 : position + 2] != "]" else re.escape(char)
            )
            position += 1
        first = False
    raise CommandFault(f"bad regex '{pattern}': brackets ([ ]) not balanced", 2)
