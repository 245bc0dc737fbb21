"""From a script's text to :mod:`kubelet.fake.shell.syntax`, by way of tree-sitter's grammar of bash.

The grammar gives the structure: where commands, words and expansions begin and end. The text of words is read
from the source (``words.py``), because the tree leaves out white space and escapes.
"""

import functools
import re
from collections.abc import Iterable, Iterator

import tree_sitter
import tree_sitter_bash

from kubelet.fake.shell.prepare import MARK, Document, Unprepared, extract, pieces
from kubelet.fake.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Assignment,
    Background,
    Case,
    Command,
    DoubleBracket,
    For,
    Function,
    If,
    Literal,
    Part,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
    Word,
)
from kubelet.fake.shell.words import UNSUPPORTED, SyntaxFault, WordReader, make_word

RESERVED = frozenset({
    "then",
    "do",
    "done",
    "fi",
    "elif",
    "else",
    "esac",
    "}",
    ")",
    "in",
    "if",
    "while",
    "for",
    "case",
})
_REDIRECTS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
_BEYOND_ASCII = re.compile(rb"\$?[\x80-\xff]+")
"""With a dollar sign before it, which names no variable then."""


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Sequence:
    """Return a script's meaning; raise :class:`SyntaxFault`. The same text gives the same value."""
    try:
        code, documents = extract(text)
        return _Lowering(code, documents).script()
    except Unprepared as error:
        raise SyntaxFault(f"syntax error: {error}") from error
    except RecursionError as error:
        raise SyntaxFault("syntax error: nested too deeply") from error


@functools.lru_cache(maxsize=1)
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_bash.language())


