"""Words of a script, read from the source between the expansions that the grammar's tree has in them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

import tree_sitter

from kubelet.fake.shell.prepare import word_pieces
from kubelet.fake.shell.syntax import Arithmetic, Literal, Parameter, Part, Sequence, Simple, Substitution, Word

_SPECIAL = frozenset({
    "string",
    "raw_string",
    "ansi_c_string",
    "simple_expansion",
    "expansion",
    "command_substitution",
    "arithmetic_expansion",
    "regex",
})
UNSUPPORTED = frozenset({"process_substitution", "array", "subscript", "c_style_for_statement"})
"""Nodes of the grammar that stand for what this shell does not have."""
_EXPANSION = re.compile(r"(#(?=[^}:?+=%-]))?(\w+|[@*#?$!-])(:?[-=?+]|##?|%%?)?", re.ASCII)
_ESCAPED = {
    "bare": re.compile(r"\\(\n|.)", re.DOTALL),
    "quoted": re.compile(r'\\([$`"\\\n])'),
    "heredoc": re.compile(r"\\([$`\\\n])"),
}
_NAME = re.compile(r"\d|[A-Za-z_]\w*|.", re.ASCII)
_GLOB = re.compile(r"[*?\[]")
_ANSI_C = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI_C_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


class SyntaxFault(Exception):
    """The script does not parse; the text says where."""


def make_word(parts: Iterable[Part]) -> Word:
    """Join neighbouring text and work out whether the word needs expansion at all."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Literal) and isinstance(last, Literal) and last.quoted == part.quoted:
            joined[-1] = Literal(last.text + part.text, part.quoted)
        else:
            joined.append(part)
    texts: list[str] = []
    for part in joined:
        if not isinstance(part, Literal) or (not part.quoted and _GLOB.search(part.text)):
            return Word(tuple(joined))
        texts.append(part.text)
    first = joined[0] if joined else None
    if isinstance(first, Literal) and not first.quoted and first.text.startswith("~"):
        return Word(tuple(joined))
    return Word(tuple(joined), "".join(texts))


class WordReader(ABC):
    """Reads the words of one source. Scripts inside of words are left to who extends this."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    @abstractmethod
    def _sequence(self, nodes: Iterable[tree_sitter.Node]) -> Sequence:
        """Return the meaning of the commands among nodes."""

    @abstractmethod
    def _parsed(self, text: str) -> Sequence:
        """Return the meaning of another script."""

    def _text(self, start: int, end: int) -> str:
        return self._source[start:end].decode(errors="surrogateescape")

    def _node_text(self, node: tree_sitter.Node) -> str:
        return self._text(node.start_byte, node.end_byte)

    def _specials(self, nodes: Iterable[tree_sitter.Node]) -> Iterator[tree_sitter.Node]:
        for node in nodes:
            if node.type in UNSUPPORTED:
                raise SyntaxFault(f'syntax error: not supported: "{self._node_text(node)}"')
            if node.type in _SPECIAL:
                yield node
            elif node.child_count:
                yield from self._specials(node.children)

    def _parts(self, nodes: Iterable[tree_sitter.Node], start: int, end: int, context: str) -> Iterator[Part]:
        """Yield what stands between ``start`` and ``end``; expansions are those within ``nodes``.

        ``context`` says what backslashes do: ``bare``, ``quoted`` or ``heredoc``.
        """
        position = start
        for node in self._specials(nodes):
            if node.start_byte < position:
                continue
            # A node may begin with white space that belongs to the text before it.
            begin = node.start_byte
            while self._source[begin] in b" \t\n":
                begin += 1
            yield from self._literal(self._text(position, begin), context)
            yield from self._special(node, context)
            position = node.end_byte
        yield from self._literal(self._text(position, end), context)

    def _literal(self, text: str, context: str) -> Iterator[Part]:
        quoted = context != "bare"
        position = 0
        for match in _ESCAPED[context].finditer(text):
            if match.start() > position:
                yield Literal(text[position : match.start()], quoted)
            if match[1] != "\n":
                yield Literal(match[1], True)
            position = match.end()
        if position < len(text):
            yield Literal(text[position:], quoted)

    def _special(self, node: tree_sitter.Node, context: str) -> Iterator[Part]:
        quoted = context != "bare"
        match node.type:
            case "string":
                start, end = node.children[0].end_byte, node.end_byte - 1
                yield Literal("", True)
                yield from self._parts(node.children[1:-1], start, end, "quoted")
            case "raw_string":
                text = self._node_text(node)
                yield Literal(text if quoted else text[1:-1], True)
            case "ansi_c_string":
                yield Literal(_ANSI_C.sub(_ansi_c, self._node_text(node)[2:-1]), True)
            case "simple_expansion":
                name = self._text(node.children[0].end_byte, node.end_byte)
                found = _NAME.match(name)
                assert found is not None
                yield Parameter(found[0], quoted)
                if found.end() < len(name):
                    yield Literal(name[found.end() :], quoted)
            case "expansion":
                yield self._expansion(node, quoted)
            case "command_substitution":
                yield Substitution(self._sequence(node.children[1:-1]), quoted)
            case "regex":
                # Nothing in it is parsed.
                yield from self._operand(self._node_text(node), quoted=False).parts
            case _:
                opening, closing = node.children[0], node.children[-1]
                inner = self._parts(node.children[1:-1], opening.end_byte, closing.start_byte, "quoted")
                yield Arithmetic(make_word(inner), quoted)

    def _expansion(self, node: tree_sitter.Node, quoted: bool) -> Parameter:
        start, end = node.children[0].end_byte, node.end_byte - 1
        text = self._text(start, end)
        found = _EXPANSION.match(text)
        if found is None or (found[3] is None and found.end() != len(text)) or (found[1] and found[3]):
            raise SyntaxFault(f"syntax error: bad substitution: {self._node_text(node)}")
        if found[3] is None:
            return Parameter(found[2], quoted, length=found[1] is not None)
        pattern = found[3][0] in "#%"
        return Parameter(found[2], quoted, found[3], self._operand(text[found.end() :], quoted=quoted and not pattern))

    def _operand(self, text: str, *, quoted: bool) -> Word:
        """Return what follows an expansion's operator as a word; ``quoted`` when the expansion stands in quotes."""
        parts: list[Part] = []
        for piece, kind in word_pieces(text):
            if kind == "$":
                parts += self._expansion_parts(piece, quoted=quoted)
            elif kind == "'":
                parts.append(Literal(f"'{piece}'" if quoted else piece, True))
            elif kind == '"':
                parts.append(Literal("", True))
                parts += self._expansion_parts(piece, quoted=True)
            else:
                parts += self._literal(piece, "quoted" if quoted else "bare")
        return make_word(parts)

    def _expansion_parts(self, text: str, *, quoted: bool) -> tuple[Part, ...]:
        """Return the parts of an expansion, or of anything that stands in quotes."""
        if not text:
            return ()
        command = self._parsed(f': "{text}"' if quoted else f": {text}").commands[0]
        assert isinstance(command, Simple)
        return command.words[1].parts


def _ansi_c(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "x":
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI_C_NAMED.get(code, code)
