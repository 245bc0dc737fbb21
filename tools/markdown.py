"""Pages made of code: tables, and docstrings as text of a page."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

_LITERAL = re.compile(r"``([^`]+)``")
_ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; what would end a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *([_cell(text) for text in row] for row in rows)]
    return "\n".join("|".join(["", *(f" {text} " if text != "---" else text for text in line), ""]) for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def prose(docstring: str | None) -> str:
    """Return a docstring's paragraphs, each in one line; examples are left out."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in inspect.cleandoc(docstring or "").split("\n\n")]
    text = "\n\n".join(paragraph for paragraph in paragraphs if not paragraph.startswith(">>>"))
    return _LITERAL.sub(r"`\1`", _ROLE.sub(r"`\1`", text))


def field_docs(cls: type) -> Mapping[str, str]:
    """Return the docstrings below the fields of a class and of those that it inherits from, by name."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        # Classes of others may have no source.
        if base.__module__.partition(".")[0] == cls.__module__.partition(".")[0]:
            found |= _own_field_docs(base)
    return found


def _own_field_docs(cls: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for field, following in zip(definition.body, definition.body[1:], strict=False):
        match field, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = prose(text)
    return found
