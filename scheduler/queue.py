"""Pods that wait for a node: the ones to try now, the ones resting, and the ones that nothing has changed for.

A pod arrives in the *active* queue, sorted by the profile's QueueSort plugin. When a try fails, it becomes
*unschedulable* until a cluster event occurs that one of its rejecting plugins named, or five minutes have passed;
then it is active again, after a rest in *back-off* that doubles with each failure (1 s to 10 s, counted from the
failed try). Pods that a PreEnqueue plugin refuses on their way into the active queue are *gated*: they wait for an
update of their own, or for an event that this plugin named.

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
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from apimachinery.clock import Clock
from scheduler.framework.events import ClusterEvent, EventResource
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import Status
from scheduler.hinting import Happening, Hints, InFlight, Interests, PluginKey
from scheduler.metrics import Metrics
from scheduler.settings import Settings

_ADDED = "PodAdd"
_FAILED = "ScheduleAttemptFailure"


class QueueRules(Interests, Protocol):
    """The part of a profile's framework that the queue asks."""

    def pre_enqueue(self, pod: PodInfo) -> Status: ...

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]: ...


class _Place(enum.Enum):
    ACTIVE = "active"
    BACKOFF = "backoff"
    UNSCHEDULABLE = "unschedulable"
    GATED = "gated"
    IN_FLIGHT = "in flight"


@dataclass(slots=True)
class _Entry:
    """``ticket`` changes with every move, so that what an earlier place's heap still holds is known to be stale.

    ``gated_by`` is the PreEnqueue plugin that was against the pod last.
    """

    queued: QueuedPod
    place: _Place
    ticket: int
    gated_by: PluginKey = ("", "")


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


