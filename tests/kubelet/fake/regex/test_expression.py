"""POSIX expressions: what matches where, what is none, and that no expression costs more than its bound."""

import pytest

from kubelet.fake.regex.expression import Found, compile_posix
from kubelet.fake.regex.syntax import BadExpression, Dialect

BASIC = Dialect()
EXTENDED = Dialect(extended=True)
AWK = Dialect(extended=True, references=False, controls=True, escapes=True)


def shown(found: Found, groups: int) -> tuple[str | None, ...]:
    return (found.text, *(found[group] for group in range(1, groups + 1)))


@pytest.mark.parametrize(
    ("pattern", "dialect", "text", "expected"),
    [
        pytest.param("ab|abc", EXTENDED, "abcd", [("abc",)], id="longest-branch"),
        pytest.param("(fo|foo)(bar)?", EXTENDED, "foobar", [("foobar", "foo", "bar")], id="longest-whole"),
        pytest.param("(a)|(b)", EXTENDED, "ab", [("a", "a", None), ("b", None, "b")], id="group-without-part"),
        pytest.param("x*", EXTENDED, "abxd", [("",), ("",), ("x",), ("",)], id="no-empty-match-behind-another"),
        pytest.param("^a", EXTENDED, "aaa", [("a",)], id="beginning-once"),
        pytest.param("a$", EXTENDED, "a\na", [("a",)], id="end-of-text"),
        pytest.param("a.b", EXTENDED, "a\nb", [("a\nb",)], id="dot-is-any"),
        pytest.param("*b", EXTENDED, "a*b", [("b",)], id="nothing-to-repeat"),
        pytest.param("*b", BASIC, "a*b", [("*b",)], id="star-at-the-beginning"),
        pytest.param(r"\(*b\)", BASIC, "a*b", [("*b", "*b")], id="star-in-a-group"),
        pytest.param("^*b", BASIC, "*b", [("*b",)], id="star-behind-an-anchor"),
        pytest.param("a^b$c", BASIC, "a^b$c", [("a^b$c",)], id="anchors-inside"),
        pytest.param(r"a\|b", BASIC, "xb", [("b",)], id="basic-choice"),
        pytest.param(r"a\{2\}b\+", BASIC, "aaabb", [("aabb",)], id="basic-counts"),
        pytest.param("a+b", BASIC, "aab a+b", [("a+b",)], id="basic-plus"),
        pytest.param("a{,2}b", EXTENDED, "aaab", [("aab",)], id="no-least"),
        pytest.param("x{2", EXTENDED, "x{2", [("x{2",)], id="brace-that-opens-nothing"),
        pytest.param("a{1,2000}", EXTENDED, "a" * 1500, [("a" * 1500,)], id="many-times"),
        pytest.param("a{1001}", EXTENDED, "a" * 1001, [("a" * 1001,)], id="more-than-at-once"),
        pytest.param("(a|b)*", EXTENDED, "abba", [("abba", "a")], id="last-round"),
        pytest.param("[]a-]+", EXTENDED, "x]-a", [("]-a",)], id="bracket-in-bracket"),
        pytest.param(r"[\t]", BASIC, r"\t", [("\\",), ("t",)], id="backslash-in-bracket"),
        pytest.param(r"[\t\]]", AWK, "\t]t", [("\t",), ("]",)], id="escapes-in-awk"),
        pytest.param("[^[:digit:]x-z]", EXTENDED, "5xa", [("a",)], id="classes"),
        pytest.param("[[.-.]a]+", EXTENDED, "b-a", [("-a",)], id="collating-symbol"),
        pytest.param(r"\<.", BASIC, "ab cd", [("a",), ("c",)], id="word-begins"),
        pytest.param(r".\>", BASIC, "ab cd", [("b",), ("d",)], id="word-ends"),
        pytest.param(r"\w+\s", EXTENDED, "a_1 -", [("a_1 ",)], id="gnu-classes"),
        pytest.param("é+.", EXTENDED, "aéé→b", [("éé→",)], id="unicode"),
        pytest.param("a.c", EXTENDED, "a\udcffc", [("a\udcffc",)], id="no-utf8"),
        pytest.param("\udcff", EXTENDED, "é\udcff", [("\udcff",)], id="no-utf8-in-the-pattern"),
        pytest.param(r"\(a\)\1", BASIC, "xaay", [("aa", "a")], id="reference"),
        pytest.param(r"(.)(.)\2\1", EXTENDED, "abba", [("abba", "a", "b")], id="references"),
        pytest.param(r"\(.*\)\n\1$", BASIC, "foo\nfoo", [("foo\nfoo", "foo")], id="reference-behind-a-newline"),
        pytest.param(r"(a|b){2}\1", EXTENDED, "abb", [("abb", "b")], id="reference-to-a-round"),
        pytest.param(r"(a*)+\1", EXTENDED, "aa", [("aa", "a")], id="reference-to-the-last-round"),
        pytest.param(r"(a)\1|b", EXTENDED, "aab", [("aa", "a"), ("b", None)], id="reference-in-a-branch"),
        pytest.param(r"(a)\1", AWK, "a1", [("a1", "a")], id="no-reference-in-awk"),
    ],
)
def test_matches(pattern: str, dialect: Dialect, text: str, expected: list[tuple[str | None, ...]]) -> None:
    expression = compile_posix((pattern,), dialect)
    assert [shown(found, expression.groups) for found in expression.each(text)] == expected


