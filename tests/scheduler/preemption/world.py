"""A cluster as preemption sees it: nodes with pods, what the API server shows of those, and budgets."""

import random

from apimachinery.clock import ManualClock
from apimachinery.types.policy import PodDisruptionBudget
from kubeclient.client import Client
from kubeclient.resources import POD_DISRUPTION_BUDGETS
from scheduler.cache import SchedulerCache
from scheduler.config.args import DefaultPreemptionArgs
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import Handle
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.framework.shown_pod import SHOWN_PODS, ShownPod
from scheduler.plugins.registry import in_tree_registry
from scheduler.preemption.budgets import Budgets
from scheduler.preemption.search import Searcher
from scheduler.preemption.trials import Tenants
from scheduler.profile import default_profile
from scheduler.scheduling import Cycle, schedule_one
from tests.scheduler.builders import NodeBuilder, PodBuilder


class Preempting:
    """The parts of a scheduler that preemption needs, without anybody at the other end."""

    def __init__(self, *nodes: NodeBuilder, pods: tuple[PodBuilder, ...] = ()) -> None:
        self.handle = Handle(Client("http://127.0.0.1:1"), seed=1)
        self.framework = Framework(default_profile(), in_tree_registry(), self.handle)
        self.cache = SchedulerCache(ManualClock(), assumed_pod_seconds=900.0)
        self.handle.pods_on = self.cache.pods_on
        self.nodes = self.cache.nodes
        for node in nodes:
            self.cache.set_node(node.info())
        self.add(*pods)

    def add(self, *pods: PodBuilder) -> None:
        """Put pods on the nodes that they name, and have the API server show them."""
        for pod in pods:
            shown = ShownPod.model_validate(pod.dict())
            # What the informer does with what a watch brings.
            self.handle.informers.of(SHOWN_PODS)._apply(shown.key, shown)
            self.cache.set_pod(pod.info())

    def remove(self, pod: PodBuilder) -> None:
        self.handle.informers.of(SHOWN_PODS)._apply(pod.info().key, None)
        self.cache.remove_pod(pod.info().uid)

    def show_budget(self, budget: PodDisruptionBudget) -> None:
        self.handle.informers.of(POD_DISRUPTION_BUDGETS)._apply(budget.key, budget)

    @property
    def tenants(self) -> Tenants:
        return Tenants(self.cache.pods_on, self.handle.informers.of(SHOWN_PODS).cache, self.handle.shared(Budgets))

    def searcher(self, **args: int) -> Searcher:
        return Searcher(self.tenants, self.handle.nominator, DefaultPreemptionArgs(**args), random.Random(1))

    def filtered(self, pod: PodInfo) -> tuple[CycleState, FilterOutcome]:
        state = CycleState()
        return state, self.framework.find_feasible(state, pod, self.nodes)

    def cycle(self, pod: PodBuilder) -> Cycle:
        """One decision about a pod."""
        queued = QueuedPod(pod.info(), 0.0, attempts=1)
        return schedule_one(self.framework, self.nodes, queued, rng=random.Random(1), clock=ManualClock())


def budget(name: str, allowed: int, *, disrupted: tuple[str, ...] = (), **labels: str) -> PodDisruptionBudget:
    """A budget in ``default`` for pods with these labels; without any, one that selects nothing."""
    status = {
        "disruptionsAllowed": allowed,
        "currentHealthy": 1,
        "desiredHealthy": 1,
        "expectedPods": 1,
        "disruptedPods": dict.fromkeys(disrupted, "2026-01-01T00:00:00Z"),
    }
    return PodDisruptionBudget.model_validate({
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}},
        "status": status,
    })
