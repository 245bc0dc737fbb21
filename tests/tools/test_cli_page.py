"""The pages about the command lines are made of the command lines."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kubemu.__main__ import COMMANDS
from tools import cli_page


@pytest.mark.parametrize(
    ("path", "made"),
    [(cli_page.CLI_PAGE, cli_page.cli_page), (cli_page.COMPONENTS_PAGE, cli_page.components_page)],
    ids=["kubemu", "components"],
)
def test_the_pages_are_current(path: Path, made: Callable[[], str]) -> None:
    assert path.read_text(encoding="utf-8") == made(), "run `make cli-pages`"


def test_every_command_is_told_of() -> None:
    page = cli_page.cli_page()
    assert [line for line in page.splitlines() if line.startswith("## ")] == [f"## kubemu {name}" for name in COMMANDS]
    assert "| `--nodes NUMBER` | 1 | How many equal nodes there are" in page