@pytest.mark.parametrize(
    ("patterns", "options", "text", "expected"),
    [
        pytest.param(["a", r"b\+"], {}, "xbb", "bb", id="any"),
        pytest.param([r"\(a\)\1", r"\(b\)\1"], {}, "abb", "bb", id="any-with-references"),
        pytest.param(["a.", ""], {"literal": True}, "ba.", "", id="literal-empty"),
        pytest.param(["a."], {"literal": True}, "ab a.", "a.", id="literal"),
        pytest.param(["É"], {"ignore_case": True}, "é", "é", id="case"),
        pytest.param([r"\(a\)\1"], {"ignore_case": True}, "aA", "aA", id="case-of-a-reference"),
        pytest.param(["ab", "abc"], {"whole": True}, "abc", "abc", id="whole"),
        pytest.param(["a"], {"whole": True}, "aa", None, id="not-whole"),
        pytest.param([r"\(.\)\1"], {"whole": True}, "aaa", None, id="not-whole-with-reference"),
        pytest.param(["foo"], {"word": True}, "foo_ xfoo foo", "foo", id="word"),
        pytest.param(["foo"], {"word": True}, "foo_ xfoo", None, id="no-word"),
        pytest.param([r"\(o\)\1"], {"word": True}, "foo", None, id="no-word-with-reference"),
        pytest.param(["^b$"], {"multiline": True}, "a\nb\nc", "b", id="lines"),
        pytest.param([r"^\(b\)\1$"], {"multiline": True}, "a\nbb\nc", "bb", id="lines-with-reference"),
    ],
)
def test_ways_of_matching(patterns: list[str], options: dict[str, bool], text: str, expected: str | None) -> None:
    found = compile_posix(tuple(patterns), BASIC, **options).search(text)
    assert (found and found.text) == expected


@pytest.mark.parametrize(
    ("pattern", "dialect", "complaint"),
    [
        pytest.param("(", EXTENDED, r"Unmatched \( or", id="open"),
        pytest.param(r"a\)", BASIC, r"Unmatched \) or", id="close"),
        pytest.param("[a", EXTENDED, r"Unmatched \[", id="bracket"),
        pytest.param("[b-a]", EXTENDED, "Invalid range end", id="range"),
        pytest.param("a\\", EXTENDED, "Trailing backslash", id="backslash"),
        pytest.param(r"\1", BASIC, "Invalid back reference", id="reference"),
        pytest.param(r"a\{x\}", BASIC, "Invalid content", id="count"),
        pytest.param("a{3,2}", EXTENDED, "Invalid content", id="counts"),
        pytest.param("a{40000}", EXTENDED, "too big", id="count-too-big"),
        pytest.param("(((a{100}){100}){100})", EXTENDED, "too big", id="counts-too-big"),
        pytest.param("((((a{99}){99}){99})b)\\1", EXTENDED, "too big", id="too-big-with-reference"),
        pytest.param("(" * 300 + ")" * 300, EXTENDED, "too big", id="depth"),
    ],
)
def test_what_is_none(pattern: str, dialect: Dialect, complaint: str) -> None:
    with pytest.raises(BadExpression, match=complaint):
        compile_posix((pattern,), dialect)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("(a+)+$", "a" * 50_000 + "b", id="nested"),
        pytest.param("(a|a)*$", "a" * 50_000 + "b", id="same-branches"),
        pytest.param("(x+x+)+y", "x" * 50_000, id="neighbours"),
        pytest.param("(.*)(.*)(.*)(.*)(.*)[^a]", "a" * 50_000, id="polynomial"),
    ],
)
def test_what_backtracking_never_ends_is_answered(pattern: str, text: str) -> None:
    found = compile_posix((pattern,), EXTENDED).search(text)
    assert found is None or found.text == ""


def test_references_are_tried_for_a_bounded_while() -> None:
    expression = compile_posix((r"(a*)*(a*)*\1b\2c",), EXTENDED)
    with pytest.raises(OSError, match="Memory exhausted"):
        expression.search("a" * 40 + "b" + "a" * 40 + "cd" + "bc")
    assert expression.due()


def test_a_text_too_long_for_the_expression_is_refused() -> None:
    expression = compile_posix(("(a|b)*a(a|b){500}c",), EXTENDED)
    assert expression.search("ab" * 100) is None
    with pytest.raises(OSError, match="Memory exhausted"):
        expression.search("ab" * 100_000)


def test_others_are_due_a_turn_after_much_work() -> None:
    expression = compile_posix(("a.*z|a",), EXTENDED)
    assert not expression.due()
    found = 0
    for _ in expression.each("a" * 20_000):
        found += 1
        if expression.due():
            break
    # Each match is looked for to the end of the text: this cannot all be done in one go.
    assert found < 20_000
    assert not expression.due()
