"""Which pods make way for a critical one that its node has no room for (``pkg/kubelet/preemption``, v1.36)."""

from collections.abc import Iterable, Mapping, Sequence

from apimachinery.types.core import object_reference
from apimachinery.types.pod import DISRUPTION_TARGET, Pod, PodCondition
from kubeclient.events import WARNING, EventRecorder
from kubelet.eviction.usage import is_critical
from kubelet.node_admission import Resources, demand
from kubelet.pod_workers import PodWorkers

REASON = "Preempting"
MESSAGE = "Preempted in order to admit critical pod"

_CONDITION = PodCondition(
    type=DISRUPTION_TARGET,
    status="True",
    reason="TerminationByKubelet",
    message="Pod was preempted by Kubelet to accommodate a critical pod.",
)
_CLASSES = ("Guaranteed", "Burstable", "BestEffort")
"""The last to go first."""


def victims(preemptor: Pod, running: Iterable[Pod], missing: Mapping[str, int]) -> list[Pod] | None:
    """Return pods that together have what is missing, counted as in :data:`Resources`; ``None`` when none will do.

    Of the better quality of service classes only what the worse ones cannot give is taken, and of a class those pods
    whose requests are nearest to what is wanted.
    """
    classes: dict[str, list[Pod]] = {name: [] for name in _CLASSES}
    for pod in running:
        if _gives_way(pod, preemptor):
            classes[pod.status.qos_class or "BestEffort"].append(pod)
    if _less(missing, [pod for pods in classes.values() for pod in pods]):
        return None
    chosen: list[Pod] = []
    for place, name in enumerate(_CLASSES):
        worse = [pod for other in _CLASSES[place + 1 :] for pod in classes[other]]
        chosen += _nearest(classes[name], _less(missing, [*worse, *chosen]))
    return chosen


def _gives_way(pod: Pod, preemptor: Pod) -> bool:
    if is_critical(preemptor) and not is_critical(pod):
        return True
    return preemptor.spec.priority > pod.spec.priority


def _less(missing: Mapping[str, int], pods: Sequence[Pod]) -> Resources:
    """Return what is still missing once these pods are gone, and no resource of which there is enough."""
    left = dict(missing)
    for pod in pods:
        for name, amount in demand(pod).resources.items():
            if name in left:
                left[name] -= amount
    return {name: amount for name, amount in left.items() if amount > 0}


def _nearest(pods: Sequence[Pod], missing: Resources) -> list[Pod]:
    """Return pods of one class until nothing is missing, each the one that comes nearest to what still is."""
    pods, chosen = list(pods), []
    while missing and pods:
        best = min(pods, key=lambda pod: _distance(missing, pod))
        pods.remove(best)
        chosen.append(best)
        missing = _less(missing, [best])
    return chosen


def _distance(missing: Resources, pod: Pod) -> tuple[float, list[int]]:
    """Return how far a pod is from freeing what is missing; of equally near ones the smaller pod comes first."""
    has = demand(pod).resources
    far = sum((max(0, amount - has.get(name, 0)) / amount) ** 2 for name, amount in missing.items())
    return far, [has.get(name, 0) for name in ("memory", "cpu")]


class CriticalPods:
    """Makes room on a node for pods that it must not turn away."""

    def __init__(self, workers: PodWorkers, recorder: EventRecorder) -> None:
        self._workers = workers
        self._recorder = recorder

    def make_room(self, pod: Pod, missing: Mapping[str, int]) -> bool:
        """End other pods so that a pod has what is missing; return whether there were such pods."""
        chosen = victims(pod, [seen.pod for seen in self._workers.active()], missing)
        for victim in chosen or ():
            self._recorder.event(object_reference(victim), WARNING, REASON, MESSAGE)
            self._workers.evict(victim.metadata.uid, REASON, MESSAGE, condition=_CONDITION)
        return chosen is not None
