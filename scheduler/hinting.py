"""Which events help which rejected pods: the plugins' registrations turned round, and what pods in flight miss."""

import logging
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod

logger = logging.getLogger(__name__)

MISSED_KEPT = 10_000
"""How many events are kept for pods that are in flight; when there are more, those pods are tried again anyway."""

PluginKey = tuple[str, str]
"""A profile's name and a plugin's: two profiles may have the same plugin with different arguments."""


class Interests(Protocol):
    @property
    def interests(self) -> Mapping[str, Sequence[ClusterEventWithHint]]:
        """Return for each plugin the events that can make a pod fit that it rejected, with its hints."""
        ...


class Happening(NamedTuple):
    """An event with what it is about, as hints expect it. It is not for the pod with the uid ``not_for``."""

    event: ClusterEvent
    old: Any = None
    new: Any = None
    not_for: str = ""


class Hints:
    """Asks the rejecting plugins; ``profiles`` are their registrations by ``schedulerName``."""

    def __init__(self, profiles: Mapping[str, Interests]) -> None:
        self._profiles = profiles
        self._interested = _by_event(profiles)

    def interested(self, event: ClusterEvent) -> Iterable[PluginKey]:
        """Return the plugins that registered for an event, each once."""
        return {key: None for action in event.actions for key in self._interested.get((event.resource, action), ())}

    def helpers(self, queued: QueuedPod, happenings: Iterable[Happening]) -> frozenset[str]:
        """Return the plugins that rejected the pod and find that something of this helps it."""
        return frozenset(
            plugin
            for happening in happenings
            if happening.not_for != queued.pod.uid
            for plugin in queued.rejected_by
            if self.helps(plugin, queued.pod, happening)
        )

    def helps(self, plugin: str, pod: PodInfo, happening: Happening) -> bool:
        """Return whether a plugin wants its pod to be tried again after this."""
        event = happening.event
        for interest in self._profiles[pod.scheduler_name].interests.get(plugin, ()):
            if interest.resource is not event.resource or not interest.actions & event.actions:
                continue
            if interest.hint is None:
                return True
            try:
                if interest.hint(pod, happening.old, happening.new) is QueueingHint.QUEUE:
                    return True
            except Exception:
                logger.exception("hint of plugin %s failed for pod %s", plugin, pod.key)
                return True
        return False


def _by_event(profiles: Mapping[str, Interests]) -> dict[tuple[EventResource, Action], tuple[PluginKey, ...]]:
    """Turn "which events a plugin wants" round into "which plugins want an event"."""
    wanted: dict[tuple[EventResource, Action], dict[PluginKey, None]] = {}
    for profile, of_profile in profiles.items():
        for plugin, interests in of_profile.interests.items():
            for interest in interests:
                for action in interest.actions:
                    wanted.setdefault((interest.resource, action), {})[profile, plugin] = None
    return {key: tuple(plugins) for key, plugins in wanted.items()}


class InFlight:
    """What has happened since each pod in flight was taken, for as long as some pod may want to know."""

    def __init__(self) -> None:
        # In the order in which they were taken, so that the first is the one that has missed most.
        self._taken: OrderedDict[str, int] = OrderedDict()
        self._missed: deque[Happening] = deque()
        self._forgotten = 0

    def take(self, uid: str) -> None:
        self._taken[uid] = self._forgotten + len(self._missed)

    def note(self, happening: Happening) -> None:
        if self._taken:
            self._missed.append(happening)
            if len(self._missed) > MISSED_KEPT:
                self._missed.popleft()
                self._forgotten += 1

    def missed_by(self, uid: str) -> list[Happening] | None:
        """Return what has happened since the pod was taken, ``None`` when not all of it is known."""
        start = self._taken[uid] - self._forgotten
        return list(self._missed)[start:] if start >= 0 else None

    def land(self, uid: str) -> None:
        """Forget what nobody who is still in flight has missed."""
        self._taken.pop(uid, None)
        oldest = next(iter(self._taken.values()), self._forgotten + len(self._missed))
        while self._missed and self._forgotten < oldest:
            self._missed.popleft()
            self._forgotten += 1
