"""Shell patterns: ``*``, ``?``, ``[...]``; a backslash takes the next character as it is."""

import functools
import posixpath
import re

from kubelet.fake.filesystem import FileSystem

_SPECIAL = re.compile(r"[*?\[\]\\]")
CHARACTER_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9a-fA-F",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
"""POSIX character classes by name, as the inside of a bracket expression of Python's."""


def escape(text: str) -> str:
    """Return a pattern that matches just this text."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def unescape(pattern: str) -> str:
    """Return the text of a pattern that matched nothing and so stands for itself."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL)


def is_pattern(pattern: str) -> bool:
    return re.search(r"(?<!\\)(?:\\\\)*[*?\[]", pattern) is not None


def translate(pattern: str, *, lazy: bool = False) -> str:
    """Return a regular expression for the pattern; a ``lazy`` one matches as little as it can."""
    output: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            output.append(".*?" if lazy else ".*")
        elif char == "?":
            output.append(".")
        elif char == "\\" and position < len(pattern):
            output.append(re.escape(pattern[position]))
            position += 1
        elif char == "[" and (bracket := _bracket(pattern, position)) is not None:
            text, position = bracket
            output.append(text)
        else:
            output.append(re.escape(char))
    return "".join(output)


@functools.lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return None


def _bracket(pattern: str, start: int) -> tuple[str, int] | None:
    """Translate ``[...]`` from behind its bracket; ``None`` when it is not closed."""
    position = start
    negated = pattern[position : position + 1] in {"!", "^"}
    position += negated
    items: list[str] = []
    first = True
    while position < len(pattern):
        char = pattern[position]
        if char == "]" and not first:
            return f"[{'^' if negated else ''}{''.join(items)}]", position + 1
        first = False
        named = re.match(r"\[:(\w+):\]", pattern[position:])
        if named is not None and named[1] in CHARACTER_CLASSES:
            items.append(CHARACTER_CLASSES[named[1]])
            position += named.end()
            continue
        if char == "\\" and position + 1 < len(pattern):
            position += 1
            char = pattern[position]
            items.append(re.escape(char))
        elif char == "-" and items and pattern[position + 1 : position + 2] != "]":
            items.append("-")
        else:
            items.append(re.escape(char))
        position += 1
    return None


def matches(pattern: str, text: str) -> bool:
    compiled = _compile(translate(pattern))
    return compiled is not None and compiled.fullmatch(text) is not None


def trim(text: str, operator: str, pattern: str) -> str:
    """Cut what the pattern matches off the beginning (``#``) or the end (``%``); doubled means the longest."""
    if operator[0] == "#":
        compiled = _compile(translate(pattern, lazy=operator == "#"))
        found = compiled.match(text) if compiled is not None else None
        return text if found is None else text[found.end() :]
    # The shortest end is what a greedy beginning leaves over.
    compiled = _compile(("(?:.*)" if operator == "%" else "(?:.*?)") + f"({translate(pattern)})\\Z")
    found = compiled.match(text) if compiled is not None else None
    return text if found is None else text[: found.start(1)]


def glob(fs: FileSystem, cwd: str, pattern: str) -> list[str]:
    """Return the files a pattern matches, sorted; none when nothing does."""
    absolute = pattern.startswith("/")
    found = ["/" if absolute else ""]
    parts = [part for part in pattern.split("/") if part]
    for part in parts:
        following: list[str] = []
        for base in found:
            if not is_pattern(part):
                candidate = base + unescape(part)
                if fs.exists(posixpath.join(cwd, candidate)):
                    following.append(candidate)
                continue
            try:
                names = fs.listdir(posixpath.join(cwd, base) if base else cwd)
            except OSError:
                continue
            if part.startswith("."):
                names = [".", "..", *names]
            following += [
                base + name for name in names if name.startswith(".") == part.startswith(".") and matches(part, name)
            ]
        found = [f"{name}/" for name in following]
    ending = "/" if pattern.endswith("/") else ""
    return sorted(name[:-1] + ending for name in found)
