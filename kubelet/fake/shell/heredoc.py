"""What is done to a script before it is parsed: here-documents are cut out, backquotes become ``$(...)``.

What follows ``<<END`` on its line is code again, which a tree cannot show without tearing the line apart. So
bodies are cut out first, and each ``<<END`` becomes a redirection from a name that stands for its body. Backquotes
open and close alike, and are escaped anew at every level, which the grammar does not follow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "\x01heredoc"
"""Begins the names that stand for bodies; the character occurs in no script."""

_DELIMITER = re.compile(r"""[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s'"\\;&|<>()])+)""")


_SIMPLE_EXPANSION = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """``literal`` when its delimiter was quoted: nothing in it is expanded."""

    body: str
    literal: bool


class UnfinishedQuote(ValueError):
    """The script ends within quotes."""


class _Scanner:
    """Copies code, skips quotes and comments, and cuts bodies out after the line that announces them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.output: list[str] = []
        self.documents: list[Document] = []
        self.pending: list[tuple[int, str, bool, bool]] = []

    def copy(self, count: int = 1) -> None:
        self.output.append(self.text[self.position : self.position + count])
        self.position += count

    def copy_until(self, end: str) -> None:
        found = self.text.find(end, self.position)
        if found < 0:
            raise UnfinishedQuote(end)
        self.copy(found + len(end) - self.position)

    def code(self, closing: str = "") -> None:
        """Copy code up to and with ``closing``, or to the end."""
        depth = 0
        while self.position < len(self.text):
            text, at = self.text, self.position
            char = text[at]
            if char == "\\":
                self.copy(2)
            elif char == "'":
                self.copy()
                self.copy_until("'")
            elif char == '"':
                self.copy()
                self.quoted()
            elif text.startswith("$((", at):
                self.copy(3)
                self.arithmetic()
            elif text.startswith("$(", at):
                self.copy(2)
                self.code(")")
            elif text.startswith("${", at):
                self.copy(2)
                self.braces()
            elif char == "`":
                self.backquotes()
            elif char == "#" and (at == 0 or text[at - 1] in " \t\n;&|("):
                end = text.find("\n", at)
                self.copy((len(text) if end < 0 else end) - at)
            elif text.startswith("<<<", at):
                self.copy(3)
            elif text.startswith("<<", at):
                self.announce()
            elif char == "\n":
                self.copy()
                self.bodies()
            elif char == "(":
                depth += 1
                self.copy()
            elif char == ")":
                self.copy()
                if closing and depth == 0:
                    return
                depth -= 1
            else:
                self.copy()

    def quoted(self) -> None:
        while self.position < len(self.text):
            text, at = self.text, self.position
            if text[at] == "\\":
                self.copy(2)
            elif text[at] == '"':
                self.copy()
                return
            elif text.startswith("$((", at):
                self.copy(3)
                self.arithmetic()
            elif text.startswith("$(", at):
                self.copy(2)
                self.code(")")
            elif text.startswith("${", at):
                self.copy(2)
                self.braces()
            elif text[at] == "`":
                self.backquotes(quoted=True)
            else:
                self.copy()
        raise UnfinishedQuote('"')

    def braces(self) -> None:
        while self.position < len(self.text):
            text, at = self.text, self.position
            if text[at] == "\\":
                self.copy(2)
            elif text[at] == "}":
                self.copy()
                return
            elif text[at] == '"':
                self.copy()
                self.quoted()
            elif text.startswith("$(", at):
                self.copy(2)
                self.code(")")
            elif text.startswith("${", at):
                self.copy(2)
                self.braces()
            else:
                self.copy()

    def backquotes(self, *, quoted: bool = False) -> None:
        """Put ``$(...)`` in the place of a command in backquotes; it is copied next, as such."""
        found = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL).match(self.text, self.position)
        if found is None:
            raise UnfinishedQuote("`")
        body = re.sub(r'\\([$`\\"])' if quoted else r"\\([$`\\])", r"\1", found[1])
        ending = "\n)" if "#" in body else ")"
        self.text = f"{self.text[: self.position]}$({body}{ending}{self.text[found.end() :]}"

    def arithmetic(self) -> None:
        depth = 2
        while self.position < len(self.text) and depth:
            depth += {"(": 1, ")": -1}.get(self.text[self.position], 0)
            self.copy()

    def announce(self) -> None:
        strip = self.text.startswith("<<-", self.position)
        found = _DELIMITER.match(self.text, self.position + (3 if strip else 2))
        if found is None:
            self.copy(2)
            return
        raw = found[1]
        delimiter = re.sub(r"\\(.)|['\"]", lambda match: match[1] or "", raw)
        number = len(self.documents)
        self.documents.append(Document("", False))
        self.pending.append((number, delimiter, strip, raw != delimiter))
        self.output.append(f"<{MARK}{number}")
        self.position = found.end()

    def bodies(self) -> None:
        for number, delimiter, strip, literal in self.pending:
            lines: list[str] = []
            while self.position < len(self.text):
                end = self.text.find("\n", self.position)
                stop = len(self.text) if end < 0 else end
                line = self.text[self.position : stop]
                self.position = min(stop + 1, len(self.text))
                if strip:
                    line = line.lstrip("\t")
                if line == delimiter:
                    break
                lines.append(f"{line}\n")
            self.documents[number] = Document("".join(lines), literal)
        self.pending.clear()


def extract(text: str) -> tuple[str, list[Document]]:
    """Return the script without backquotes and here-documents, and those in order; raise :class:`UnfinishedQuote`."""
    if "<<" not in text and "`" not in text:
        return text, []
    scanner = _Scanner(text)
    scanner.code()
    return "".join(scanner.output), scanner.documents


def pieces(body: str) -> Iterator[tuple[str, bool]]:
    """Cut a here-document into text and expansions; the latter are marked by ``True``."""
    scanner = _Scanner(body)
    start = 0
    while scanner.position < len(scanner.text):
        text, at = scanner.text, scanner.position
        if text[at] == "`":
            scanner.backquotes(quoted=True)
            continue
        simple = _SIMPLE_EXPANSION.match(text, at)
        if simple is None and not text.startswith(("$(", "${"), at):
            scanner.copy(2 if text[at] == "\\" else 1)
            continue
        yield text[start:at], False
        if simple is not None:
            scanner.copy(len(simple[0]))
        elif text.startswith("$((", at):
            scanner.copy(3)
            scanner.arithmetic()
        elif text.startswith("$(", at):
            scanner.copy(2)
            scanner.code(")")
        else:
            scanner.copy(2)
            scanner.braces()
        start = scanner.position
        yield scanner.text[at:start], True
    yield scanner.text[start:], False
