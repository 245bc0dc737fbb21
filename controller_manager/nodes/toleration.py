"""For how long a pod stays on a tainted node (``pkg/controller/tainteviction``, v1.36)."""

from collections.abc import Sequence

from apimachinery.node_fit import tolerates
from apimachinery.types.core import Node
from apimachinery.types.pod import Taint, Toleration
from controller_manager.nodes.taints import NO_EXECUTE


def executing_taints(node: Node | None) -> list[Taint]:
    """Return the taints of a node that pods are evicted for."""
    return [taint for taint in node.spec.taints if taint.effect == NO_EXECUTE] if node is not None else []


def stays_for(taints: Sequence[Taint], tolerations: Sequence[Toleration]) -> float | None:
    """Return for how many seconds a pod puts up with ``taints``: 0 for not at all, ``None`` for ever."""
    used = [next((entry for entry in tolerations if tolerates(entry, taint)), None) for taint in taints]
    if None in used:
        return 0.0
    limits = [entry.toleration_seconds for entry in used if entry is not None and entry.toleration_seconds is not None]
    return max(0.0, float(min(limits))) if limits else None
