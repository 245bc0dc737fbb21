"""Which pods belong together when nobody says so: those of the same Services and the same controller."""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Any

from apimachinery.selectors import Operator, Requirement, Selector
from apimachinery.types.service import Service
from kubeclient.informer import Cache
from kubeclient.resources import REPLICASETS, REPLICATION_CONTROLLERS, SERVICES, STATEFULSETS
from scheduler.framework.informers import SharedInformers
from scheduler.framework.pod_info import ControllerKey, PodInfo
from scheduler.framework.pod_selection import (
    NamespacedSelector,
    PodLabels,
    PodSelection,
    parsed_selector,
    pod_selection,
    selector_key,
)

_NAMESPACE = "namespace"
_KEPT = 1024

REPLICATION_CONTROLLER = ("v1", "ReplicationController")
REPLICA_SET = ("apps/v1", "ReplicaSet")
STATEFUL_SET = ("apps/v1", "StatefulSet")

_Key = tuple[PodLabels, ControllerKey | None]


def _namespace(service: Service) -> Iterable[str]:
    return (service.metadata.namespace,)


class DefaultSelectors:
    """Reads the selectors of Services, ReplicationControllers, ReplicaSets and StatefulSets.

    Follows ``helper.DefaultSelector`` (``pkg/scheduler/framework/plugins/helper/spread.go``, v1.36).
    """

    def __init__(self, informers: SharedInformers) -> None:
        self._changes: Counter[str] = Counter()
        self._kept: OrderedDict[_Key, tuple[int, PodSelection | None]] = OrderedDict()
        services = informers.of(SERVICES)
        services.cache.add_index(_NAMESPACE, _namespace)
        self._services = services.cache
        self._controllers: dict[tuple[str, str], Cache[Any]] = {}
        for kind, informer in (
            (REPLICATION_CONTROLLER, informers.of(REPLICATION_CONTROLLERS)),
            (REPLICA_SET, informers.of(REPLICASETS)),
            (STATEFUL_SET, informers.of(STATEFULSETS)),
        ):
            informer.on_change(self._note)
            self._controllers[kind] = informer.cache
        services.on_change(self._note)

    def _note(self, old: Any, new: Any) -> None:
        """What is in the status of these objects changes often, and does not matter."""
        if old is None or new is None or old.spec.selector != new.spec.selector:
            self._changes[(new or old).metadata.namespace] += 1

    def of(self, pod: PodInfo) -> PodSelection | None:
        """Return the pods that ``pod`` belongs to, but for those that are being deleted; ``None`` when to none."""
        key = (pod.labels, pod.controller_key)
        changes = self._changes[pod.namespace]
        kept = self._kept.get(key)
        if kept is None or kept[0] != changes:
            kept = self._kept[key] = (changes, self._select(pod))
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept[1]

    def _select(self, pod: PodInfo) -> PodSelection | None:
        labels: dict[str, str] = {}
        for service in self._services.by_index(_NAMESPACE, pod.namespace):
            wanted = service.spec.selector
            if wanted and all(pod.labels.labels.get(name) == value for name, value in wanted.items()):
                labels |= wanted
        requirements = [Requirement(name, Operator.IN, frozenset({value})) for name, value in sorted(labels.items())]
        requirements += self._of_controller(pod)
        if not requirements:
            return None
        part = NamespacedSelector(frozenset({pod.namespace}), None, Selector(tuple(requirements)))
        return pod_selection((part,), live=True)

    def _of_controller(self, pod: PodInfo) -> tuple[Requirement, ...]:
        owner = pod.controller_key
        cache = self._controllers.get((owner.api_version, owner.kind)) if owner is not None else None
        if owner is None or cache is None:
            return ()
        found = cache.get(f"{pod.namespace}/{owner.name}")
        parsed = parsed_selector(selector_key(found.spec.selector)) if found is not None else None
        return () if parsed is None else parsed.requirements
