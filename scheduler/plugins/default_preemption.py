"""DefaultPreemption: a pod that fits nowhere may have less important ones make room for it."""

from functools import partial

from scheduler.config.args import DefaultPreemptionArgs
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import Handle, PluginsRunner, PostFilterPlugin, PostFilterResult
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PREEMPT_NEVER, PodInfo
from scheduler.framework.shown_pod import SHOWN_PODS, ShownPod
from scheduler.framework.status import SUCCESS, Code, Status
from scheduler.preemption.budgets import Budgets
from scheduler.preemption.eviction import Evictions
from scheduler.preemption.search import Searcher
from scheduler.preemption.trials import Tenants
from scheduler.preemption.victims import best

NEVER = "not eligible due to preemptionPolicy=Never."
VICTIMS_GOING = "not eligible due to a terminating pod on the nominated node."


class DefaultPreemption(PostFilterPlugin):
    """Looks for the node where the least is lost, has its victims go, and promises it to the pod.

    Upstream's plugin of the name (v1.36). The pod is tried again when its victims have gone, and is not bound to go to
    the node that it was promised.
    """

    name = "DefaultPreemption"

    def __init__(self, args: DefaultPreemptionArgs, handle: Handle) -> None:
        self._nominator = handle.nominator
        pods = handle.informers.of(SHOWN_PODS)
        pods.on_change(self._pod_changed)
        tenants = Tenants(lambda name: handle.pods_on(name), pods.cache, handle.shared(Budgets))
        self._handle = handle
        self._searcher = Searcher(tenants, handle.nominator, args, handle.rng)
        self._evictions = Evictions(handle, self.name)

    def _pod_changed(self, old: ShownPod | None, new: ShownPod | None) -> None:
        found = new or old
        assert found is not None
        if found.info.node_name:
            self._searcher.cache.forget_node(found.info.node_name)

    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> PostFilterResult:
        if why := self._ineligible(pod, nodes, outcome):
            return _failed(why)
        found = self._searcher.search(state, pod, nodes, outcome, runner)
        if not found.candidates:
            return _failed(found.message(nodes.count), nominated_node_name="")
        chosen = best(found.candidates)
        self._evictions.ask(chosen)
        return PostFilterResult(SUCCESS, chosen.node_name, partial(self._evictions.carry_out, chosen, pod))

    def _ineligible(self, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> str:
        """Return why the pod must not have others go; empty when it may."""
        if pod.preemption_policy == PREEMPT_NEVER:
            return NEVER
        promised = self._nominator.node_of(pod.uid) or pod.nominated_node_name
        row = nodes.row(promised) if promised else None
        if row is None or outcome.unresolvable(nodes.count)[row]:
            return ""
        going = any(
            other.priority < pod.priority and self._evictions.is_going(other)
            for other in self._handle.pods_on(promised)
        )
        return VICTIMS_GOING if going else ""


def _failed(why: str, nominated_node_name: str | None = None) -> PostFilterResult:
    return PostFilterResult(Status(Code.UNSCHEDULABLE, (f"preemption: {why}",)), nominated_node_name)


def new(args: DefaultPreemptionArgs | None, handle: Handle) -> DefaultPreemption:
    return DefaultPreemption(args or DefaultPreemptionArgs(), handle)
