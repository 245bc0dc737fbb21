"""Indexes of pods that several controllers use."""

from collections.abc import Iterable

from apimachinery.types.pod import Pod

NODE_INDEX = "node"


def by_node(pod: Pod) -> Iterable[str]:
    """File a pod under its node; one that has none is left out."""
    return (pod.spec.node_name,) if pod.spec.node_name else ()
