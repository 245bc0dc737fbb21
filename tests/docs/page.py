"""A page of the documentation as something to run: its files, its commands, and what these are shown to say.

Of a page's fenced blocks two kinds count. One with ``title="NAME"`` is a file of that name in the reader's folder. One
of language ``console`` is a conversation with a shell: a command after ``$ ``, going on after ``> ``, and below it what
is printed. There ``…`` stands for anything, any number of blanks for each other, and nothing at all for whatever.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.live.people import WHOEVER_RUNS_THE_TESTS, Person

_FENCE = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#]+)\)")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class File:
    """Something that the page has the reader write."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the page has the reader type, and what is shown of the answer."""

    line: str
    expected: str


def read_page(text: str) -> Iterator[File | Command]:
    """Return what a page has one do, in its order."""
    for fence in _FENCE.finditer(text):
        indent, language, rest, body = fence.groups()
        body = re.sub(f"^{indent}", "", body, flags=re.MULTILINE)
        if title := _TITLE.search(rest):
            yield File(title[1], body)
        elif language == "console":
            yield from _commands(body)


def _commands(block: str) -> Iterator[Command]:
    typed: list[str] = []
    shown: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            if typed:
                yield Command("\n".join(typed), "\n".join(shown))
            typed, shown = [line[2:]], []
        elif line.startswith("> ") and not shown:
            typed.append(line[2:])
        else:
            shown.append(line)
    if typed:
        yield Command("\n".join(typed), "\n".join(shown))


def agrees(expected: str, printed: str) -> bool:
    """Whether a command printed what is shown: ``…`` is anything, and blanks are as many as they like."""
    words = [re.escape(word) for word in expected.split()]
    pattern = r"\s+".join(words).replace("…", ".*?")
    # What stands for anything stands for nothing too, with the blanks around it.
    pattern = pattern.replace(r"\s+.*?", r".*?").replace(r".*?\s+", r".*?")
    return not words or re.fullmatch(rf"\s*{pattern}\s*", printed, re.DOTALL) is not None


def links_of(page: str) -> list[str]:
    """Return the paths that a page links to, without what is elsewhere in the world."""
    return [link for link in _LINK.findall(page) if "://" not in link]


class Reader:
    """Somebody who does what a page says, in a folder of theirs, with one shell."""

    def __init__(self, folder: Path, env: Mapping[str, str], person: Person = WHOEVER_RUNS_THE_TESTS) -> None:
        self.folder = folder
        self._person = person
        self._env = dict(env)
        self._state = folder / ".shell"

    def bring(self, source: Path) -> None:
        """Have a folder of the checkout in one's own."""
        self._person.own(shutil.copytree(source, self.folder / source.name))

    def follow(self, page: str) -> None:
        """Do all of it; ``AssertionError`` where it is not as the page says."""
        for step in read_page(page):
            if isinstance(step, File):
                path = self.folder / step.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.content)
                self._person.own(self.folder / Path(step.name).parts[0])
            else:
                self.run_step(step)

    def run(self, line: str) -> None:
        """Type one more command, whatever it prints."""
        self.run_step(Command(line, ""))

    def run_step(self, command: Command) -> None:
        """Run a command where the one before has left off: in its folder, with its variables."""
        script = f"""
            [ ! -e {self._state} ] || . {self._state}
            {{ {command.line}
            }} 2>&1
            status=$?
            {{ export -p; echo "cd '$PWD'"; }} > {self._state}
            exit $status
        """
        with (self.folder / ".printed").open("w+") as printed:
            # Into a file: whoever is started in the background would keep a pipe open.
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                timeout=100,
                check=False,
                **self._person.options(),
            )
            printed.seek(0)
            said = printed.read()
        assert done.returncode == 0, f"$ {command.line}\nended with {done.returncode}:\n{said}"
        assert agrees(command.expected, said), (
            f"$ {command.line}\nis shown to print:\n{command.expected}\n\nand prints:\n{said}"
        )
