"""What is released, built once for all tests, and installed once for those of a module."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.people import ordinary_person
from tests.packaging.building import PACKAGES, ROOT, Environment, public_folder, python_for, run


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist, from a copy of what a checkout has."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source, cwd=folder)
    shutil.rmtree(source)
    return folder


@pytest.fixture(scope="module")
def installed(distributions: Path) -> Iterator[Environment]:
    """An environment with the wheel and what it depends on, and nothing else until :func:`with_clients` is used.

    Where there is an interpreter for ordinary users, it is one that they can use.
    """
    with public_folder() as folder:
        interpreter = python_for(ordinary_person()) or Path(sys.executable)
        environment = Environment.make(folder / "venv", interpreter)
        environment.pip("install", next(distributions.glob("*.whl")))
        yield environment


@pytest.fixture(scope="module")
def with_clients(installed: Environment) -> Environment:
    """The same environment, once somebody has installed what the guides name beside kubemu."""
    installed.pip("install", "pytest", "kubernetes")
    return installed