class SchedulingQueue:
    """Everything but :meth:`pop` is immediate. Pods are known by uid; each is in one place at a time.

    ``rules`` are those of each profile by its ``schedulerName``; all have the same order.
    """

    def __init__(
        self, clock: Clock, rules: Mapping[str, QueueRules], settings: Settings, metrics: Metrics | None = None
    ) -> None:
        self._clock = clock
        self._incoming = (metrics or Metrics()).incoming
        self._rules = rules
        self._settings = settings
        self._entries: dict[str, _Entry] = {}
        self._tickets = 0
        self._active: list[tuple[tuple[float, ...], int, _Entry]] = []
        self._backoff: list[tuple[float, int, _Entry]] = []
        # Pods enter in the order of time, so the first in is the first to have waited too long.
        self._unschedulable: OrderedDict[str, _Entry] = OrderedDict()
        self._rejected: dict[PluginKey, dict[str, _Entry]] = {}
        self._hints = Hints(rules)
        self._in_flight = InFlight()
        self._changed = asyncio.Event()

    # Pods come, change and go

    def add(self, pod: PodInfo) -> None:
        """Take in a pod that has no node; one that is known already is updated."""
        if pod.uid in self._entries:
            self.update(pod)
            return
        entry = _Entry(QueuedPod(pod, self._clock.monotonic()), _Place.GATED, 0)
        self._entries[pod.uid] = entry
        self._activate(entry, _ADDED)

    def update(self, pod: PodInfo) -> None:
        """Take note that a waiting pod has changed; wake it when the change can make it fit."""
        entry = self._entries.get(pod.uid)
        if entry is None or entry.place is _Place.IN_FLIGHT:
            return
        old, entry.queued.pod = entry.queued.pod, pod
        if entry.place is _Place.GATED:
            self._activate(entry, "PodUpdate")
        elif entry.place is _Place.UNSCHEDULABLE:
            event = ClusterEvent(EventResource.WAITING_POD, pod.changes_from(old))
            helpers = self._hints.helpers(entry.queued, [Happening(event, old, pod)])
            if helpers:
                self._wake(entry, "PodUpdate", helpers)

    def activate(self, uid: str) -> None:
        """Have a pod that waits for an event tried again without one, once it has rested."""
        entry = self._entries.get(uid)
        if entry is not None and entry.place is _Place.UNSCHEDULABLE:
            self._wake(entry, "ForceActivate")

    def delete(self, uid: str) -> None:
        """Forget a pod, wherever it is; it is nobody's to put back."""
        entry = self._entries.pop(uid, None)
        if entry is not None:
            self._leave(entry)

    def _rules_of(self, pod: PodInfo) -> QueueRules:
        return self._rules[pod.scheduler_name]

    # Tries

    async def pop(self) -> QueuedPod:
        """Return the next pod to try, waiting for one; :meth:`done` or :meth:`put_back` must follow."""
        while True:
            await self.ready()
            queued = self.pop_nowait()
            if queued is not None:
                return queued

    async def ready(self) -> None:
        """Return once there is a pod to try."""
        while not self._any_active():
            self._changed.clear()
            due = self._next_due()
            try:
                async with self._clock.timeout(None if due is None else max(0.0, due - self._clock.monotonic())):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def pop_nowait(self) -> QueuedPod | None:
        """Return the next pod to try, ``None`` when there is none now."""
        if not self._any_active():
            return None
        _, _, entry = heapq.heappop(self._active)
        self._move(entry, _Place.IN_FLIGHT)
        self._in_flight.take(entry.queued.pod.uid)
        if not entry.queued.attempts:
            entry.queued.first_tried_at = self._clock.monotonic()
        entry.queued.attempts += 1
        return entry.queued

    def _any_active(self) -> bool:
        """Wake whom it is time for; return whether the first of the active queue is one to try."""
        self._move_due()
        while self._active and self._active[0][2].ticket != self._active[0][1]:
            heapq.heappop(self._active)
        return bool(self._active)

    def done(self, uid: str) -> None:
        """The pod has its node."""
        entry = self._entries.get(uid)
        if entry is not None and entry.place is _Place.IN_FLIGHT:
            del self._entries[uid]
            self._leave(entry)

    def put_back(
        self, queued: QueuedPod, rejected_by: frozenset[str], pending_by: frozenset[str] = frozenset()
    ) -> None:
        """Take back a pod whose try failed: with the plugins that rejected it, none meaning an error.

        ``pending_by`` are those of them that answered ``PENDING``.

        It goes to back-off at once after an error, and when an event that could help has come since it was taken.
        A pod that was deleted meanwhile is not taken back.
        """
        entry = self._entries.get(queued.pod.uid)
        if entry is None or entry.place is not _Place.IN_FLIGHT:
            return
        queued.added_at = self._clock.monotonic()
        queued.rejected_by, queued.pending_by = rejected_by, pending_by
        if not rejected_by:
            queued.error_count += 1
            self._rest(entry, _FAILED)
            return
        queued.error_count = 0
        queued.unschedulable_count += 1
        missed = self._in_flight.missed_by(queued.pod.uid)
        helpers = rejected_by if missed is None else self._hints.helpers(queued, missed)
        if helpers:
            self._wake(entry, _FAILED, helpers)
            return
        self._incoming["unschedulable", _FAILED] += 1
        self._move(entry, _Place.UNSCHEDULABLE)
        for plugin in rejected_by:
            self._rejected.setdefault((queued.pod.scheduler_name, plugin), {})[queued.pod.uid] = entry
        self._unschedulable[queued.pod.uid] = entry
        if len(self._unschedulable) == 1:
            self._changed.set()

    # Time and events

    def move_on_event(self, event: ClusterEvent, old: Any = None, new: Any = None, *, not_for: str = "") -> None:
        """Wake the pods of which some rejecting plugin named this event, and whose hint says that it helps.

        ``old`` and ``new`` are what the event is about, as hints expect it. Pods that are in flight hear of it when
        they are put back. The pod with the uid ``not_for`` is left alone: it is itself what the event is about.
        """
        happening = Happening(event, old, new, not_for)
        interested = self._hints.interested(event)
        if interested:
            self._in_flight.note(happening)
        for key in interested:
            for entry in list(self._rejected.get(key, {}).values()):
                if not self._hints.helps(key[1], entry.queued.pod, happening):
                    continue
                if entry.place is _Place.GATED or _leaves_promised_node(old, new, entry.queued.pod):
                    self._activate(entry, event.label)
                else:
                    self._wake(entry, event.label, frozenset((key[1],)))

    def _wake(self, entry: _Entry, event: str, helpers: frozenset[str] = frozenset()) -> None:
        """Have a pod tried again: after its rest, or at once when something came that a plugin had waited for."""
        if not helpers & entry.queued.pending_by and self._rested_at(entry.queued) > self._clock.monotonic():
            self._rest(entry, event)
        else:
            self._activate(entry, event)

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
                self._activate(entry, "BackoffComplete")
        while (oldest := self._longest_waiting()) is not None and self._waits_until(oldest) <= now:
            self._wake(oldest, "UnschedulableTimeout")

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

    def _activate(self, entry: _Entry, event: str) -> None:
        """Have a pod tried as soon as its turn comes, unless a PreEnqueue plugin is against it."""
        status = self._rules_of(entry.queued.pod).pre_enqueue(entry.queued.pod)
        if not status.success:
            self._gate(entry, status.plugin, event)
            return
        self._incoming["active", event] += 1
        self._move(entry, _Place.ACTIVE)
        heapq.heappush(self._active, (self._rules_of(entry.queued.pod).sort_key(entry.queued), entry.ticket, entry))
        self._changed.set()

    def _gate(self, entry: _Entry, plugin: str, event: str) -> None:
        if entry.place is not _Place.GATED or event == _ADDED:
            self._incoming["gated", event] += 1
        self._move(entry, _Place.GATED)
        entry.gated_by = (entry.queued.pod.scheduler_name, plugin)
        self._rejected.setdefault(entry.gated_by, {})[entry.queued.pod.uid] = entry

    def _rest(self, entry: _Entry, event: str) -> None:
        self._incoming["backoff", event] += 1
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
        elif entry.place is _Place.GATED and entry.gated_by in self._rejected:
            self._rejected[entry.gated_by].pop(entry.queued.pod.uid, None)
        elif entry.place is _Place.IN_FLIGHT:
            self._in_flight.land(entry.queued.pod.uid)

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

    def rejected(self) -> Counter[tuple[str, str]]:
        """Return how many unschedulable pods each profile's plugins have rejected."""
        return Counter({key: len(entries) for key, entries in self._rejected.items() if entries})

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


def _leaves_promised_node(old: Any, new: Any, pod: PodInfo) -> bool:
    """Return whether a pod left the node that ``pod`` was promised: what it was waiting for, so it does not rest."""
    return new is None and isinstance(old, PodInfo) and old.node_name != "" and old.node_name == pod.nominated_node_name
