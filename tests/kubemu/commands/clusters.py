"""``kubemu`` as people run it, with records of the test's own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.live.processes import ROOT, Process, ProcessFailed

SECONDS = 30.0


class Kubemu:
    """Runs commands; clusters that are started are ended by :meth:`close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "run"
        self.env = {"KUBEMU_RUNTIME_DIR": str(self.folder), "PYTHONPATH": str(ROOT), "KUBECONFIG": str(folder / "none")}
        self._started: list[Process] = []

    def start(self, *args: str) -> Process:
        """Start a command that goes on until it is told to end."""
        process = Process([sys.executable, "-m", "kubemu", *args], env=self.env)
        self._started.append(process)
        return process

    def up(self, *args: str) -> tuple[Process, dict[str, Any]]:
        """Start a cluster; return it with what it says when it is ready."""
        process = self.start("up", "--output", "json", *args)
        line = process.wait_for_line(r"^\{.*\}$", stream="stdout", timeout=SECONDS)
        return process, json.loads(line[0])

    def run(self, *args: str, status: int = 0, stdin: str = "") -> str:
        """Run a command to its end; return what it printed on both streams."""
        done = subprocess.run(
            [sys.executable, "-m", "kubemu", *args],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.env},
            cwd=ROOT,
            text=True,
            timeout=2 * SECONDS,
            check=False,
        )
        if done.returncode != status:
            raise ProcessFailed(f"$ kubemu {' '.join(args)}\nended with status {done.returncode}\n{done.stdout}")
        return done.stdout

    def left(self) -> list[str]:
        """Return the files there are."""
        try:
            return sorted(os.listdir(self.folder))
        except FileNotFoundError:
            # Who ends last takes the folder along.
            return []

    def close(self) -> None:
        for process in self._started:
            process.kill()
