"""Which nodes a DaemonSet's pods belong on, and what ties a pod to its node (``daemon/util``, v1.36)."""

from dataclasses import dataclass
from typing import Any

from apimachinery.node_fit import NAME_FIELD, selects, untolerated
from apimachinery.types.apps import DaemonSet
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node
from apimachinery.types.pod import (
    Affinity,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodSpec,
    Toleration,
)
from controller_manager.pod_control import pod_of_template
from controller_manager.revisions import REVISION_HASH

NO_EXECUTE = "NoExecute"
NO_SCHEDULE = "NoSchedule"

_ALWAYS_TOLERATED = (
    ("node.kubernetes.io/not-ready", NO_EXECUTE),
    ("node.kubernetes.io/unreachable", NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", NO_SCHEDULE),
)
_TOLERATED_ON_HOST_NETWORK = ("node.kubernetes.io/network-unavailable", NO_SCHEDULE)


@dataclass(frozen=True, slots=True)
class Suitability:
    """Whether a node is to get a pod, and whether one that is there may stay."""

    runs: bool
    keeps: bool


class Placing:
    """What the pods of one DaemonSet need of a node, worked out once for all nodes."""

    def __init__(self, daemon_set: DaemonSet) -> None:
        spec = daemon_set.spec.template.spec
        self._spec = spec
        self._tolerations = tolerations(spec)

    def on(self, node: Node) -> Suitability:
        """A node whose taints only keep new pods away keeps the pod that it has."""
        spec = self._spec
        if spec.node_name and spec.node_name != node.metadata.name:
            return Suitability(False, False)
        if not selects(spec, node):
            return Suitability(False, False)
        taints = node.spec.taints
        if not taints:
            return Suitability(True, True)
        fits = not untolerated(self._tolerations, taints, (NO_EXECUTE, NO_SCHEDULE))
        return Suitability(fits, fits or not untolerated(self._tolerations, taints, (NO_EXECUTE,)))


def tolerations(spec: PodSpec) -> list[Toleration]:
    """Return the template's tolerations and those that every pod of a DaemonSet has."""
    wanted = [*_ALWAYS_TOLERATED, *([_TOLERATED_ON_HOST_NETWORK] if spec.host_network else [])]
    added = [Toleration(key=key, operator="Exists", effect=effect) for key, effect in wanted]
    return [*(entry for entry in spec.tolerations if entry not in added), *added]


def pod_for(daemon_set: DaemonSet, node: str, digest: str) -> dict[str, Any]:
    """Return the pod for one node; the scheduler binds it there, if there is room."""
    pod = pod_of_template(daemon_set, daemon_set.spec.template)
    pod["metadata"]["labels"] = {**pod["metadata"].get("labels", {}), REVISION_HASH: digest}
    spec = daemon_set.spec.template.spec
    placed = spec.model_copy(update={"affinity": _only_on(node, spec.affinity), "tolerations": tolerations(spec)})
    pod["spec"] = to_wire(placed)
    return pod


def _only_on(node: str, affinity: Affinity | None) -> Affinity:
    """Replace what the template requires of nodes: that this one fulfils it has been seen to."""
    term = NodeSelectorTerm(match_fields=[NodeSelectorRequirement(key=NAME_FIELD, operator="In", values=[node])])
    before = affinity or Affinity()
    required = NodeSelector(node_selector_terms=[term])
    nodes = (before.node_affinity or NodeAffinity()).model_copy(update={"required": required})
    return before.model_copy(update={"node_affinity": nodes})


def target_node(pod: Pod) -> str:
    """Return the node that a pod is on, or was made for; empty when that cannot be told."""
    if pod.spec.node_name:
        return pod.spec.node_name
    affinity = pod.spec.affinity.node_affinity if pod.spec.affinity is not None else None
    terms = affinity.required.node_selector_terms if affinity is not None and affinity.required is not None else []
    for term in terms:
        for entry in term.match_fields:
            if entry.key == NAME_FIELD and entry.operator == "In" and len(entry.values) == 1:
                return entry.values[0]
    return ""
