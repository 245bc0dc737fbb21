"""``python -m scheduler``: options that cannot be used end it with one line."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        pytest.param(
            "podInitialBackoffSeconds: -1\n",
            "podInitialBackoffSeconds: Invalid value: -1: must be greater than 0",
            id="a value out of bounds",
        ),
        pytest.param(
            "profiles:\n- plugins: {score: {enabled: [{name: Magic}]}}\n",
            "initializing profiles: profile 'default-scheduler' enables the unknown plugin 'Magic'",
            id="a plugin that nobody has",
        ),
    ],
)
def test_a_bad_configuration(tmp_path: Path, config: str, problem: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(HEAD + config)
    command = [sys.executable, "-m", "scheduler", "--server=http://127.0.0.1:1", "--secure-port=0", f"--config={file}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("scheduler: error: ")
    assert problem in ended.stderr
    assert "Traceback" not in ended.stderr
