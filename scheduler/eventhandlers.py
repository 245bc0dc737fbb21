"""Turns what the API server shows into changes of cache and queue."""

from collections.abc import Container
from typing import Any

from apimachinery.types.core import Namespace, Node
from scheduler.cache import SchedulerCache
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.interface import Handle
from scheduler.framework.node_info import node_info
from scheduler.framework.shown_pod import ShownPod
from scheduler.queue import SchedulingQueue


class EventHandlers:
    """Handlers for the informers of nodes and pods; pods that name another scheduler are none of the queue's.

    The decisions are those of upstream's ``pkg/scheduler/eventhandlers.go`` (v1.36): a pod with a node counts on it
    until it has finished or is gone, whoever put it there; a pod without one waits, unless it is being deleted.
    """

    def __init__(
        self, cache: SchedulerCache, queue: SchedulingQueue, handle: Handle, scheduler_names: Container[str]
    ) -> None:
        self._cache = cache
        self._queue = queue
        self._nominator = handle.nominator
        self._waiting_pods = handle.waiting_pods
        self._scheduler_names = scheduler_names

    def on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            assert old is not None
            self._cache.remove_node(old.metadata.name)
            self._tell(EventResource.NODE, Action.DELETE, node_info(old), None)
            return
        info = node_info(new)
        before, changes = self._cache.set_node(info)
        if changes:
            self._tell(EventResource.NODE, changes, before, info)

    def on_pod(self, old: ShownPod | None, new: ShownPod | None) -> None:
        if new is None or new.finished:
            pod = new or old
            assert pod is not None
            self._gone(pod)
        elif new.info.node_name:
            self._assigned(old, new)
        elif new.info.scheduler_name in self._scheduler_names:
            self._waiting(new)

    def on_other(self, kind: EventResource, old: Any, new: Any) -> None:
        """Hear of a change of anything else that plugins look at."""
        if kind is EventResource.NAMESPACE:
            self._set_namespace(old, new)
        action = Action.ADD if old is None else Action.DELETE if new is None else Action.UPDATE
        self._tell(kind, action, old, new)

    def _set_namespace(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None:
            self._cache.nodes.pods.set_namespace(new.metadata.name, new.metadata.labels)
        elif old is not None:
            self._cache.nodes.pods.remove_namespace(old.metadata.name)

    def _gone(self, pod: ShownPod) -> None:
        uid = pod.uid
        self._queue.delete(uid)
        self._nominator.forget(uid)
        self._waiting_pods.reject(uid, "pod was deleted")
        self._left(pod)

    def _left(self, pod: ShownPod) -> None:
        """Take a pod off its node."""
        known = self._cache.remove_pod(pod.uid)
        if known is not None:
            self._tell(EventResource.ASSIGNED_POD, Action.DELETE, known, None)

    def _waiting(self, pod: ShownPod) -> None:
        uid = pod.uid
        if self._cache.is_assumed(uid):
            # Its binding is under way; if that fails, the pod is read again.
            return
        # A store that went back in time shows pods without the node they had.
        self._left(pod)
        if pod.deleting:
            self._queue.delete(uid)
            self._nominator.forget(uid)
            return
        self._nominator.update(pod.info)
        self._queue.add(pod.info)

    def _assigned(self, old: ShownPod | None, new: ShownPod) -> None:
        info = new.info
        # Most updates are of a pod's status.
        if old is not None and old.info == info:
            return
        self._queue.delete(info.uid)
        self._nominator.forget(info.uid)
        assumed = self._cache.is_assumed(info.uid)
        before = self._cache.set_pod(info)
        changes = Action.ADD if before is None or assumed else info.changes_from(before)
        if changes:
            self._tell(EventResource.ASSIGNED_POD, changes, None if changes is Action.ADD else before, info)

    def _tell(self, resource: EventResource, actions: Action, old: Any, new: Any) -> None:
        self._queue.move_on_event(ClusterEvent(resource, actions), old, new)
