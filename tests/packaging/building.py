"""How packages are built and installed, and where, so that everybody can use what is."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.live.people import Person

ROOT = Path(__file__).parents[2]
PACKAGES = {
    *("apimachinery", "apiserver", "componentbase", "controller_manager", "kubeclient"),
    *("kubelet", "kubemu", "kubeproxy", "scheduler", "store"),
}

_USABLE = "import sys, venv; sys.exit(sys.version_info < (3, 11))"


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command to its end and return what it printed; fail unless its status is 0."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def public_folder() -> Iterator[Path]:
    """Have a folder that everybody can look into; those of pytest are its user's alone."""
    with tempfile.TemporaryDirectory(prefix="kubemu-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def python_for(person: Person) -> Path | None:
    """Return an interpreter that a user can run, ``None`` when there is none: one below ``/root`` is root's."""
    names = (f"python3.{minor}" for minor in (sys.version_info.minor, *range(11, 20)))
    found = (shutil.which(name, path=folder) for name in names for folder in os.get_exec_path())
    for path in (os.path.realpath(sys.executable), *filter(None, found)):
        try:
            done = subprocess.run([path, "-I", "-c", _USABLE], capture_output=True, check=False, **person.options())
        except OSError:
            continue
        if done.returncode == 0:
            return Path(path)
    return None


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        return self.programs / "python"

    @classmethod
    def make(cls, folder: Path, interpreter: Path) -> "Environment":
        """Make an empty one. It has no pip, of which some systems' interpreters know nothing: ours does that work."""
        run(interpreter, "-I", "-m", "venv", "--without-pip", folder, cwd=folder.parent)
        return cls(folder)

    def pip(self, *arguments: str | Path) -> str:
        command = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", self.python)
        return run(*command, *arguments, cwd=self.folder)

    def has(self, module: str) -> bool:
        """Return whether a module can be imported there."""
        script = f"import importlib.util; print(importlib.util.find_spec({module!r}) is not None)"
        return run(self.python, "-I", "-c", script, cwd=self.folder) == "True\n"
