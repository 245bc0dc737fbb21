"""Nodes by number, and what each has for itself."""

import pytest

from kubelet.equal_nodes import counted_nodes, with_manifests
from kubelet.settings import Settings


def test_counted_nodes_are_numbered_from_nought() -> None:
    assert [node.node_name for node in counted_nodes(Settings("unused"), "n-", 3)] == ["n-0", "n-1", "n-2"]


@pytest.mark.parametrize(
    ("path", "paths"),
    [
        ("", ["", ""]),
        ("/etc/manifests", ["/etc/manifests", ""]),
        ("/etc/{node}/manifests", ["/etc/a/manifests", "/etc/b/manifests"]),
    ],
)
def test_whose_manifests(path: str, paths: list[str]) -> None:
    """S19: a static pod is a pod of one node."""
    nodes = with_manifests([Settings(name, pod_manifest_path=path) for name in "ab"])
    assert [node.pod_manifest_path for node in nodes] == paths
