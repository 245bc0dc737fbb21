"""Env files."""

import pytest

from kubelet.env_file import BadEnvFile, find


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("A='one'", "one", id="no newline at the end"),
        pytest.param("\n  # note\n\n  A='one'\n", "one", id="blank lines, comments and leading space"),
        pytest.param("A='one'  # why\n", "one", id="a comment behind it"),
        pytest.param("B='x'\r\nA='one'\r\n", "one", id="lines of Windows"),
        pytest.param("A='a # b = $C \\n'", "a # b = $C \\n", id="taken as it is"),
        pytest.param("A='two\nlines'\n", "two\nlines", id="several lines"),
        pytest.param("A='1'\nA='2'\n", "1", id="the first counts"),
        pytest.param("A='1'\nnonsense", "1", id="what comes behind is not looked at"),
        pytest.param("AA='1'\n", "", id="another name"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_find(text: str, value: str) -> None:
    assert find(text, "A") == value


@pytest.mark.parametrize(
    "line",
    [
        "A=one",
        'A="one"',
        "A='one",
        "A='one''two'",
        "A='one'$B",
        "A = 'one'",
        "export A='one'",
        "='one'",
        "A",
        "A='1'#x",
    ],
)
def test_what_is_not_allowed(line: str) -> None:
    with pytest.raises(BadEnvFile, match="invalid environment variable format at line 2"):
        find(f"B='x'\n{line}\n", "A")
