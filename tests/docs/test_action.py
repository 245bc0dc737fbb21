"""The GitHub Action: its step, run as a runner would, with this checkout in the place of the released package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.live.processes import require_kubectl

ACTION = Path(__file__).parents[2] / "action.yml"


@pytest.mark.slow
def test_the_step_leaves_a_cluster(tmp_path: Path) -> None:
    require_kubectl()
    (step,) = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    folder = tmp_path / "kubemu"
    for name in ("env", "path", "output"):
        (tmp_path / name).touch()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        **{"NODES": "2", "VERSION": "", "ARGS": "--seed 1", "FOLDER": str(folder)},
        **{f"GITHUB_{name.upper()}": str(tmp_path / name) for name in ("env", "path", "output")},
    }
    # What pip would install is here already.
    script = "\n".join(line for line in step["run"].splitlines() if "pip install" not in line and "-m venv" not in line)
    folder.mkdir()
    (folder / "venv").symlink_to(Path(sys.executable).parents[1])
    try:
        subprocess.run(["bash", "-e", "-c", script], env=env, check=True, timeout=60)
        (line,) = (tmp_path / "env").read_text().splitlines()
        assert (tmp_path / "output").read_text() == f"kubeconfig={folder}/kubeconfig\n"
        name, _, kubeconfig = line.partition("=")
        found = subprocess.run(
            ["kubectl", "get", "nodes", "-o", "name"],
            env={**env, name: kubeconfig},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert found.stdout.split() == ["node/node-0", "node/node-1"]
    finally:
        subprocess.run([str(folder / "venv/bin/kubemu"), "down", "--all"], env=env, check=True, timeout=60)
