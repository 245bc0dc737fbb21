"""Clusters for scripts and tests, each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubemu.testing import Cluster, ClusterFailed
from tests.live.waiting import eventually


def get(cluster: Cluster, path: str) -> Any:
    with urllib.request.urlopen(f"{cluster.server}{path}", timeout=20) as answer:
        return json.load(answer)


def post(cluster: Cluster, path: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{cluster.server}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=20).close()


def alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(nodes=2) as running:
        yield running


def test_it_is_there_and_gone() -> None:
    with Cluster() as cluster:
        assert [node["metadata"]["name"] for node in get(cluster, "/api/v1/nodes")["items"]] == list(cluster.nodes)
        pid, kubeconfig = cluster.pid, cluster.kubeconfig
        assert cluster.server in kubeconfig.read_text()
        assert cluster.context in kubeconfig.read_text()
    assert not alive(pid)
    assert not kubeconfig.exists()
    with pytest.raises(ClusterFailed, match="does not run"):
        _ = cluster.server


async def test_async() -> None:
    async with Cluster(seed=1) as cluster:
        assert cluster.nodes == ("node-0",)
        pid = cluster.pid
    assert not alive(pid)


def test_a_namespace_is_gone_after_its_block(cluster: Cluster) -> None:
    """With what a user would wait for: a finalizer, and a pod that does not care for TERM."""
    with cluster.namespace("mine") as name:
        pods, maps = (f"/api/v1/namespaces/{name}/{kind}" for kind in ("pods", "configmaps"))
        post(cluster, maps, {"metadata": {"name": "held", "finalizers": ["example.com/never"]}})
        command = ["sh", "-c", "trap '' TERM; sleep 1000000 & wait; wait"]
        spec = {"containers": [{"name": "c", "image": "busybox", "command": command}]}
        post(cluster, pods, {"metadata": {"name": "stubborn"}, "spec": spec})
    found = [item["metadata"]["name"] for item in get(cluster, "/api/v1/namespaces")["items"]]
    assert name not in found
    assert "default" in found
    for path in ("/api/v1/pods", "/api/v1/configmaps"):
        assert not [item for item in get(cluster, path)["items"] if item["metadata"]["namespace"] == name]


def test_a_reset_leads_back_to_the_start(cluster: Cluster) -> None:
    post(cluster, "/api/v1/namespaces", {"metadata": {"name": "left"}})
    post(cluster, "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "left"}})
    cluster.reset()
    for path in ("/api/v1/namespaces/left", "/api/v1/namespaces/default/configmaps/left"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(cluster, path)


def test_a_namespace_of_the_clusters_own_stays(cluster: Cluster) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        post(cluster, "/debug/reset?namespace=kube-system", {})


def test_packages_of_the_user_do_not_matter(tmp_path: Path) -> None:
    """The folder has packages with the names of ours, which must never be imported."""
    for name in ("store", "scheduler", "kubelet", "apimachinery"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    script = textwrap.dedent(
        """
        import store_of_mine
        from kubemu.testing import Cluster

        with Cluster() as cluster:
            print(len(cluster.nodes), store_of_mine.NAME)
        """
    )
    (tmp_path / "store_of_mine.py").write_text("NAME = 'mine'")
    (tmp_path / "script.py").write_text(script)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("1 mine\n", "")


def killed_starter() -> int:
    """Kill a process that has started a cluster; return the cluster's process id."""
    script = "from kubemu.testing import Cluster; c = Cluster().start(); print(c.pid, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
    return pid


async def test_it_ends_with_its_parent_however_that_ends() -> None:
    pid = killed_starter()

    async def ended() -> bool:
        return not alive(pid)

    await eventually(ended)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"node_shapes": "no-such-file.yaml"}, "no-such-file.yaml", id="a file that is not there"),
        pytest.param({"nodes": 0}, "0 is not in the range", id="a number out of range"),
        pytest.param({"timeout": 0.0}, "it was not ready within 0 s", id="no time"),
    ],
)
def test_what_went_wrong_is_told(options: dict[str, Any], said: str) -> None:
    cluster = Cluster(**options)
    with pytest.raises(ClusterFailed, match=said):
        cluster.start()
