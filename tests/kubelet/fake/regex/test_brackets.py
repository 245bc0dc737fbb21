"""Bracket expressions of regular expressions and of shell patterns."""

import re

import pytest

from kubelet.fake.regex.brackets import bracket

GLOB = {"negations": "!^", "escapes": {"": ""}}


@pytest.mark.parametrize(
    ("text", "options", "matched"),
    [
        pytest.param("abc]", {}, "abc", id="set"),
        pytest.param("a-c]", {}, "abc", id="range"),
        pytest.param("]a]", {}, "]a", id="bracket-first"),
        pytest.param("-a]", {}, "-a", id="minus-first"),
        pytest.param("a-]", {}, "-a", id="minus-last"),
        pytest.param("+--]", {}, "+,-", id="range-to-minus"),
        pytest.param("[:digit:]_]", {}, "0_", id="class"),
        pytest.param("[=a=]]", {}, "a", id="equivalence"),
        pytest.param(r"\]", {}, "\\", id="backslash"),
        pytest.param(r"\]a]", GLOB, "]a", id="escaped"),
        pytest.param(r"a\-c]", GLOB, "-ac", id="escaped-minus"),
    ],
)
def test_sets(text: str, options: dict[str, object], matched: str) -> None:
    found = bracket(text, 0, **options)  # type: ignore[arg-type]
    assert found is not None
    assert found[1] == len(text)
    one_of_each = "+,-0\\]_abcd~"
    assert {char for char in one_of_each if re.fullmatch(found[0], char)} == set(matched)


@pytest.mark.parametrize("mark", ["^", "!"])
def test_negation(mark: str) -> None:
    found = bracket(f"{mark}a-c]", 0, negations="!^")
    assert found is not None
    assert (re.fullmatch(found[0], "b"), bool(re.fullmatch(found[0], "d"))) == (None, True)


def test_not_closed() -> None:
    assert bracket("abc", 0) is None


def test_no_range() -> None:
    with pytest.raises(ValueError, match="Invalid range end"):
        bracket("z-a]", 0)
