"""Taking here-documents out of a script before it is parsed.

What follows ``<<END`` on its line is code again, which a tree cannot show without tearing the line apart. So
bodies are cut out first, and each ``<<END`` becomes a redirection from a name that stands for its body.
"""

import re
from dataclasses import dataclass

MARK = "\x01heredoc"
"""Begins the names that stand for bodies; the character occurs in no script."""

_DELIMITER = re.compile(r"""[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s'"\\;&|<>()])+)""")


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
    """Return the script without its here-documents, and those in order; raise :class:`UnfinishedQuote`."""
    if "<<" not in text:
        return text, []
    scanner = _Scanner(text)
    scanner.code()
    return "".join(scanner.output), scanner.documents
