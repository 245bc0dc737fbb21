"""Shell patterns: ``*``, ``?``, ``[...]``; a backslash takes the next character as it is."""

import functools
import posixpath
import re

from kubelet.fake.filesystem import FileSystem
from kubelet.fake.regex.brackets import bracket
from kubelet.fake.regex.expression import Expression, automaton
from kubelet.fake.regex.syntax import BadExpression

_SPECIAL = re.compile(r"[*?\[\]\\]")
_NOTHING = r"[^\x00-\x{10FFFF}]"


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
        elif char == "[" and (found := _bracket(pattern, position)) is not None:
            text, position = found
            output.append(text)
        else:
            output.append(re.escape(char))
    return "".join(output)


def _bracket(pattern: str, start: int) -> tuple[str, int] | None:
    try:
        return bracket(pattern, start, negations="!^", escapes={"": ""})
    except ValueError:
        # A range that is none has nothing in it.
        return _NOTHING, pattern.index("]", start + 1) + 1


@functools.lru_cache(maxsize=64)
def _compile(pattern: str, *, longest: bool = True) -> Expression | None:
    """Compile what :func:`translate` wrote; ``None`` for what can match nothing."""
    try:
        return Expression(automaton(f"(?s){pattern}", longest=longest), 1)
    except BadExpression:
        return None


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern matches the whole text; raise ``OSError`` (``ENOMEM``) when the two are too large."""
    if not is_pattern(pattern):
        return unescape(pattern) == text
    compiled = _compile(rf"\A(?:{translate(pattern)})\z")
    return compiled is not None and compiled.search(text) is not None


def trim(text: str, operator: str, pattern: str) -> str:
    """Cut what the pattern matches off the beginning (``#``) or the end (``%``); doubled means the longest."""
    if operator[0] == "#":
        compiled = _compile(translate(pattern, lazy=operator == "#"), longest=operator == "##")
        found = compiled.match(text) if compiled is not None else None
        return text if found is None else text[found.end() :]
    # The shortest end is what a greedy beginning leaves over.
    before = ".*" if operator == "%" else ".*?"
    compiled = _compile(rf"\A{before}({translate(pattern)})\z", longest=False)
    found = compiled.search(text) if compiled is not None else None
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
