"""Pods that wait for a node: the ones to try now, the ones resting, and the ones that nothing has changed for.

A pod arrives in the *active* queue, sorted by the profile's QueueSort plugin. When a try fails, it becomes
*unschedulable* until a cluster event occurs that one of its rejecting plugins named, or five minutes have passed;
then it is active again, after a rest in *back-off* that doubles with each failure (1 s to 10 s, counted from the
failed try). Pods that a PreEnqueue plugin refuses are *gated* and wait for an update of their own.

::

    add ──> active ──pop──> in flight ──done──> (bound)
     │        ^                 │
     v        │                 └──put_back──> unschedulable ──event, or 5 min──┐
    gated     └──────── rested ──────── back-off <──────────────────────────────┘

Follows upstream's ``pkg/scheduler/backend/queue`` (v1.36), except that a pod rests for its whole back-off even when
nothing else is active: here, a crowd of pods that do not fit must not keep the processor busy.
"""

import asyncio
import enum
import heapq
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from apimachinery.clock import Clock
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import Status
from scheduler.settings import Settings

logger = logging.getLogger(__name__)

_MISSED_KEPT = 10_000
"""How many events are kept for pods that are in flight; when there are more, those pods are tried again anyway."""


class QueueRules(Protocol):
    """The part of a profile's framework that the queue asks."""

    @property
    def interests(self) -> Mapping[str, Sequence[ClusterEventWithHint]]:
        """Return for each plugin the events that can make a pod fit that it rejected, with its hints."""
        ...

    def pre_enqueue(self, pod: PodInfo) -> Status: ...

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]: ...


_PluginKey = tuple[str, str]
"""A profile's name and a plugin's: two profiles may have the same plugin with different arguments."""


class _Place(enum.Enum):
    ACTIVE = "active"
    BACKOFF = "backoff"
    UNSCHEDULABLE = "unschedulable"
    GATED = "gated"
    IN_FLIGHT = "in flight"


@dataclass(slots=True)
class _Entry:
    """``ticket`` changes with every move, so that what an earlier place's heap still holds is known to be stale."""

    queued: QueuedPod
    place: _Place
    ticket: int
    popped_at: int = 0


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    active: int
    backoff: int
    unschedulable: int
    gated: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class QueuedPodView:
    """Where a waiting pod is. ``seconds`` is how long until it is tried whatever happens, ``None`` for never.

    ``queue`` is ``active``, ``backoff``, ``unschedulable``, ``gated`` or ``in flight``; ``message`` says what gates it.
    """

    queue: str
    attempts: int
    seconds: float | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "attempts": self.attempts,
            "retryWithinSeconds": self.seconds,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class _Missed:
    """An event that came while pods were in flight. ``number`` counts all such events."""

    number: int
    event: ClusterEvent
    old: Any
    new: Any


