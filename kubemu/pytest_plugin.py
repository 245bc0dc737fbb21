"""The pytest plugin: a cluster for the session, and a namespace of it for each test.

It is loaded in every test run where kubemu is installed, and so imports nothing until a fixture is used.
"""

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import kr8s
    import kubernetes
    import lightkube

    from kubemu.testing import Cluster

_READ_WHEN_IMPORTED = ("kubernetes.config.kube_config", "kubernetes_asyncio.config.kube_config")
"""Modules that read ``$KUBECONFIG`` once and for all, and may have done so before a test has one."""

_NODES = pytest.StashKey[int]()
_IMAGES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of the session's cluster."""
    parser.addini("kubemu_nodes", "How many nodes the cluster has at least.", default="1")
    parser.addini("kubemu_images", "Files and folders of images that it knows.", type="paths")
    parser.addini("kubemu_manifests", "Files and folders of objects that it has from the start.", type="paths")
    parser.addini("kubemu_time_scale", "How many times as fast as the machine's its time passes.", default="1")
    parser.addini("kubemu_seed", "Seed of all that is drawn at random in it.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Explain the markers."""
    config.addinivalue_line("markers", "kubemu_nodes(number): the session's cluster has at least so many nodes")
    config.addinivalue_line("markers", "kubemu_images(path, ...): the session's cluster knows these images")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note what the tests that are about to run ask for."""
    nodes = [int(marker.args[0]) for item in session.items for marker in item.iter_markers("kubemu_nodes")]
    images = [
        str(item.path.parent / path)
        for item in session.items
        for marker in item.iter_markers("kubemu_images")
        for path in marker.args
    ]
    session.config.stash[_NODES] = max(nodes, default=1)
    session.config.stash[_IMAGES] = list(dict.fromkeys(images))


@pytest.fixture(scope="session")
def kubemu_options(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """What the session's cluster is made with, as :class:`kubemu.testing.Cluster` takes it; yours to override."""
    seed = pytestconfig.getini("kubemu_seed")
    return {
        "nodes": max(int(pytestconfig.getini("kubemu_nodes")), pytestconfig.stash[_NODES]),
        "images": [*pytestconfig.getini("kubemu_images"), *pytestconfig.stash[_IMAGES]],
        "manifests": pytestconfig.getini("kubemu_manifests"),
        "time_scale": float(pytestconfig.getini("kubemu_time_scale")),
        "seed": int(seed) if seed else None,
    }


@pytest.fixture(scope="session")
def kubemu_cluster(kubemu_options: Mapping[str, Any]) -> "Iterator[Cluster]":
    """A cluster for the whole session; with pytest-xdist, one for each worker."""
    from kubemu.testing import Cluster

    with Cluster(**kubemu_options) as cluster:
        yield cluster


@pytest.fixture
def kubemu_namespace(kubemu_cluster: "Cluster", request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace for one test, named after it; gone afterwards with all that is in it."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    with kubemu_cluster.namespace(words or "test") as name:
        yield name


@pytest.fixture
def kubeconfig(
    kubemu_cluster: "Cluster", kubemu_namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A kubeconfig for one test, with its namespace; ``$KUBECONFIG`` names it meanwhile."""
    from kubemu.environment import KUBECONFIG

    path = tmp_path / "kubeconfig"
    kubemu_cluster.write_kubeconfig(path, kubemu_namespace)
    monkeypatch.setenv(KUBECONFIG, str(path))
    for name in _READ_WHEN_IMPORTED:
        if name in sys.modules:
            monkeypatch.setattr(sys.modules[name], "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    return path


@pytest.fixture
def kubemu_kubernetes(kubeconfig: Path) -> "Iterator[kubernetes.client.ApiClient]":
    """A client of the official library (``kubernetes``): what ``CoreV1Api`` and the others are made with."""
    # Without types.
    config: Any = importlib.import_module("kubernetes.config")
    with config.new_client_from_config(str(kubeconfig)) as client:
        yield client


@pytest.fixture
def kubemu_lightkube(kubeconfig: Path, kubemu_namespace: str) -> "lightkube.Client":
    """A client of ``lightkube``, at home in the test's namespace."""
    import lightkube

    return lightkube.Client(lightkube.KubeConfig.from_file(str(kubeconfig)), namespace=kubemu_namespace)


@pytest.fixture
def kubemu_kr8s(kubeconfig: Path, kubemu_namespace: str) -> "kr8s.Api":
    """A client of ``kr8s``, at home in the test's namespace."""
    import kr8s

    return kr8s.api(kubeconfig=str(kubeconfig), namespace=kubemu_namespace)
