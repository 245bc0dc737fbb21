"""The documentation's pages, done as they say, each by a reader with a folder and a shell of their own."""

import os
import sys
from pathlib import Path

import pytest

from tests.docs.page import Command, Reader, read_page
from tests.live.processes import require_kubectl

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "index.md", *sorted((ROOT / "docs").glob("*/*.md"))]


def shows_commands(page: Path) -> bool:
    return any(isinstance(step, Command) for step in read_page(page.read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES if shows_commands(page)])
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    require_kubectl()
    folder, runtime = tmp_path / "folder", tmp_path / "runtime"
    folder.mkdir()
    runtime.mkdir(mode=0o700)
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
    }
    reader = Reader(folder, env)
    try:
        reader.follow(page.read_text())
    finally:
        # A page that fails half way has a cluster left.
        reader.run("kubemu down --all || true")
