"""Whether a pod that is bound to a node may run there (``pkg/kubelet/lifecycle/predicate.go`` and
``eviction_manager.go``, v1.36)."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

from apimachinery.amounts import pod_amounts
from apimachinery.node_fit import selects, tolerates, untolerated
from apimachinery.quantity import parse_quantity
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod, Taint
from kubelet.eviction.usage import is_critical
from kubelet.pods import all_containers
from kubelet.static_pods.manifest import is_static

CPU = "cpu"
PODS = "pods"
MEMORY_PRESSURE = "MemoryPressure"

Resources = dict[str, int]
"""Processors in thousandths, everything else in whole units."""

HostPort = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pod is not run: what its status and its event say."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What a pod takes from its node."""

    resources: Resources
    ports: frozenset[HostPort]


_NOTHING = Demand({PODS: 1}, frozenset())
"""What a pod takes that asks for nothing; many do."""


def demand(pod: Pod) -> Demand:
    """Return what a pod takes from its node."""
    resources: Resources = {PODS: 1}
    spec = pod.spec
    asks = bool(spec.overhead or spec.resources.requests)
    asks = asks or any(container.resources.requests for container in all_containers(pod))
    if asks:
        for name, amount in pod_amounts(to_wire(spec), "requests").items():
            overhead = parse_quantity(spec.overhead.get(name, "0"))
            resources[name] = ceil((amount.number + overhead) * (1000 if name == CPU else 1))
    ports = {
        (port.host_ip or "0.0.0.0", port.protocol, port.host_port)
        for container in spec.containers
        for port in container.ports
        if port.host_port
    }
    return Demand(resources, frozenset(ports)) if asks or ports else _NOTHING


def offer(allocatable: Mapping[str, str]) -> Resources:
    """Return what a node has for pods, counted as :func:`demand` counts."""
    return {
        name: int(parse_quantity(quantity) * (1000 if name == CPU else 1)) for name, quantity in allocatable.items()
    }


@dataclass(frozen=True, slots=True)
class Shortage:
    """Of which resource there is too little for a pod beside the others."""

    resource: str
    requested: int
    used: int
    capacity: int

    @property
    def missing(self) -> int:
        return self.requested - (self.capacity - self.used)

    def refusal(self) -> Refusal:
        return Refusal(
            f"OutOf{self.resource}",
            f"Node didn't have enough resource: {self.resource}, requested: {self.requested}, used: {self.used}, "
            f"capacity: {self.capacity}",
        )


def shortages(wanted: Demand, offered: Resources, taken: Sequence[Demand]) -> list[Shortage]:
    """Return what a pod lacks beside the others. What the node does not list is no concern of it."""
    found = []
    for name, amount in wanted.resources.items():
        if amount and name in offered:
            used = sum(other.resources.get(name, 0) for other in taken)
            if used + amount > offered[name]:
                found.append(Shortage(name, amount, used, offered[name]))
    return found


def ports_taken(wanted: Demand, taken: Iterable[Demand]) -> Refusal | None:
    """Return that a pod cannot have its host ports beside the others."""
    if any(_collide(port, other) for port in wanted.ports for demand in taken for other in demand.ports):
        return _failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    return None


def _collide(one: HostPort, other: HostPort) -> bool:
    return one[1:] == other[1:] and (one[0] == other[0] or "0.0.0.0" in {one[0], other[0]})


def _failed(predicate: str, why: str) -> Refusal:
    return Refusal(predicate, f"Predicate {predicate} failed: {why}")


def suits(pod: Pod, node: Node) -> Refusal | None:
    """Return why a pod does not belong on a node, by its node selector, affinity and tolerations."""
    if not selects(pod.spec, node):
        return _failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    if untolerated(pod.spec.tolerations, node.spec.taints, ["NoExecute"]) and not is_static(pod):
        return _failed("TaintToleration", "node(s) had taints that the pod didn't tolerate")
    return None


def withstands(pod: Pod, pressures: Set[str]) -> Refusal | None:
    """Return why a pod is not taken in by a node under pressure."""
    if not pressures or is_critical(pod):
        return None
    if pressures == {MEMORY_PRESSURE}:
        taint = Taint(key="node.kubernetes.io/memory-pressure", effect="NoSchedule")
        if pod.status.qos_class != "BestEffort" or any(tolerates(entry, taint) for entry in pod.spec.tolerations):
            return None
    return Refusal("Evicted", f"The node had condition: [{' '.join(sorted(pressures))}]. ")


class NodeAdmission:
    """Decides about each pod once, when it comes, and keeps count of what those that run have taken.

    ``active`` tells the uids of the pods that have not come to their end. ``make_room`` ends some of them for a
    critical pod that lacks so much of some resources, and says whether that was possible.
    """

    def __init__(
        self,
        allocatable: Mapping[str, str],
        *,
        node: Callable[[], Node | None],
        pressures: Callable[[], Set[str]],
        shutting_down: Callable[[], bool],
        active: Callable[[], Set[str]],
        make_room: Callable[[Pod, Mapping[str, int]], bool],
    ) -> None:
        self._offered = offer(allocatable)
        self._node = node
        self._pressures = pressures
        self._shutting_down = shutting_down
        self._active = active
        self._make_room = make_room
        self._taken: dict[str, Demand] = {}
        self._sums: Resources = {}

    def admit(self, pod: Pod) -> Refusal | None:
        """Return why a pod is not run; ``None`` lets it in, and counts it."""
        if self._shutting_down():
            return Refusal("NodeShutdown", "Pod was rejected as the node is shutting down.")
        node = self._node()
        refusal = withstands(pod, self._pressures()) or (suits(pod, node) if node is not None else None)
        if refusal is not None:
            return refusal
        wanted = demand(pod)
        if not self._plainly_fits(wanted):
            refusal = self._fit_in(pod, wanted)
            if refusal is not None:
                return refusal
        self._taken[pod.metadata.uid] = wanted
        self._count(wanted)
        return None

    def _fit_in(self, pod: Pod, wanted: Demand) -> Refusal | None:
        """Return why a pod has no room beside those that run; others may have to go for a critical one."""
        self._forget_ended()
        taken = list(self._taken.values())
        lacking = shortages(wanted, self._offered, taken)
        if lacking and not is_critical(pod):
            return lacking[0].refusal()
        refusal = ports_taken(wanted, taken)
        if refusal is not None or not lacking:
            return refusal
        if self._make_room(pod, {shortage.resource: shortage.missing for shortage in lacking}):
            self._forget_ended()
            return None
        shown = "".join(f"(res: {shortage.resource}, q: {shortage.missing}), " for shortage in lacking)
        return Refusal(
            "UnexpectedAdmissionError",
            "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of "
            f"pods to preempt: no set of running pods found to reclaim resources: [{shown}]",
        )

    def _forget_ended(self) -> None:
        active = self._active()
        self._taken = {uid: taken for uid, taken in self._taken.items() if uid in active}
        self._sums = {}
        for taken in self._taken.values():
            self._count(taken)

    def _plainly_fits(self, wanted: Demand) -> bool:
        """Whether there is room even if nothing that was let in has ended, which needs no look at all of it."""
        return not wanted.ports and all(
            self._sums.get(name, 0) + amount <= self._offered.get(name, amount + self._sums.get(name, 0))
            for name, amount in wanted.resources.items()
        )

    def _count(self, demand: Demand) -> None:
        for name, amount in demand.resources.items():
            self._sums[name] = self._sums.get(name, 0) + amount
