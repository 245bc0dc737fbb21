"""What of a node's resources each of its pods has been granted (``pkg/kubelet/allocation``, v1.36).

A pod is granted what it asks for when the node first sees it. When it is resized later, the node grants the new size if
it has room; until then the pod runs with what it was granted before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apimachinery.amounts import add, amounts, pod_amounts
from apimachinery.quantity import milli_value, value
from apimachinery.types.base import to_wire
from apimachinery.types.pod import Container, Pod, ResourceRequirements
from kubelet.conditions import RESIZE_PENDING
from kubelet.pods import all_containers

DEFERRED = "Deferred"
INFEASIBLE = "Infeasible"


@dataclass(frozen=True, slots=True)
class Requests:
    """What a pod requests as a whole: thousandths of a processor, and bytes of memory."""

    cpu: int = 0
    memory: int = 0

    def plus(self, other: "Requests") -> "Requests":
        return Requests(self.cpu + other.cpu, self.memory + other.memory)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a size is not granted: ``Infeasible`` on this node ever, or ``Deferred`` until others make room."""

    reason: str
    message: str


def requests_of(pod: Pod) -> Requests:
    """Return a pod's requests, its overhead included."""
    total = pod_amounts(to_wire(pod.spec), "requests")
    add(total, amounts(pod.spec.overhead))
    cpu, memory = total.get("cpu"), total.get("memory")
    return Requests(milli_value(str(cpu)) if cpu else 0, value(str(memory)) if memory else 0)


def refusal(wanted: Requests, others: Requests, allocatable: Mapping[str, str]) -> Refusal | None:
    """Return why a pod cannot have what it wants, ``None`` when it can. ``others`` is what all other pods have."""
    capacity = Requests(milli_value(allocatable.get("cpu", "0")), value(allocatable.get("memory", "0")))
    whole = "Node didn't have enough capacity: "
    if wanted.memory > capacity.memory:
        return Refusal(INFEASIBLE, f"{whole}memory, requested: {wanted.memory}, capacity: {capacity.memory}")
    if wanted.cpu > capacity.cpu:
        return Refusal(INFEASIBLE, f"{whole}cpu, requested: {wanted.cpu}, capacity: {capacity.cpu}")
    for name, want, used, most in (
        ("cpu", wanted.cpu, others.cpu, capacity.cpu),
        ("memory", wanted.memory, others.memory, capacity.memory),
    ):
        if want and used + want > most:
            message = f"Node didn't have enough resource: {name}, requested: {want}, used: {used}, capacity: {most}"
            return Refusal(DEFERRED, message)
    return None


def is_resized(wanted: Pod, granted: Pod) -> bool:
    """Whether a pod asks for other resources than it has been granted."""
    if wanted.spec is granted.spec:
        return False
    if wanted.spec.resources != granted.spec.resources:
        return True
    sizes = _sizes(granted)
    return any(each.resources != sizes.get(each.name, each.resources) for each in all_containers(wanted))


def with_granted(wanted: Pod, granted: Pod) -> Pod:
    """Return the pod as it is wanted, but for its resources, which are those that have been granted."""
    if not is_resized(wanted, granted):
        return wanted
    return _sized(wanted, granted.spec.resources, _sizes(granted))


def _sizes(pod: Pod) -> dict[str, ResourceRequirements]:
    """Return the resources of each container by its name."""
    return {each.name: each.resources for each in all_containers(pod)}


def granted_before(pod: Pod) -> Pod:
    """Return a pod that is new to this process with the size it had been granted when its status was written."""
    if pod.condition(RESIZE_PENDING) is None:
        return pod
    reported = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    sizes = {status.name: status.resources for status in reported if status.resources is not None}
    return _sized(pod, pod.status.resources or pod.spec.resources, sizes)


def _sized(pod: Pod, whole: ResourceRequirements, sizes: Mapping[str, ResourceRequirements]) -> Pod:
    """Return a copy of a pod with these resources, of its containers by name."""

    def sized(containers: list[Container]) -> list[Container]:
        return [each.model_copy(update={"resources": sizes.get(each.name, each.resources)}) for each in containers]

    spec = pod.spec.model_copy(
        update={
            "resources": whole,
            "containers": sized(pod.spec.containers),
            "init_containers": sized(pod.spec.init_containers),
        }
    )
    return pod.model_copy(update={"spec": spec})


class Allocations:
    """The grants of one node. ``wake(uid)`` is called for pods that wait for room when there may be some.

    ``allocatable`` is what the node has for all pods together, as quantities.
    """

    def __init__(self, allocatable: Mapping[str, str], wake: Callable[[str], None]) -> None:
        self._allocatable = allocatable
        self._wake = wake
        self._granted: dict[str, Pod] = {}
        self._waiting: set[str] = set()

    def admit(self, pod: Pod) -> None:
        """The node has a new pod; it is granted what it asks for."""
        self._granted[pod.metadata.uid] = pod

    def follow(self, pod: Pod) -> None:
        """What a pod has been granted is said by this newer version of it, which takes the older one's place."""
        if pod.metadata.uid in self._granted:
            self._granted[pod.metadata.uid] = pod

    def resize(self, pod: Pod) -> Refusal | None:
        """Grant a pod its new size, or say why not; it is woken when asking again makes sense."""
        uid = pod.metadata.uid
        others = Requests()
        for other, granted in self._granted.items():
            if other != uid:
                others = others.plus(requests_of(granted))
        refused = refusal(requests_of(pod), others, self._allocatable)
        if refused is None:
            self._waiting.discard(uid)
            self._granted[uid] = pod
            self._wake_waiting()
        elif refused.reason == DEFERRED:
            self._waiting.add(uid)
        return refused

    def release(self, uid: str) -> None:
        """A pod holds nothing any more. May be repeated."""
        self._waiting.discard(uid)
        if self._granted.pop(uid, None) is not None:
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        for uid in sorted(self._waiting):
            self._wake(uid)
