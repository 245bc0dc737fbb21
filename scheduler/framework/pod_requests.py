"""What a pod needs of a node: the most that is in use at any moment of its life, by resource.

Follows ``k8s.io/component-helpers/resource.PodRequests`` (v1.36).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from apimachinery.types.pod import Container, ContainerStatus, Pod
from scheduler.framework.node_info import CPU, MEMORY, amount

DEFAULT_MILLI_CPU = 100
DEFAULT_MEMORY = 200 * 1024 * 1024
"""What a container that requests nothing counts as when nodes are scored, so that pods without requests spread."""

_ALWAYS = "Always"
RESIZE_PENDING = "PodResizePending"
"""The condition that says why a pod has not the size that it should have."""

_INFEASIBLE = "Infeasible"
_CACHED = 4096

_Items = tuple[tuple[str, str], ...]
_RequestKey = tuple[bool, _Items]
"""Whether a container runs beside others, and what it requests."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What a pod needs of a node.

    ``amounts`` has an entry for each resource it asks a positive amount of, in millicores for cpu and whole units
    for the rest. ``scored_milli_cpu`` and ``scored_memory`` are the same with the defaults for containers that
    request nothing: scoring uses them, fitting does not.
    """

    amounts: tuple[tuple[str, int], ...] = ()
    scored_milli_cpu: int = 0
    scored_memory: int = 0


def restartable(init_container: Container) -> bool:
    """Whether it is a sidecar: an init container that keeps running beside the others."""
    return init_container.restart_policy == _ALWAYS


def pod_requests(pod: Pod) -> Requests:
    """Return what a pod needs; of one on a node, what it has been given counts as well while that is more.

    A container that is being resized has its old size until its node has let go of it. What a node can never give is
    not waited for.
    """
    spec, status = pod.spec, pod.status
    given: dict[str, ContainerStatus] = {}
    if spec.node_name:
        statuses = [*status.container_statuses, *status.init_container_statuses]
        given = {entry.name: entry for entry in statuses if entry.resources is not None}
    infeasible = bool(given) and _resize_infeasible(pod)
    return _requests(
        tuple(_key(container, given, infeasible) for container in spec.init_containers),
        tuple(_key(container, given, infeasible) for container in spec.containers),
        tuple(spec.overhead.items()),
        tuple(spec.resources.requests.items()),
    )


def _resize_infeasible(pod: Pod) -> bool:
    condition = pod.condition(RESIZE_PENDING)
    return condition is not None and condition.reason == _INFEASIBLE


def _key(container: Container, given: Mapping[str, ContainerStatus], infeasible: bool) -> _RequestKey:
    wanted, status = container.resources.requests, given.get(container.name)
    if status is not None and status.resources is not None:
        has = [status.resources.requests, status.allocated_resources]
        if any(entry != wanted for entry in has if entry):
            return restartable(container), _largest(has if infeasible else [wanted, *has])
    return restartable(container), tuple(wanted.items())


def _largest(sizes: Iterable[Mapping[str, str]]) -> _Items:
    """Return the most that any of them has of each resource."""
    found: dict[str, str] = {}
    for size in sizes:
        for name, text in size.items():
            if name not in found or amount(name, text) > amount(name, found[name]):
                found[name] = text
    return tuple(sorted(found.items()))


@lru_cache(maxsize=_CACHED)
def _requests(
    init_containers: tuple[_RequestKey, ...],
    containers: tuple[_RequestKey, ...],
    overhead: tuple[tuple[str, str], ...],
    pod_level: tuple[tuple[str, str], ...] = (),
) -> Requests:
    needed = _total(init_containers, containers, overhead, pod_level, {})
    defaults = {CPU: DEFAULT_MILLI_CPU, MEMORY: DEFAULT_MEMORY}
    scored = _total(init_containers, containers, overhead, pod_level, defaults)
    return Requests(
        tuple((name, total) for name, total in sorted(needed.items()) if total > 0),
        scored.get(CPU, 0),
        scored.get(MEMORY, 0),
    )


def _total(
    init_containers: Iterable[_RequestKey],
    containers: Iterable[_RequestKey],
    overhead: Iterable[tuple[str, str]],
    pod_level: Iterable[tuple[str, str]],
    defaults: Mapping[str, int],
) -> dict[str, int]:
    """Return the most that is in use at any moment of the pod's life.

    Init containers run one after another, beside the sidecars started before them; then the containers run, beside
    all sidecars. What the pod as a whole requests takes the place of its containers' sum, overhead comes on top.
    """

    def of(entry: _RequestKey) -> dict[str, int]:
        return {**defaults, **{name: amount(name, text) for name, text in entry[1]}}

    total: dict[str, int] = {}
    for entry in containers:
        _add(total, of(entry))
    sidecars: dict[str, int] = {}
    starting: dict[str, int] = {}
    for entry in init_containers:
        wanted = of(entry)
        if entry[0]:
            _add(total, wanted)
            _add(sidecars, wanted)
            peak = sidecars
        else:
            peak = dict(sidecars)
            _add(peak, wanted)
        for name, value in peak.items():
            starting[name] = max(starting.get(name, 0), value)
    for name, value in starting.items():
        total[name] = max(total.get(name, 0), value)
    total |= {name: amount(name, text) for name, text in pod_level}
    _add(total, {name: amount(name, text) for name, text in overhead})
    return total


def _add(total: dict[str, int], more: Mapping[str, int]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value
