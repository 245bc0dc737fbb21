"""A node as the scheduler sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apimachinery import quantity
from apimachinery.types.core import Node
from scheduler.framework.events import Action
from scheduler.framework.image_names import image_sizes

NO_SCHEDULE = "NoSchedule"
NO_EXECUTE = "NoExecute"
PREFER_NO_SCHEDULE = "PreferNoSchedule"

PODS = "pods"
CPU = "cpu"
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Taint:
    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What the rules look at.

    ``allocatable`` is in millicores for cpu and whole units for everything else; ``images`` has the bytes of each
    image that is there, by name.
    """

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    unschedulable: bool
    allocatable: tuple[tuple[str, int], ...]
    allowed_pods: int
    images: Mapping[str, int] = field(default_factory=dict)

    def changes_from(self, old: "NodeInfo") -> Action:
        """Return what differs, as far as it can matter to a waiting pod; no bit set when nothing does."""
        changes = Action(0)
        if self.allocatable != old.allocatable or self.allowed_pods != old.allowed_pods:
            changes |= Action.UPDATE_NODE_ALLOCATABLE
        if self.labels != old.labels:
            changes |= Action.UPDATE_NODE_LABEL
        if self.taints != old.taints or self.unschedulable != old.unschedulable:
            changes |= Action.UPDATE_NODE_TAINT
        return changes


def amount(resource: str, text: str) -> int:
    """Return a quantity in the unit that the scheduler counts the resource in."""
    return quantity.milli_value(text) if resource == CPU else quantity.value(text)


def node_info(node: Node) -> NodeInfo:
    """Return what the scheduler needs of a node.

    A node that has not reported how many pods it takes takes none, as upstream.
    """
    allocatable = node.status.allocatable
    return NodeInfo(
        name=node.metadata.name,
        labels=node.metadata.labels,
        taints=tuple(Taint(taint.key, taint.value, taint.effect) for taint in node.spec.taints),
        unschedulable=node.spec.unschedulable,
        allocatable=tuple((name, amount(name, text)) for name, text in sorted(allocatable.items()) if name != PODS),
        allowed_pods=quantity.value(allocatable.get(PODS, "0")),
        images=image_sizes((image.names, image.size_bytes) for image in node.status.images),
    )