class SchedulingQueue:
    """Everything but :meth:`pop` is immediate. Pods are known by uid; each is in one place at a time.

    ``rules`` are those of each profile by its ``schedulerName``; all have the same order.
    """

    def __init__(self, clock: Clock, rules: Mapping[str, QueueRules], settings: Settings) -> None:
        self._clock = clock
        self._rules = rules
        self._settings = settings
        self._entries: dict[str, _Entry] = {}
        self._tickets = 0
        self._active: list[tuple[tuple[float, ...], int, _Entry]] = []
        self._backoff: list[tuple[float, int, _Entry]] = []
        # Pods enter in the order of time, so the first in is the first to have waited too long.
        self._unschedulable: OrderedDict[str, _Entry] = OrderedDict()
        self._rejected: dict[_PluginKey, dict[str, _Entry]] = {}
        self._interested = _by_event(rules)
        self._events_seen = 0
        self._missed: deque[_Missed] = deque(maxlen=_MISSED_KEPT)
        # In the order in which they were taken, so that the first is the one that has missed most.
        self._in_flight: OrderedDict[str, _Entry] = OrderedDict()
        self._changed = asyncio.Event()

    # Pods come, change and go

    def add(self, pod: PodInfo) -> None:
        """Take in a pod that has no node; one that is known already is updated."""
        if pod.uid in self._entries:
            self.update(pod)
            return
        entry = _Entry(QueuedPod(pod, self._clock.monotonic()), _Place.GATED, 0)
        self._entries[pod.uid] = entry
        self._admit(entry)

    def update(self, pod: PodInfo) -> None:
        """Take note that a waiting pod has changed; wake it when the change can make it fit."""
        entry = self._entries.get(pod.uid)
        if entry is None or entry.place is _Place.IN_FLIGHT:
            return
        old, entry.queued.pod = entry.queued.pod, pod
        if entry.place is _Place.GATED:
            self._admit(entry)
        elif entry.place is _Place.UNSCHEDULABLE:
            event = ClusterEvent(EventResource.WAITING_POD, pod.changes_from(old))
            if event.actions and self._helps(entry.queued, event, old, pod):
                self._wake(entry)

    def delete(self, uid: str) -> None:
        """Forget a pod, wherever it is; it is nobody's to put back."""
        entry = self._entries.pop(uid, None)
        if entry is not None:
            self._leave(entry)

    def _admit(self, entry: _Entry) -> None:
        if self._rules_of(entry.queued.pod).pre_enqueue(entry.queued.pod).success:
            self._activate(entry)
        else:
            self._move(entry, _Place.GATED)

    def _rules_of(self, pod: PodInfo) -> QueueRules:
        return self._rules[pod.scheduler_name]

    # Tries

    async def pop(self) -> QueuedPod:
        """Return the next pod to try, waiting for one; :meth:`done` or :meth:`put_back` must follow."""
        while True:
            queued = self.pop_nowait()
            if queued is not None:
                return queued
            self._changed.clear()
            due = self._next_due()
            try:
                async with self._clock.timeout(None if due is None else max(0.0, due - self._clock.monotonic())):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def pop_nowait(self) -> QueuedPod | None:
        """Return the next pod to try, ``None`` when there is none now."""
        self._move_due()
        while self._active:
            _, ticket, entry = heapq.heappop(self._active)
            if entry.ticket == ticket:
                self._move(entry, _Place.IN_FLIGHT)
                entry.popped_at = self._events_seen
                self._in_flight[entry.queued.pod.uid] = entry
                entry.queued.attempts += 1
                return entry.queued
        return None

    def done(self, uid: str) -> None:
        """The pod has its node."""
        entry = self._entries.get(uid)
        if entry is not None and entry.place is _Place.IN_FLIGHT:
            del self._entries[uid]
            self._leave(entry)

    def put_back(self, queued: QueuedPod, rejected_by: frozenset[str]) -> None:
        """Take back a pod whose try failed: with the plugins that rejected it, none meaning an error.

        It goes to back-off at once after an error, and when an event that could help has come since it was taken.
        A pod that was deleted meanwhile is not taken back.
        """
        entry = self._entries.get(queued.pod.uid)
        if entry is None or entry.place is not _Place.IN_FLIGHT:
            return
        queued.added_at = self._clock.monotonic()
        queued.rejected_by = rejected_by
        if not rejected_by:
            queued.error_count += 1
            self._rest(entry)
            return
        queued.error_count = 0
        queued.unschedulable_count += 1
        if self._woken_in_flight(entry):
            self._rest(entry)
            return
        self._move(entry, _Place.UNSCHEDULABLE)
        for plugin in rejected_by:
            self._rejected.setdefault((queued.pod.scheduler_name, plugin), {})[queued.pod.uid] = entry
        self._unschedulable[queued.pod.uid] = entry
        if len(self._unschedulable) == 1:
            self._changed.set()

    def _woken_in_flight(self, entry: _Entry) -> bool:
        missed = self._missed
        if missed and missed[0].number > entry.popped_at + 1 and len(missed) == _MISSED_KEPT:
            return True
        return any(
            self._helps(entry.queued, kept.event, kept.old, kept.new)
            for kept in missed
            if kept.number > entry.popped_at
        )

    # Time and events

    def move_on_event(self, event: ClusterEvent, old: Any = None, new: Any = None) -> None:
        """Wake the pods of which some rejecting plugin named this event, and whose hint says that it helps.

        ``old`` and ``new`` are what the event is about, as hints expect it. Pods that are in flight hear of it when
        they are put back.
        """
        interested = {
            key: None for action in event.actions for key in self._interested.get((event.resource, action), ())
        }
        if not interested:
            return
        if self._in_flight:
            self._events_seen += 1
            self._missed.append(_Missed(self._events_seen, event, old, new))
        for key in interested:
            for entry in list(self._rejected.get(key, {}).values()):
                if self._hinted(key[1], entry.queued.pod, event, old, new):
                    self._wake(entry)

    def _helps(self, queued: QueuedPod, event: ClusterEvent, old: Any, new: Any) -> bool:
        return any(self._hinted(plugin, queued.pod, event, old, new) for plugin in queued.rejected_by)

    def _hinted(self, plugin: str, pod: PodInfo, event: ClusterEvent, old: Any, new: Any) -> bool:
        """Return whether a plugin wants its pod to be tried again after the event."""
        for interest in self._rules_of(pod).interests.get(plugin, ()):
            if interest.resource is not event.resource or not interest.actions & event.actions:
                continue
            if interest.hint is None:
                return True
            try:
                if interest.hint(pod, old, new) is QueueingHint.QUEUE:
                    return True
            except Exception:
                logger.exception("hint of plugin %s failed for pod %s", plugin, pod.key)
                return True
        return False

    def _wake(self, entry: _Entry) -> None:
        if self._rested_at(entry.queued) > self._clock.monotonic():
            self._rest(entry)
        else:
            self._activate(entry)

    def _rested_at(self, queued: QueuedPod) -> float:
        failures = queued.error_count or queued.unschedulable_count
        if not failures:
            return queued.added_at
        # The exponent is bounded only to keep the number small.
        delay = self._settings.pod_initial_backoff_seconds * 2.0 ** min(failures - 1, 40)
        return queued.added_at + min(delay, self._settings.pod_max_backoff_seconds)

    def _move_due(self) -> None:
        now = self._clock.monotonic()
        while self._backoff and self._backoff[0][0] <= now:
            _, ticket, entry = heapq.heappop(self._backoff)
            if entry.ticket == ticket:
                self._activate(entry)
        while (oldest := self._longest_waiting()) is not None and self._waits_until(oldest) <= now:
            self._wake(oldest)

    def _longest_waiting(self) -> _Entry | None:
        return next(iter(self._unschedulable.values()), None)

    def _waits_until(self, entry: _Entry) -> float:
        return entry.queued.added_at + self._settings.pod_max_in_unschedulable_pods_seconds

    def _next_due(self) -> float | None:
        moments = []
        if self._backoff:
            moments.append(self._backoff[0][0])
        if (oldest := self._longest_waiting()) is not None:
            moments.append(self._waits_until(oldest))
        return min(moments, default=None)

    # Places

    def _activate(self, entry: _Entry) -> None:
        self._move(entry, _Place.ACTIVE)
        heapq.heappush(self._active, (self._rules_of(entry.queued.pod).sort_key(entry.queued), entry.ticket, entry))
        self._changed.set()

    def _rest(self, entry: _Entry) -> None:
        self._move(entry, _Place.BACKOFF)
        heapq.heappush(self._backoff, (self._rested_at(entry.queued), entry.ticket, entry))
        if self._backoff[0][2] is entry:
            self._changed.set()

    def _move(self, entry: _Entry, place: _Place) -> None:
        self._leave(entry)
        entry.place = place

    def _leave(self, entry: _Entry) -> None:
        self._tickets += 1
        entry.ticket = self._tickets
        if entry.place is _Place.UNSCHEDULABLE:
            del self._unschedulable[entry.queued.pod.uid]
            for plugin in entry.queued.rejected_by:
                del self._rejected[entry.queued.pod.scheduler_name, plugin][entry.queued.pod.uid]
        elif entry.place is _Place.IN_FLIGHT:
            self._land(entry.queued.pod.uid)

    def _land(self, uid: str) -> None:
        """Forget the events that nobody who is still in flight has missed."""
        self._in_flight.pop(uid, None)
        oldest = next(iter(self._in_flight.values()), None)
        if oldest is None:
            self._missed.clear()
            return
        while self._missed and self._missed[0].number <= oldest.popped_at:
            self._missed.popleft()

    def find(self, namespace: str, name: str) -> QueuedPodView | None:
        """Return where a pod is, by its name; ``None`` when it is not here. Looks at all of them."""
        for entry in self._entries.values():
            pod = entry.queued.pod
            if (pod.namespace, pod.name) == (namespace, name):
                return self._view(entry)
        return None

    def _view(self, entry: _Entry) -> QueuedPodView:
        queued, now = entry.queued, self._clock.monotonic()
        seconds: float | None = None
        message = ""
        if entry.place is _Place.BACKOFF:
            seconds = max(0.0, self._rested_at(queued) - now)
        elif entry.place is _Place.UNSCHEDULABLE:
            seconds = max(0.0, self._waits_until(entry) - now)
        elif entry.place is _Place.GATED:
            message = self._rules_of(queued.pod).pre_enqueue(queued.pod).message
        return QueuedPodView(entry.place.value, queued.attempts, seconds, message)

    def statistics(self) -> QueueStatistics:
        """Return how many pods are where. Counts them all: not for every cycle."""
        places = Counter(entry.place for entry in self._entries.values())
        return QueueStatistics(
            active=places[_Place.ACTIVE],
            backoff=places[_Place.BACKOFF],
            unschedulable=places[_Place.UNSCHEDULABLE],
            gated=places[_Place.GATED],
            in_flight=places[_Place.IN_FLIGHT],
        )


def _by_event(rules: Mapping[str, QueueRules]) -> dict[tuple[EventResource, Action], tuple[_PluginKey, ...]]:
    """Turn "which events a plugin wants" round into "which plugins want an event"."""
    wanted: dict[tuple[EventResource, Action], dict[_PluginKey, None]] = {}
    for profile, of_profile in rules.items():
        for plugin, events in of_profile.interests.items():
            for event in events:
                for action in event.actions:
                    wanted.setdefault((event.resource, action), {})[profile, plugin] = None
    return {key: tuple(plugins) for key, plugins in wanted.items()}
