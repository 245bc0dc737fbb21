"""What is released: built, checked, installed into an empty environment, and used from there."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    *("apimachinery", "apiserver", "componentbase", "controller_manager", "kubeclient"),
    *("kubelet", "kubemu", "kubeproxy", "scheduler", "store"),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path, **env: str) -> str:
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


@pytest.fixture(scope="module")
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


def test_they_are_well_made(distributions: Path) -> None:
    wheel, sdist = next(distributions.glob("*.whl")), next(distributions.glob("*.tar.gz"))
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=distributions)
    config = ROOT / "pyproject.toml"
    run(sys.executable, "-m", "check_wheel_contents", "--config", config, wheel, cwd=distributions)
    with tarfile.open(sdist) as archive:
        inside = {Path(name).parts[1] for name in archive.getnames() if len(Path(name).parts) > 1}
    assert PACKAGES | {"LICENSE", "README.md", "pyproject.toml"} <= inside
    assert "tests" not in inside


def test_a_wheel_is_all_one_needs(distributions: Path, tmp_path: Path) -> None:
    """Installed with what it depends on and nothing else, it starts a cluster and shows its pages."""
    wheel = next(distributions.glob("*.whl"))
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=tmp_path)
    python = venv / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    run(python, "-m", "pip", "check", cwd=tmp_path)
    script = (
        "from kubemu.testing import Cluster\n"
        "import json, urllib.request\n"
        "with Cluster(nodes=2) as cluster:\n"
        "    nodes = json.load(urllib.request.urlopen(cluster.server + '/api/v1/nodes'))\n"
        "    print(json.dumps([node['metadata']['name'] for node in nodes['items']]))\n"
    )
    assert json.loads(run(python, "-c", script, cwd=tmp_path)) == ["node-0", "node-1"]
    shown = run(venv / "bin" / "kubemu", "--help", cwd=tmp_path)
    assert "Start a whole cluster" in shown
    for component in ("apiserver", "scheduler", "controller_manager", "kubelet", "kubeproxy"):
        assert "--help" in run(python, "-I", "-m", component, "--help", cwd=tmp_path)
