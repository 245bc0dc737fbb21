"""Tables and docstrings as parts of pages."""

import pytest

from tools.markdown import field_docs, prose, table


def test_a_table() -> None:
    made = table(["a", "b"], [["`x|y`", "two\nlines"], ["", "…"]])
    assert made == "| a | b |\n|---|---|\n| `x\\|y` | two lines |\n|  | … |"


@pytest.mark.parametrize(
    ("docstring", "text"),
    [
        pytest.param("One\n    line.", "One line.", id="a paragraph"),
        pytest.param("One.\n\n    Two ``x``.", "One.\n\nTwo `x`.", id="two, with code"),
        pytest.param("See :class:`~a.b.C` and :meth:`start`.", "See `C` and `start`.", id="references"),
        pytest.param("One.\n\n    >>> one()\n    1\n\n    Two.", "One.\n\nTwo.", id="an example"),
        pytest.param(None, "", id="none"),
    ],
)
def test_docstrings(docstring: str | None, text: str) -> None:
    assert prose(docstring) == text


class Base:
    """A class."""

    one: int = 1
    """The ``first``."""


class Derived(Base):
    two: str
    """The second,
    in two lines."""
    three: str = ""


def test_the_docstrings_of_fields() -> None:
    assert field_docs(Derived) == {"one": "The `first`.", "two": "The second, in two lines."}