class _Lowering(WordReader):
    def __init__(self, code: str, documents: list[Document]) -> None:
        super().__init__(code.encode(errors="surrogateescape"))
        self._documents = documents

    def _parsed(self, text: str) -> Sequence:
        return parse(text)

    def script(self) -> Sequence:
        # The grammar's scanner asks C's tables of character classes, which end at 255: anything beyond ASCII is hidden
        # from it behind as many letters. Texts are read from the source itself.
        hidden = _BEYOND_ASCII.sub(lambda found: b"x" * len(found[0]), self._source)
        root = tree_sitter.Parser(_language()).parse(hidden).root_node
        if root.has_error:
            raise SyntaxFault(_describe(root, self._source))
        return self._sequence(root.children)

    # Commands

    def _sequence(self, nodes: Iterable[tree_sitter.Node]) -> Sequence:
        commands: list[Command] = []
        for node in nodes:
            if node.type == "&":
                commands[-1] = Background(commands[-1])
            elif node.is_named and node.type != "comment":
                commands.append(self._command(node))
        return Sequence(tuple(commands))

    def _command(self, node: tree_sitter.Node) -> Command:
        kind = node.type
        if kind in UNSUPPORTED:
            raise SyntaxFault(f'syntax error: not supported: "{self._node_text(node)}"')
        lower = getattr(self, f"_lower_{kind}", None)
        if lower is None:
            raise SyntaxFault(f'syntax error: unexpected "{self._node_text(node)}"')
        result: Command = lower(node)
        return result

    def _lower_command(self, node: tree_sitter.Node) -> Command:
        assignments: list[Assignment] = []
        spans: list[tuple[int, int, tree_sitter.Node]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        for child in node.children:
            if child.type == "variable_assignment" and not spans:
                assignments.append(self._assignment(child))
            elif child.type in _REDIRECTS:
                redirect, rest = self._redirect(child)
                redirects.append(redirect)
                words += self._words(spans)
                spans = []
                words += rest
            elif child.type != "comment":
                spans.append((child.start_byte, child.end_byte, child))
        words += self._words(spans)
        self._check_reserved(words)
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _check_reserved(self, words: list[Word]) -> None:
        first = words[0].parts if words else ()
        if len(first) == 1 and isinstance(first[0], Literal) and not first[0].quoted and first[0].text in RESERVED:
            raise SyntaxFault(f'syntax error: unexpected "{first[0].text}"')

    def _words(self, spans: list[tuple[int, int, tree_sitter.Node]]) -> list[Word]:
        """Make words of nodes; those that touch are one word."""
        words: list[Word] = []
        position = 0
        while position < len(spans):
            start, end, node = spans[position]
            nodes = [node]
            position += 1
            while position < len(spans) and spans[position][0] == end:
                end = spans[position][1]
                nodes.append(spans[position][2])
                position += 1
            words.append(make_word(self._parts(nodes, start, end, "bare")))
        return words

    def _lower_declaration_command(self, node: tree_sitter.Node) -> Command:
        spans = [(child.start_byte, child.end_byte, child) for child in node.children]
        return Simple((), tuple(self._words(spans)), declaration=True)

    def _lower_unset_command(self, node: tree_sitter.Node) -> Command:
        return self._lower_declaration_command(node)

    def _lower_variable_assignment(self, node: tree_sitter.Node) -> Command:
        return Simple((self._assignment(node),), ())

    def _lower_variable_assignments(self, node: tree_sitter.Node) -> Command:
        return Simple(tuple(self._assignment(child) for child in node.children), ())

    def _assignment(self, node: tree_sitter.Node) -> Assignment:
        name, operator = node.children[0], node.children[1]
        if name.type != "variable_name" or operator.type != "=":
            raise SyntaxFault(f'syntax error: not supported: "{self._node_text(node)}"')
        start, end = operator.end_byte, node.end_byte
        return Assignment(self._node_text(name), make_word(self._parts(node.children[2:], start, end, "bare")))

    def _lower_test_command(self, node: tree_sitter.Node) -> Command:
        opening, closing = node.children[0], node.children[-1]
        inner, start, end = node.children[1:-1], opening.end_byte, closing.start_byte
        if opening.type == "((":
            return ArithmeticCommand(make_word(self._parts(inner, start, end, "quoted")))
        words = [make_word(parts) for parts in self._split(inner, start, end)]
        if opening.type == "[[":
            return DoubleBracket(tuple(words))
        return Simple((), (make_word([Literal("[", True)]), *words, make_word([Literal("]", True)])))

    def _split(self, nodes: list[tree_sitter.Node], start: int, end: int) -> Iterator[list[Part]]:
        """Cut a stretch of source at its white space."""
        current: list[Part] = []
        for part in self._parts(nodes, start, end, "bare"):
            if not isinstance(part, Literal) or part.quoted:
                current.append(part)
                continue
            pieces = re.split(r"([ \t\n]+)", part.text)
            for piece in pieces:
                if piece.strip(" \t\n"):
                    current.append(Literal(piece, False))
                elif piece and current:
                    yield current
                    current = []
        if current:
            yield current

    def _lower_redirected_statement(self, node: tree_sitter.Node) -> Command:
        body: Command | None = None
        redirects: list[Redirect] = []
        rest: list[Word] = []
        for child in node.children:
            if child.type in _REDIRECTS:
                redirect, words = self._redirect(child)
                redirects.append(redirect)
                rest += words
            elif child.is_named and child.type != "comment":
                body = self._command(child)
        return _redirected(Simple((), ()) if body is None else body, tuple(redirects), tuple(rest))

    def _redirect(self, node: tree_sitter.Node) -> tuple[Redirect, list[Word]]:
        """Return a redirection, and the words around it that the grammar counts to it."""
        descriptor, operator, spans = None, "", []
        before: list[Word] = []
        for child in node.children:
            if child.type == "file_descriptor":
                text = self._node_text(child)
                if text.isascii() and text.isdigit():
                    descriptor = int(text)
                else:
                    # The grammar takes -a2>&1 for a descriptor of that name; to a shell it is a word in front.
                    before.append(make_word([Literal(text, False)]))
            elif not operator:
                operator = child.type
            else:
                spans.append((child.start_byte, child.end_byte, child))
        if operator in {">&-", "<&-"}:
            words = [make_word([Literal("-", False)]), *self._words(spans)]
            return Redirect(operator[:2], words[0], descriptor), [*before, *words[1:]]
        words = self._words(spans)
        if operator == "<<<":
            return Redirect("<<", make_word([*words[0].parts, Literal("\n", True)]), descriptor), [*before, *words[1:]]
        target = words[0].plain
        if operator == "<" and target is not None and target.startswith(MARK):
            document = self._document(self._documents[int(target[len(MARK) :])])
            return Redirect("<<", document, descriptor), [*before, *words[1:]]
        return Redirect(operator, words[0], descriptor), [*before, *words[1:]]

    def _document(self, document: Document) -> Word:
        if document.literal or not document.body:
            return Word((Literal(document.body, True),), document.body)
        parts: list[Part] = []
        for text, expansion in pieces(document.body):
            parts += self._expansion_parts(text, quoted=True) if expansion else self._literal(text, "heredoc")
        return make_word(parts)

    def _lower_pipeline(self, node: tree_sitter.Node) -> Command:
        commands: list[Command] = []
        negated = False
        for child in node.children:
            if child.type == "|&":
                commands[-1] = _redirected(commands[-1], (Redirect(">&", Word((), "1"), 2),), ())
            elif child.is_named and child.type != "comment":
                command = self._command(child)
                if not commands and child.type == "negated_command" and isinstance(command, Pipeline):
                    negated, command = True, command.commands[0]
                commands.append(command)
        return Pipeline(tuple(commands), negated)

    def _lower_negated_command(self, node: tree_sitter.Node) -> Command:
        return _negated(self._command(node.children[-1]))

    def _lower_list(self, node: tree_sitter.Node) -> Command:
        left, right = (child for child in node.children if child.is_named and child.type != "comment")
        operator = next(child.type for child in node.children if child.type in {"&&", "||"})
        return AndOr(self._command(left), operator, self._command(right))

    def _lower_subshell(self, node: tree_sitter.Node) -> Command:
        return Subshell(self._sequence(node.children[1:-1]))

    def _lower_compound_statement(self, node: tree_sitter.Node) -> Command:
        if node.children[0].type == "((":
            start, end = node.children[0].end_byte, node.children[-1].start_byte
            return ArithmeticCommand(make_word(self._parts(node.children[1:-1], start, end, "quoted")))
        return self._sequence(node.children[1:-1])

    def _lower_function_definition(self, node: tree_sitter.Node) -> Command:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        assert name is not None
        assert body is not None
        return Function(self._node_text(name), self._command(body))

    def _lower_if_statement(self, node: tree_sitter.Node) -> Command:
        branches = [self._branch(node.children[:-1])]
        otherwise = None
        for child in node.children:
            if child.type == "elif_clause":
                branches.append(self._branch(child.children))
            elif child.type == "else_clause":
                otherwise = self._sequence(child.children[1:])
        return If(tuple(branches), otherwise)

    def _branch(self, children: list[tree_sitter.Node]) -> tuple[Sequence, Sequence]:
        then = next(index for index, child in enumerate(children) if child.type == "then")
        body = [child for child in children[then + 1 :] if child.type not in {"elif_clause", "else_clause"}]
        return self._sequence(children[1:then]), self._sequence(body)

    def _lower_for_statement(self, node: tree_sitter.Node) -> Command:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        if node.children[0].type != "for" or variable is None or body is None:
            raise SyntaxFault(f'syntax error: not supported: "{node.children[0].type}"')
        words = None
        if any(child.type == "in" for child in node.children):
            values = node.children_by_field_name("value")
            words = tuple(self._words([(child.start_byte, child.end_byte, child) for child in values]))
        return For(self._node_text(variable), words, self._sequence(body.children[1:-1]))

    def _lower_while_statement(self, node: tree_sitter.Node) -> Command:
        body = node.child_by_field_name("body")
        assert body is not None
        condition = self._sequence(node.children_by_field_name("condition"))
        return While(condition, self._sequence(body.children[1:-1]), node.children[0].type == "until")

    def _lower_case_statement(self, node: tree_sitter.Node) -> Command:
        value = node.child_by_field_name("value")
        assert value is not None
        word = make_word(self._parts([value], value.start_byte, value.end_byte, "bare"))
        items: list[tuple[tuple[Word, ...], Sequence]] = []
        for item in node.children:
            if item.type != "case_item":
                continue
            closing = next(index for index, child in enumerate(item.children) if child.type == ")")
            spans = [
                (child.start_byte, child.end_byte, child)
                for child in item.children[:closing]
                if child.type not in {"(", "|"}
            ]
            items.append((tuple(self._words(spans)), self._sequence(item.children[closing + 1 :])))
        return Case(word, tuple(items))

    # Words


def _redirected(command: Command, redirects: tuple[Redirect, ...], rest: tuple[Word, ...]) -> Command:
    """Attach redirections to what they belong to: the last command of a pipeline or list."""
    match command:
        case Simple():
            return Simple(
                command.assignments, (*command.words, *rest), (*command.redirects, *redirects), command.declaration
            )
        case Pipeline():
            last = _redirected(command.commands[-1], redirects, rest)
            return Pipeline((*command.commands[:-1], last), command.negated)
        case AndOr():
            return AndOr(command.left, command.operator, _redirected(command.right, redirects, rest))
    if rest:
        raise SyntaxFault("syntax error: unexpected word")
    return Redirected(command, redirects)


def _negated(command: Command) -> Command:
    match command:
        case AndOr():
            return AndOr(_negated(command.left), command.operator, command.right)
        case Pipeline() if not command.negated:
            return Pipeline(command.commands, True)
    return Pipeline((command,), True)


def _describe(root: tree_sitter.Node, source: bytes) -> str:
    """Say where the first error is, as shells do."""
    node = root
    while True:
        if node.is_missing or node.type == "ERROR":
            break
        child = next((child for child in node.children if child.has_error or child.is_missing), None)
        if child is None:
            break
        node = child
    if node.is_missing:
        return f'syntax error: end of file unexpected (expecting "{node.type}")'
    text = source[node.start_byte : node.end_byte].decode(errors="replace").split()
    if node.end_byte >= len(source.rstrip()) and node.child_count != 1:
        return "syntax error: unexpected end of file"
    return f'syntax error: unexpected "{text[0] if text else "newline"}"'
