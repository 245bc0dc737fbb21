"""From expanded pieces of a word to fields: splitting at ``IFS``, then matching against files."""

import re
from collections.abc import Callable

from kubelet.fake.shell.patterns import escape, is_pattern

DEFAULT_IFS = " \t\n"
_DEFAULT_SPLIT = re.compile("[ \t\n]+")
_IN_EXPRESSIONS = re.compile(r"[][.*+?(){}|^$\\]")


def _splitter(ifs: str) -> re.Pattern[str]:
    """Return what matches one delimiter: white space of ``ifs`` around at most one other character of it."""
    if ifs == DEFAULT_IFS:
        return _DEFAULT_SPLIT
    white = "".join(char for char in ifs if char in DEFAULT_IFS)
    others = re.escape("".join(char for char in ifs if char not in DEFAULT_IFS))
    blank = f"[{white}]" if white else ""
    if not others:
        return re.compile(f"{blank}+")
    return re.compile(f"{blank}*[{others}]{blank}*|{blank}+" if blank else f"[{others}]")


class FieldBuilder:
    """Takes a word's pieces from left to right; :meth:`finish` gives its fields.

    ``glob`` returns the files a pattern matches; ``None`` leaves patterns alone. ``ifs`` is ``None`` where nothing
    is split: in assignments, here-documents and quotes.
    """

    __slots__ = ("_glob", "_ifs", "_pieces", "_started", "fields", "saw_no_arguments")

    def __init__(self, ifs: str | None, glob: Callable[[str], list[str]] | None) -> None:
        self._ifs = ifs
        self._glob = glob
        self._pieces: list[tuple[str, bool]] = []
        self._started = False
        self.fields: list[str] = []
        self.saw_no_arguments = False
        """``"$@"`` without arguments was met: quotes around it make no empty field."""

    @property
    def whole(self) -> bool:
        """Whether the word stays one field whatever is in it."""
        return self._ifs is None

    @property
    def started(self) -> bool:
        """Whether the current field will be one, as it stands."""
        return self._started

    def literal(self, text: str, quoted: bool) -> None:
        """Add text that is not split."""
        self._pieces.append((text, quoted))
        self._started = self._started or quoted or text != ""

    def value(self, text: str) -> None:
        """Add what an unquoted expansion gave."""
        if not self._ifs:
            self.literal(text, False)
            return
        position = 0
        for found in _splitter(self._ifs).finditer(text):
            self._add(text[position : found.start()])
            if self._started or found[0].strip(DEFAULT_IFS):
                self.end_field()
            position = found.end()
        self._add(text[position:])

    def _add(self, text: str) -> None:
        if text:
            self._pieces.append((text, False))
            self._started = True

    def end_field(self) -> None:
        """End the field here, even an empty one."""
        if self._glob is not None and any(not quoted and is_pattern(text) for text, quoted in self._pieces):
            self.fields += self._glob(self.pattern()) or [self.text()]
        else:
            self.fields.append(self.text())
        self._pieces.clear()
        self._started = False

    def finish(self) -> list[str]:
        if self._started and not (self.saw_no_arguments and not self.text()):
            self.end_field()
        return self.fields

    def text(self) -> str:
        """Return what the current field says."""
        return "".join(text for text, _ in self._pieces)

    def pattern(self) -> str:
        """Return the current field as a pattern, in which quoted text stands for itself."""
        return "".join(escape(text) if quoted else text.replace("\\", "\\\\") for text, quoted in self._pieces)

    def expression(self) -> str:
        """Return the current field as a regular expression, likewise."""
        return "".join(_IN_EXPRESSIONS.sub(r"\\\g<0>", text) if quoted else text for text, quoted in self._pieces)
