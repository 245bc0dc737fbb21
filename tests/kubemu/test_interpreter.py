"""Which modules another Python finds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import kubemu
from tests.live.processes import ROOT

ASKED = "import json, kubemu.interpreter as it; print(json.dumps([it.isolated_python()[1:], it.same_python()[1:]]))"


def told(*options: str, cwd: Path, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", ASKED],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("options", "folder", "same"),
    [
        pytest.param((), ROOT, "[]", id="in the folder that has the packages"),
        pytest.param((), Path("/"), '["-P"]', id="elsewhere"),
        pytest.param(("-P",), ROOT, '["-P"]', id="without the working folder"),
        pytest.param(("-s",), ROOT, '["-s"]', id="without the user's packages"),
    ],
)
def test_children_look_where_their_parent_did(options: tuple[str, ...], folder: Path, same: str) -> None:
    assert told(*options, cwd=folder, PYTHONPATH=str(ROOT)) == f'[["-I"], {same}]'


def test_packages_that_a_user_has_installed_for_themselves_are_found(tmp_path: Path) -> None:
    """``pip install --user``, which is what pip does for an ordinary user outside of a virtual environment."""
    find = "import sysconfig; print(sysconfig.get_path('purelib', 'posix_user'))"
    env = {"PATH": os.environ["PATH"], "PYTHONUSERBASE": str(tmp_path)}
    base = os.path.realpath(sys.executable)
    asked = subprocess.run([base, "-c", find], env=env, capture_output=True, text=True, timeout=60, check=True)
    site = Path(asked.stdout.strip())
    info = site / "kubemu-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kubemu\nVersion: 0.1.0\n")
    (site / "kubemu").symlink_to(Path(kubemu.__file__).parent)
    script = "import kubemu.interpreter as it; print(*it.isolated_python()[1:])"
    found = subprocess.run(
        [base, "-c", script], env=env, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.stdout, found.stderr) == ("-E -P\n", "")
