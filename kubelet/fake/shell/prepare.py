"""What is done to a script before it is parsed, where the grammar of bash does not follow a POSIX shell.

What follows ``<<END`` on its line is code again, which a tree cannot show without tearing the line apart. So the
bodies of here-documents are cut out, and each ``<<END`` becomes a redirection from a name that stands for its body.
Backquotes open and close alike, and are escaped anew at every level: they become ``$(...)``. A line that goes on in
the next is joined with it. A newline that ends a command gets a semicolon before it, because the grammar sometimes
takes the next line for more arguments. ``[`` is a command like any other, not a syntax of its own: it is written so
that the grammar takes it for a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "\x01heredoc"
"""Begins the names that stand for bodies; the character occurs in no script."""

_DELIMITER = re.compile(r"""[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^ \t\n'"\\;&|<>()])+)""")


_BRACKET = re.compile(r"\[(?=[ \t])")
_NEEDED = re.compile(r"<<|`|\n|\[[ \t]")
_NO_END = frozenset({"then", "do", "else", "in", "{", "if", "elif", "while", "until", "!"})
"""Words behind which a newline ends nothing."""
_SEPARATORS = " \t\n;&|()"
_OPERATORS = ";&|()"
_OPAQUE = "\0"
"""Stands for a word that is quoted or expanded, and so is no reserved one."""
_SIMPLE_EXPANSION = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """``literal`` when its delimiter was quoted: nothing in it is expanded."""

    body: str
    literal: bool


class Unprepared(ValueError):
    """The script ends within quotes, or a here-document has no name; the text says which."""


class _Scanner:
    """Copies code, skips quotes and comments, and cuts bodies out after the line that announces them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.output: list[str] = []
        self.documents: list[Document] = []
        self.pending: list[tuple[int, str, bool, bool]] = []
        self.word = ""
        """The last word of the command so far, as far as it is bare; empty behind an operator."""
        self.first = ""
        """The command's first word."""
        self.in_word = False

    def copy(self, count: int = 1) -> None:
        self.output.append(self.text[self.position : self.position + count])
        self.position += count

    def copy_until(self, end: str) -> None:
        found = self.text.find(end, self.position)
        if found < 0:
            raise Unprepared("unterminated quoted string")
        self.copy(found + len(end) - self.position)

    def escape(self) -> None:
        """Copy a backslash with what it escapes; one before a newline joins lines and is gone."""
        if self.text.startswith("\\\n", self.position):
            self.position += 2
        else:
            self.copy(2)

    def code(self, closing: str = "") -> None:
        """Copy code up to and with ``closing``, or to the end."""
        depth = cases = 0
        while self.position < len(self.text):
            if self.text.startswith("\\\n", self.position):
                self.position += 2
                continue
            char = self.text[self.position]
            if char in _SEPARATORS:
                cases = max(0, cases + self.end_word())
            if char in " \t":
                self.copy()
            elif char == "\n":
                self.end_command()
                self.copy()
                self.bodies()
            elif char in _OPERATORS:
                self.copy()
                self.word = self.first = ""
                if char == ")" and not depth and closing and not cases:
                    return
                depth = max(0, depth + (char == "(") - (char == ")"))
            elif char == "#" and not self.in_word:
                self.end_command()
                end = self.text.find("\n", self.position)
                self.copy((len(self.text) if end < 0 else end) - self.position)
            else:
                self.word_part(char)

    def end_word(self) -> int:
        """Take note of the word that ends here; return by how many more ``case`` commands are open."""
        if not self.in_word:
            return 0
        self.in_word = False
        leads = not self.first
        self.first = self.first or self.word
        if not leads:
            return 0
        if self.word in _NO_END:
            self.first = ""
        return {"case": 1, "esac": -1}.get(self.word, 0)

    def end_command(self) -> None:
        """Put a semicolon where a command ends with its line."""
        if self.word and self.word not in _NO_END and self.first != "function":
            self.output.append(";")
        self.word = self.first = ""

    def word_part(self, char: str) -> None:
        """Copy one character of a word, or what is quoted or expanded in it."""
        if not self.in_word:
            self.word, self.in_word = "", True
            if _BRACKET.match(self.text, self.position):
                self.output.append('"["')
                self.position += 1
                self.word = _OPAQUE
                return
        if char == "`":
            self.backquotes()
        elif char in "\\'\"$<":
            first = self.first
            self.opaque(char)
            self.first, self.word, self.in_word = first, _OPAQUE, True
        else:
            self.word += char
            self.copy()

    def opaque(self, char: str) -> None:
        text, at = self.text, self.position
        if char == "\\":
            self.copy(2)
        elif char == "'":
            self.copy()
            self.copy_until("'")
        elif char == '"':
            self.copy()
            self.quoted()
        elif text.startswith("<<", at) and not text.startswith("<<<", at):
            self.announce()
        elif char == "$" and self.expansion():
            return
        else:
            self.copy(3 if text.startswith("<<<", at) else 1)

    def quoted(self) -> None:
        while self.position < len(self.text):
            text, at = self.text, self.position
            if text[at] == "\\":
                self.escape()
            elif text[at] == '"':
                self.copy()
                return
            elif text[at] == "$" and self.expansion():
                continue
            elif text[at] == "`":
                self.backquotes(quoted=True)
            else:
                self.copy()
        raise Unprepared("unterminated quoted string")

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
            elif text[at] == "$" and self.expansion():
                continue
            else:
                self.copy()

    def backquotes(self, *, quoted: bool = False) -> None:
        """Put ``$(...)`` in the place of a command in backquotes; it is copied next, as such."""
        found = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL).match(self.text, self.position)
        if found is None:
            raise Unprepared("end of file in backquotes")
        body = re.sub(r'\\([$`\\"])' if quoted else r"\\([$`\\])", r"\1", found[1])
        ending = "\n)" if "#" in body else ")"
        self.text = f"{self.text[: self.position]}$({body}{ending}{self.text[found.end() :]}"

    def arithmetic(self) -> None:
        depth = 2
        while self.position < len(self.text) and depth:
            depth += {"(": 1, ")": -1}.get(self.text[self.position], 0)
            self.copy()

    def expansion(self) -> bool:
        """Copy the expansion that begins here, if one does."""
        text, at = self.text, self.position
        if (simple := _SIMPLE_EXPANSION.match(text, at)) is not None:
            self.copy(len(simple[0]))
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
            return False
        return True

    def announce(self) -> None:
        strip = self.text.startswith("<<-", self.position)
        found = _DELIMITER.match(self.text, self.position + (3 if strip else 2))
        if found is None:
            raise Unprepared('unexpected "<<"')
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
    """Return the script without backquotes and here-documents, and those in order; raise :class:`Unprepared`."""
    if not _NEEDED.search(text):
        return text, []
    scanner = _Scanner(text)
    scanner.code()
    return "".join(scanner.output), scanner.documents


def pieces(body: str) -> Iterator[tuple[str, bool]]:
    """Cut a here-document into text and expansions; the latter are marked by ``True``."""
    scanner = _Scanner(body)
    start = 0
    while scanner.position < len(scanner.text):
        at = scanner.position
        if scanner.text[at] == "`":
            scanner.backquotes(quoted=True)
        elif scanner.expansion():
            yield scanner.text[start:at], False
            start = scanner.position
            yield scanner.text[at:start], True
        else:
            scanner.copy(2 if scanner.text[at] == "\\" else 1)
    yield scanner.text[start:], False


def word_pieces(text: str) -> Iterator[tuple[str, str]]:
    """Cut the word of ``${name:-word}`` into pieces.

    Each piece has a kind: ``'`` and ``"`` for what stands in such quotes (without them), ``$`` for an expansion, and
    nothing for text.
    """
    scanner = _Scanner(text)
    start = 0
    while (at := scanner.position) < len(scanner.text):
        char = scanner.text[at]
        if char not in "'\"" and not (char == "$" and scanner.expansion()):
            scanner.copy(2 if char == "\\" else 1)
            continue
        yield scanner.text[start:at], ""
        if char == "$":
            yield scanner.text[at : scanner.position], "$"
        else:
            scanner.copy()
            if char == "'":
                scanner.copy_until("'")
            else:
                scanner.quoted()
            yield scanner.text[at + 1 : scanner.position - 1], char
        start = scanner.position
    yield scanner.text[start:], ""
