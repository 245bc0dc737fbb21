"""The documentation as a site."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_is_built_without_a_warning(tmp_path: Path) -> None:
    """No page is missing in the navigation's list, and no link leads nowhere."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((ROOT / "docs").rglob("*.md"))
    for page in pages:
        path = page.relative_to(ROOT / "docs").with_suffix("")
        assert (tmp_path / "build" / "site" / ("" if path.name == "index" else path) / "index.html").exists(), page
    assert "images/kubemu-up.svg" in (tmp_path / "build" / "site" / "index.html").read_text()
    assert (tmp_path / "build" / "site" / "images" / "kubemu-up.svg").exists()
    navigation = (ROOT / "mkdocs.yml").read_text()
    left_out = [
        page for page in (ROOT / "docs").rglob("*.md") if str(page.relative_to(ROOT / "docs")) not in navigation
    ]
    assert not left_out, "pages that nobody finds"
