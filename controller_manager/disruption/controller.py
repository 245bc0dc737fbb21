"""The disruption controller: keeps the status of PodDisruptionBudgets, which evictions are let through by.

Follows ``pkg/controller/disruption/disruption.go`` (v1.36). A pod that several budgets select wakes them all: upstream
picks one of them, and the others learn of it when they are written to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apimachinery.clock import rfc3339
from apimachinery.errors import Conflict, NotFound, StatusError
from apimachinery.patch_types import PatchType
from apimachinery.selectors import Selector, SelectorSyntaxError, from_label_selector
from apimachinery.types.core import object_reference
from apimachinery.types.pod import DISRUPTION_TARGET, Pod
from apimachinery.types.policy import PodDisruptionBudget, PodDisruptionBudgetStatus
from controller_manager.controller import Context, Result
from controller_manager.disruption.decisions import (
    Outcome,
    calculate,
    depends_on_scale,
    failed,
    seconds_until_stale,
)
from controller_manager.disruption.scales import Scales, ScaleUnknown
from controller_manager.ownership import NAMESPACE_INDEX, index_by_namespace
from controller_manager.written import Written
from kubeclient.events import NORMAL, WARNING
from kubeclient.patches import checked_patch
from kubeclient.resources import DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICASETS

EVENT_SOURCE = "controllermanager"


@dataclass(frozen=True, slots=True)
class TargetPod:
    """A pod that says that it is to be disrupted."""

    key: str


Key = str | TargetPod
"""``namespace/name`` of a budget, or a pod."""


class DisruptionController:
    """Woken by budgets and pods."""

    workers = 1

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        self._written = Written()
        budgets = context.informers.informer(POD_DISRUPTION_BUDGETS, {NAMESPACE_INDEX: index_by_namespace})
        pods = context.informers.informer(PODS, {NAMESPACE_INDEX: index_by_namespace})
        self._scales = Scales(
            context.client,
            context.informers.informer(REPLICASETS).cache,
            context.informers.informer(DEPLOYMENTS).cache,
        )
        budgets.on_change(self._budget_changed)
        pods.on_change(self._pod_changed)
        self._budgets = budgets.cache
        self._pods = pods.cache

    # What wakes it

    def _budget_changed(self, old: PodDisruptionBudget | None, new: PodDisruptionBudget | None) -> None:
        changed = new or old
        assert changed is not None
        self._queue.add(changed.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and seconds_until_stale(new, self._clock.now()) is not None:
            self._queue.add(TargetPod(new.key))
        pod = new or old
        assert pod is not None
        budgets = self._budgets.by_index(NAMESPACE_INDEX, pod.metadata.namespace)
        if not budgets or (old is not None and new is not None and _counts_as(old) == _counts_as(new)):
            return
        labels = [seen.metadata.labels for seen in (old, new) if seen is not None]
        for budget in budgets:
            selector = _selector(budget)
            if selector is not None and any(map(selector.matches, labels)):
                self._queue.add(budget.key)

    # What it does

    async def reconcile(self, key: Key) -> Result | None:
        if isinstance(key, TargetPod):
            return await self._clear_stale_target(key.key)
        budget = self._budgets.get(key)
        if budget is None:
            self._written.forget(key)
            return None
        if self._written.is_ahead_of(budget):
            return None
        try:
            outcome = await self._calculate(budget)
        except Conflict:
            raise
        except (StatusError, ScaleUnknown) as error:
            message = f"Failed to calculate the number of expected pods: {error}"
            self._tell(budget, WARNING, "CalculateExpectedPodCountFailed", message)
            await self._write(budget, failed(budget, error, self._clock.now()))
            return None
        for pod in outcome.overdue:
            message = f"Pod was expected by PDB {budget.key} to be deleted but it wasn't"
            self._recorder.event(object_reference(pod), WARNING, "NotDeleted", message)
        await self._write(budget, outcome.status)
        return Result(outcome.recheck_seconds) if outcome.recheck_seconds is not None else None

    async def _calculate(self, budget: PodDisruptionBudget) -> Outcome:
        pods = self._selected(budget)
        if not pods:
            self._tell(budget, NORMAL, "NoPods", "No matching pods found")
        scale = 0
        if depends_on_scale(budget):
            found = await self._scales.of(pods)
            scale = found.total
            if found.unmanaged:
                self._tell(budget, WARNING, "UnmanagedPods", _unmanaged_message(budget))
        return calculate(budget, pods, scale, self._clock.now())

    def _selected(self, budget: PodDisruptionBudget) -> Sequence[Pod]:
        selector = _selector(budget)
        if selector is None:
            return ()
        found = self._pods.by_index(NAMESPACE_INDEX, budget.metadata.namespace)
        return [pod for pod in found if selector.matches(pod.metadata.labels)]

    async def _clear_stale_target(self, key: str) -> Result | None:
        """Tell a pod that was to be disrupted, and is still there, that it is not any more."""
        pod = self._pods.get(key)
        now = self._clock.now()
        left = seconds_until_stale(pod, now) if pod is not None else None
        if pod is None or left is None:
            return None
        if left > 0:
            return Result(left)
        condition = {"type": DISRUPTION_TARGET, "status": "False", "lastTransitionTime": rfc3339(now)}
        change = {"status": {"conditions": [{**condition, "reason": None, "message": None}]}}
        meta = pod.metadata
        try:
            await self._client.patch(
                PODS,
                meta.name,
                checked_patch(pod, change),
                namespace=meta.namespace,
                subresource="status",
                patch_type=PatchType.STRATEGIC,
            )
        except NotFound:
            return None
        return None

    async def _write(self, budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus) -> None:
        if status == budget.status:
            return
        updated = budget.model_copy(update={"status": status})
        try:
            written = await self._client.replace(POD_DISRUPTION_BUDGETS, updated, subresource="status")
        except NotFound:
            return
        self._written.note(written)

    def _tell(self, budget: PodDisruptionBudget, kind: str, reason: str, message: str) -> None:
        self._recorder.event(object_reference(budget), kind, reason, message)


def _counts_as(pod: Pod) -> tuple[object, ...]:
    """Return what of a pod a budget looks at."""
    return pod.metadata.labels, pod.metadata.owner_references, pod.ready, pod.deleting, pod.metadata.uid


def _selector(budget: PodDisruptionBudget) -> Selector | None:
    """Return the budget's selector; ``None`` for one that selects nothing or cannot be read."""
    try:
        return from_label_selector(budget.spec.selector)
    except SelectorSyntaxError:
        return None


def _unmanaged_message(budget: PodDisruptionBudget) -> str:
    return (
        f"Pods selected by this PodDisruptionBudget (selector: {_selector(budget)}) were found to be unmanaged. As a "
        "result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To "
        'account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
    )
