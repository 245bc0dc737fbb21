"""Nodes that a process runs by their number, and what of their settings tells one from another."""

from collections.abc import Sequence
from dataclasses import replace

from kubelet.settings import Settings

NODE = "{node}"


def counted_nodes(base: Settings, prefix: str, count: int) -> list[Settings]:
    """Return the settings of ``count`` equal nodes, ``PREFIX0`` and so on."""
    return [replace(base, node_name=f"{prefix}{index}") for index in range(count)]


def with_manifests(nodes: Sequence[Settings]) -> list[Settings]:
    """Return the nodes with each one's own folder of static pods: ``{node}`` in its path is the node's name.

    A path without it is the first node's: a static pod is a pod of one node.
    """
    found = []
    for number, node in enumerate(nodes):
        path = node.pod_manifest_path.replace(NODE, node.node_name)
        shared = NODE not in node.pod_manifest_path
        found.append(replace(node, pod_manifest_path="" if shared and number else path))
    return found
