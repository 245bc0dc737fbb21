"""What the changes of pods mean to the controllers that own pods (``addPod``, ``updatePod``, ``deletePod``, v1.36)."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from apimachinery.selectors import Selector
from apimachinery.types.base import Object
from apimachinery.types.pod import Pod
from controller_manager.expectations import Expectations
from controller_manager.ownership import NAMESPACE_INDEX, controller_of
from kubeclient.informer import Cache
from kubeclient.workqueue import WorkQueue

T = TypeVar("T", bound=Object)


class PodEvents(Generic[T]):
    """Wakes the owners of one kind, and tells their expectations what has come and gone.

    ``owners`` must be indexed by namespace. Changes that only move an owner's status wake it after its
    ``settle_seconds``, so that a thousand pods that become ready are a few writes.
    """

    def __init__(
        self,
        owners: Cache[T],
        model: type[T],
        queue: WorkQueue[Any],
        expectations: Expectations,
        selector_of: Callable[[T], Selector | None],
        settle_seconds: Callable[[T], float],
    ) -> None:
        self._owners = owners
        self._model = model
        self._queue = queue
        self._expectations = expectations
        self._selector_of = selector_of
        self._settle_seconds = settle_seconds

    def changed(self, old: Pod | None, new: Pod | None) -> None:
        """Take in one change; the handler of an informer."""
        if new is None:
            assert old is not None
            self._leaves(old)
        elif old is None:
            self._added(new)
        elif new.deleting and not old.deleting:
            # A relabelled pod may have been another's before.
            self._leaves(old)
            self._leaves(new)
        else:
            self._updated(old, new)

    def _added(self, pod: Pod) -> None:
        if pod.deleting:
            self._leaves(pod)
            return
        owner = self.owner_of(pod)
        if owner is not None:
            self._expectations.creation_observed(owner)
            if self._expectations.satisfied(owner):
                self._wake_soon(owner)
        elif controller_of(pod) is None:
            self._wake_adopters(pod)

    def _leaves(self, pod: Pod) -> None:
        owner = self.owner_of(pod)
        if owner is not None:
            self._expectations.deletion_observed(owner, pod.metadata.uid)
            self._queue.add(owner)

    def _updated(self, old: Pod, new: Pod) -> None:
        after = before = self.owner_of(new)
        if old.metadata.owner_references != new.metadata.owner_references:
            before = self.owner_of(old)
            if before is not None and before != after:
                self._queue.add(before)
        labels_changed = old.metadata.labels != new.metadata.labels
        if after is not None:
            if labels_changed or before != after or new.finished != old.finished:
                self._queue.add(after)
            elif old.status.conditions != new.status.conditions:
                self._wake_soon(after)
        elif controller_of(new) is None and (labels_changed or controller_of(old) is not None):
            self._wake_adopters(new)

    def _wake_soon(self, key: str) -> None:
        owner = self._owners.get(key)
        if owner is not None:
            self._queue.add_after(key, self._settle_seconds(owner))

    def owner_of(self, pod: Pod) -> str | None:
        """Return the key of the pod's controller, when that is of this kind and the one we know."""
        reference = controller_of(pod)
        if reference is None or reference.kind != self._model.KIND:
            return None
        key = f"{pod.metadata.namespace}/{reference.name}"
        found = self._owners.get(key)
        return key if found is not None and found.metadata.uid == reference.uid else None

    def _wake_adopters(self, pod: Pod) -> None:
        for owner in self._owners.by_index(NAMESPACE_INDEX, pod.metadata.namespace):
            selector = self._selector_of(owner)
            if selector is not None and selector.matches(pod.metadata.labels):
                self._queue.add(owner.key)
