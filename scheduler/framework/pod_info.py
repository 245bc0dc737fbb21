"""A pod as the scheduler sees it: small, and with everything worked out that does not depend on nodes.

Pods made from one template share their parsed parts: the functions that parse them are cached by what they read, so
that the thousandth replica costs a few look-ups, and equal parts can be compared by identity.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from operator import attrgetter

from apimachinery.node_fit import compares
from apimachinery.types.core import ObjectReference
from apimachinery.types.pod import Container, Pod
from scheduler.framework.events import Action
from scheduler.framework.image_names import image_names
from scheduler.framework.node_info import Taint
from scheduler.framework.node_selection import NodeSelection, node_selection
from scheduler.framework.pod_affinity import PodAffinityRules, pod_affinity_rules
from scheduler.framework.pod_requests import Requests, pod_requests, restartable
from scheduler.framework.pod_selection import PodLabels, pod_labels
from scheduler.framework.spread import Spread, spread
from scheduler.framework.volumes import PodVolumes, pod_volumes

ANY_IP = "0.0.0.0"

DEFAULT_SCHEDULER_NAME = "default-scheduler"

PREEMPT_LOWER_PRIORITY = "PreemptLowerPriority"
PREEMPT_NEVER = "Never"

_CACHED = 4096


@dataclass(frozen=True, slots=True)
class Toleration:
    key: str
    operator: str
    value: str
    effect: str

    def tolerates(self, taint: Taint) -> bool:
        """Follows ``v1.Toleration.ToleratesTaint`` (v1.36): empty key and empty effect stand for any.

        ``Gt`` tolerates taints whose value is a larger number than the toleration's, ``Lt`` those with a smaller one.
        """
        if self.effect and self.effect != taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        if self.operator == "Exists":
            return True
        if self.operator in {"Gt", "Lt"}:
            return compares(self.operator, taint.value, self.value)
        return self.operator in {"", "Equal"} and self.value == taint.value


@dataclass(frozen=True, slots=True)
class HostPort:
    ip: str
    protocol: str
    port: int

    def conflicts(self, other: "HostPort") -> bool:
        """Return whether two pods of one node cannot have both: the wildcard address stands for all."""
        if (self.protocol, self.port) != (other.protocol, other.port):
            return False
        return self.ip == other.ip or ANY_IP in {self.ip, other.ip}


@dataclass(frozen=True, slots=True)
class ControllerKey:
    """The controlling owner, in the pod's namespace: such as ``apps/v1``, ``ReplicaSet``, ``web-6d4b75cb6d``."""

    api_version: str
    kind: str
    name: str


@dataclass(slots=True)
class PodInfo:
    """Treated as immutable: a changed pod is a new value.

    ``controller`` is the uid of the controlling owner, empty when there is none; ``node_name`` is the node that it
    is on, or is meant for; ``nominated_node_name`` the one that was promised to it. ``volumes`` is ``None`` when none
    of them matters. ``resource_version`` does not count when two are compared.
    """

    uid: str
    namespace: str
    name: str
    resource_version: str = field(compare=False)
    node_name: str
    priority: int
    requests: Requests
    tolerations: tuple[Toleration, ...]
    node_selection: NodeSelection | None
    volumes: PodVolumes | None
    host_ports: tuple[HostPort, ...]
    labels: PodLabels
    affinity: PodAffinityRules | None
    spread: Spread | None
    images: tuple[str, ...]
    controller: str
    controller_key: ControllerKey | None
    scheduling_gates: tuple[str, ...]
    deleting: bool
    scheduler_name: str = DEFAULT_SCHEDULER_NAME
    nominated_node_name: str = ""
    preemption_policy: str = PREEMPT_LOWER_PRIORITY

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def reference(self) -> ObjectReference:
        """Return what events about the pod refer to."""
        return ObjectReference(
            api_version="v1",
            kind="Pod",
            namespace=self.namespace,
            name=self.name,
            uid=self.uid,
            resource_version=self.resource_version,
        )

    def copy(self) -> "PodInfo":
        """Return a copy, which whoever made it may still change."""
        # A fifth of what dataclasses.replace() takes; there is one of these for each event and each decision.
        return PodInfo(*_values(self))

    def on_node(self, node_name: str) -> "PodInfo":
        """Return the same pod with its node set."""
        placed = self.copy()
        placed.node_name = node_name
        return placed

    def changes_from(self, old: "PodInfo") -> Action:
        """Return what differs, as far as it can matter to whether a pod fits."""
        changes = Action(0)
        if self.requests != old.requests and _scaled_down(self.requests, old.requests):
            changes |= Action.UPDATE_POD_SCALE_DOWN
        if self.tolerations != old.tolerations:
            changes |= Action.UPDATE_POD_TOLERATION
        if self.labels is not old.labels:
            changes |= Action.UPDATE_POD_LABEL
        if old.scheduling_gates and not self.scheduling_gates:
            changes |= Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED
        return changes


_values = attrgetter(*(entry.name for entry in fields(PodInfo)))


def _scaled_down(new: Requests, old: Requests) -> bool:
    wanted = dict(new.amounts)
    return any(wanted.get(name, 0) < before for name, before in old.amounts)


def pod_info(pod: Pod) -> PodInfo:
    """Return what the scheduler needs of a pod."""
    meta, spec = pod.metadata, pod.spec
    owner = next((owner for owner in meta.owner_references if owner.controller), None)
    return PodInfo(
        uid=meta.uid,
        namespace=meta.namespace,
        name=meta.name,
        resource_version=meta.resource_version,
        node_name=spec.node_name,
        priority=spec.priority,
        requests=pod_requests(pod),
        tolerations=_tolerations(
            tuple((entry.key, entry.operator, entry.value, entry.effect) for entry in spec.tolerations)
        ),
        node_selection=node_selection(spec.node_selector, spec.affinity),
        volumes=pod_volumes(pod),
        host_ports=_host_ports(spec.containers, spec.init_containers),
        labels=pod_labels(meta.namespace, meta.labels),
        affinity=pod_affinity_rules(meta.namespace, spec.affinity),
        spread=spread(meta.namespace, meta.labels, spec.topology_spread_constraints),
        images=image_names(spec),
        controller="" if owner is None else owner.uid,
        controller_key=None if owner is None else _controller_key(owner.api_version, owner.kind, owner.name),
        scheduling_gates=tuple(gate.name for gate in spec.scheduling_gates),
        deleting=pod.deleting,
        scheduler_name=spec.scheduler_name,
        nominated_node_name=pod.status.nominated_node_name,
        preemption_policy=spec.preemption_policy or PREEMPT_LOWER_PRIORITY,
    )


@lru_cache(maxsize=_CACHED)
def _controller_key(api_version: str, kind: str, name: str) -> ControllerKey:
    return ControllerKey(api_version, kind, name)


@lru_cache(maxsize=_CACHED)
def _tolerations(entries: tuple[tuple[str, str, str, str], ...]) -> tuple[Toleration, ...]:
    return tuple(Toleration(*entry) for entry in entries)


def _host_ports(containers: Iterable[Container], init_containers: Iterable[Container]) -> tuple[HostPort, ...]:
    running = [*filter(restartable, init_containers), *containers]
    return tuple(
        HostPort(port.host_ip or ANY_IP, port.protocol or "TCP", port.host_port)
        for container in running
        for port in container.ports
        if port.host_port > 0
    )
