"""The documentation's pages, done as they say, each by a reader with a folder and a shell of their own."""

from pathlib import Path

import pytest

from tests.docs.page import Command, read_page
from tests.docs.readers import reader_of
from tests.live.processes import require_kubectl

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "index.md", *sorted((ROOT / "docs").glob("*/*.md"))]


def shows_commands(page: Path) -> bool:
    return any(isinstance(step, Command) for step in read_page(page.read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES if shows_commands(page)])
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    require_kubectl()
    with reader_of(tmp_path) as reader:
        reader.follow(page.read_text())
