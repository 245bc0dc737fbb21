"""What is released: built, checked, installed into an empty environment, and used from there."""

import json
import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.building import PACKAGES, ROOT, Environment, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_they_are_well_made(distributions: Path) -> None:
    wheel, sdist = next(distributions.glob("*.whl")), next(distributions.glob("*.tar.gz"))
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=distributions)
    config = ROOT / "pyproject.toml"
    run(sys.executable, "-m", "check_wheel_contents", "--config", config, wheel, cwd=distributions)
    with tarfile.open(sdist) as archive:
        inside = {Path(name).parts[1] for name in archive.getnames() if len(Path(name).parts) > 1}
    assert PACKAGES | {"LICENSE", "README.md", "pyproject.toml"} <= inside
    assert "tests" not in inside


def test_a_wheel_is_all_one_needs(installed: Environment, tmp_path: Path) -> None:
    """Installed with what it depends on and nothing else, it starts a cluster and shows its pages."""
    assert not installed.has("pytest")
    installed.pip("check")
    script = (
        "from kubemu.testing import Cluster\n"
        "import json, urllib.request\n"
        "with Cluster(nodes=2) as cluster:\n"
        "    nodes = json.load(urllib.request.urlopen(cluster.server + '/api/v1/nodes'))\n"
        "    print(json.dumps([node['metadata']['name'] for node in nodes['items']]))\n"
    )
    assert json.loads(run(installed.python, "-c", script, cwd=tmp_path)) == ["node-0", "node-1"]
    shown = run(installed.programs / "kubemu", "--help", cwd=tmp_path)
    assert "Start a whole cluster" in shown
    for component in ("apiserver", "scheduler", "controller_manager", "kubelet", "kubeproxy"):
        assert "--help" in run(installed.python, "-I", "-m", component, "--help", cwd=tmp_path)
