"""Parsing: nothing but a syntax error for what is no script, and one value for one text."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubelet.fake.shell.parser import parse
from kubelet.fake.shell.prepare import extract
from kubelet.fake.shell.words import SyntaxFault

PIECES = [
    *"abx1 \n\t;&|()<>{}$`'\"\\#=*?[]!-~/:%@+",
    *("&&", "||", ";;", "$(", "${", "$((", "))", "<<E\n", "\nE\n", ">>", "2>&1", "<&-", "[[", "]]", "<<<"),
    *("if ", "then ", "else ", "fi ", "for i in ", "do ", "done ", "while ", "case x in ", "esac ", "function f "),
    *("echo ", "x=1 ", "${x:-", "${x#", "}", "$x", '"$@"', "'q'", "f() ", "export A=", "time ", "\\\n", "# c\n"),
]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("${")
@example("-a2>&1")
@example("echo -a2>&1 b")
@example("$((1)")
@example("cat <<")
@example("case x in esac")
@example("a &\n& b")
@example("\0\x01heredoc0")
@example("echo \udcff é")
@example("$\U000d0000x <<\x1c\n\x1c\n")
@example("(" * 5000)
@example("$(" * 5000)
def test_any_text_is_a_script_or_a_syntax_error(text: str) -> None:
    with contextlib.suppress(SyntaxFault):
        assert parse(text) is parse(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_arbitrary_text_breaks_nothing(text: str) -> None:
    with contextlib.suppress(SyntaxFault):
        parse(text)


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        pytest.param("echo a", "echo a", id="one-line"),
        pytest.param("a\nb # c\n\nd", "a;\nb ;# c\n\nd", id="newlines"),
        pytest.param("if a\nthen b\nfi\n", "if a;\nthen b;\nfi;\n", id="reserved-words"),
        pytest.param("a |\nb &&\nc\n", "a |\nb &&\nc;\n", id="going-on"),
        pytest.param("case x in\na) b;;\nesac\n", "case x in\na) b;;\nesac;\n", id="case"),
        pytest.param("f()\n{\na\n}\n", "f()\n{\na;\n}\n".replace("}\n", "};\n"), id="function"),
        pytest.param("a `b \\`c\\`` d", "a $(b $(c)) d", id="backquotes"),
        pytest.param("'`' \"a `b`\"", "'`' \"a $(b)\"", id="quotes"),
        pytest.param("joined\\\nline\n", "joinedline;\n", id="joined"),
        pytest.param("[ a ] && b [ c", '"[" a ] && b "[" c', id="brackets"),
        pytest.param("'quoted\nlines'\nb\n", "'quoted\nlines';\nb;\n", id="quoted-newline"),
    ],
)
def test_what_is_done_before(text: str, prepared: str) -> None:
    assert extract(text)[0] == prepared


def test_documents_are_cut_out() -> None:
    code, documents = extract("cat <<A <<-'B' | wc\na $x\nA\n\tb $x\n\tB\necho\n")
    assert code.count("\x01heredoc") == 2
    assert code.endswith("| wc;\necho;\n")
    assert [(document.body, document.literal) for document in documents] == [("a $x\n", False), ("b $x\n", True)]
