"""How pages are read; what they say is followed in ``test_pages.py``."""

from pathlib import Path

import pytest

from tests.docs.page import Command, File, Reader, agrees, read_page

PAGE = """
Write this:

```python title="app/main.py"
print("hello")
```

and run it:

```console
$ python app/main.py
hello
$ cat <<END
> one
> END
one
```

```text
$ not a command
```
"""


def test_a_page_is_files_and_commands() -> None:
    assert list(read_page(PAGE)) == [
        File("app/main.py", 'print("hello")\n'),
        Command("python app/main.py", "hello"),
        Command("cat <<END\none\nEND", "one"),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "answer"),
    [
        pytest.param("", "anything\n", True, id="nothing is shown"),
        pytest.param("NAME  READY", "NAME READY\n", True, id="blanks"),
        pytest.param("a … d", "a b c d\n", True, id="something left out"),
        pytest.param("a … d", "a d\n", True, id="nothing left out"),
        pytest.param("…\nlast", "one\ntwo\nlast\n", True, id="lines left out"),
        pytest.param("pod/web-… created", "pod/web-x1z created\n", True, id="part of a word"),
        pytest.param("a … d", "a b c\n", False, id="the rest is wrong"),
        pytest.param("a.c", "abc\n", False, id="a full stop is one"),
        pytest.param("one", "one\ntwo\n", False, id="more than is shown"),
    ],
)
def test_what_is_shown(expected: str, printed: str, answer: bool) -> None:
    assert agrees(expected, printed) is answer


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        pytest.param("```console\n$ false\n```", "ended with 1", id="a command fails"),
        pytest.param("```console\n$ echo one\ntwo\n```", "and prints:\none", id="it prints something else"),
    ],
)
def test_a_page_that_is_wrong(page: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=complaint):
        Reader(tmp_path, {"PATH": "/usr/bin:/bin"}).follow(page)


def test_one_command_goes_on_from_the_other(tmp_path: Path) -> None:
    page = "```console\n$ mkdir sub && cd sub && export X='a b'\n$ echo $X $(basename $PWD)\na b sub\n```"
    Reader(tmp_path, {"PATH": "/usr/bin:/bin"}).follow(page)
