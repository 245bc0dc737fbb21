"""The operator among the examples, tested as its README says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "examples" / "website-operator"


@pytest.mark.slow
def test_its_own_tests_pass(tmp_path: Path) -> None:
    """In a copy: its settings are its own, and nothing of this project is in the working folder."""
    copy = shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=copy, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout
