"""Reports pods' statuses to the API server (``pkg/kubelet/status/status_manager.go``, v1.36)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.clock import Clock
from apimachinery.errors import NotFound, StatusError
from apimachinery.patch_types import PatchType
from apimachinery.types.base import to_wire
from apimachinery.types.pod import UNKNOWN, Pod, PodStatus
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import PODS
from kubeclient.workqueue import WorkQueue
from kubelet.status import own_part

logger = logging.getLogger(__name__)

_WRITERS = 16
"""Statuses that come in crowds go out in crowds, which costs a processor a good deal less than a few of them at a time
between things of other kinds; with still more writers many a status goes out that the next one is about to overtake."""
_RETRY_SECONDS = 0.2
_RETRY_LIMIT_SECONDS = 10.0
_REPLACED_LISTS = ("podIPs", "hostIPs")
_NOTHING = PodStatus()


@dataclass(frozen=True, slots=True)
class _Target:
    """The pod of the API server that shows a status."""

    namespace: str
    name: str
    uid: str


@dataclass(slots=True)
class _Entry:
    """What is to be said of one pod, and what has been. ``final`` has the pod deleted once it is said.

    Once ``shown`` by the API server, what has been said need not be remembered. A pod that the API server does not have
    has no ``target``, or its mirror for one; its end is told to ``ended``.
    """

    target: _Target | None
    wanted: PodStatus
    sent: PodStatus
    final: bool = False
    ended: Callable[[], None] | None = None
    shown: bool = False

    @property
    def settled(self) -> bool:
        return self.shown and self.wanted == self.sent and not self.final and self.ended is None


class StatusManager:
    """Keeps the newest status of each pod and writes it, one PATCH for all that changed meanwhile.

    Conditions that are not the kubelet's own are left as the API server has them at that moment. A status that
    cannot be delivered is kept and tried again with back-off for as long as the pod exists, so none is lost while
    the API server is away. ``run()`` does the writing.
    """

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._entries: dict[str, _Entry] = {}
        self._queue: WorkQueue[str] = WorkQueue(clock, base_delay=_RETRY_SECONDS, max_delay=_RETRY_LIMIT_SECONDS)

    def set(self, pod: Pod, status: PodStatus, *, final: bool = False) -> None:
        """Report ``status``; with ``final``, then delete the pod for good. What was reported before is not repeated."""
        uid = pod.metadata.uid
        entry = self._entries.get(uid)
        if entry is None:
            sent = own_part(pod.status)
            if status == sent and not final:
                return
            entry = self._entries[uid] = _Entry(_target(pod), sent, sent)
        if status == entry.wanted and final == entry.final and status == entry.sent:
            return
        entry.wanted, entry.final, entry.shown = status, final, False
        self._queue.add(uid)

    def shown(self, uid: str) -> None:
        """The API server shows what was last reported of a pod."""
        entry = self._entries.get(uid)
        if entry is not None:
            entry.shown = True
            self._forget_settled(uid, entry)

    def _forget_settled(self, uid: str, entry: _Entry) -> None:
        if entry.settled and self._entries.get(uid) is entry:
            del self._entries[uid]

    def keep_here(self, pod: Pod, ended: Callable[[], None]) -> None:
        """Report nothing of this pod, which the API server does not have; ``ended`` is called with its last status."""
        self._entries[pod.metadata.uid] = _Entry(None, _NOTHING, _NOTHING, ended=ended)

    def show_as(self, uid: str, mirror: Pod | None) -> None:
        """Report a pod that is kept here as the status of its mirror, or not at all."""
        entry = self._entries.get(uid)
        target = _target(mirror) if mirror is not None else None
        if entry is not None and mirror is not None and mirror.status.phase == UNKNOWN:
            entry.target = target
            self._say_again(uid, entry, mirror.status)
        if entry is None or entry.target == target:
            return
        entry.target, entry.sent = target, own_part(mirror.status) if mirror is not None else _NOTHING
        self._queue.add(uid)

    def say_again(self, pod: Pod, status: PodStatus) -> None:
        """The API server shows a status that somebody else has written: put it right."""
        uid = pod.metadata.uid
        entry = self._entries.get(uid)
        if entry is None:
            self.set(pod, status)
        else:
            self._say_again(uid, entry, pod.status)

    def _say_again(self, uid: str, entry: _Entry, shown: PodStatus) -> None:
        entry.sent, entry.shown = own_part(shown), False
        if entry.wanted != entry.sent:
            self._queue.add(uid)

    def newest(self, uid: str) -> PodStatus | None:
        """Return what is or will be reported of a pod, ``None`` when the API server has shown all there is to say."""
        entry = self._entries.get(uid)
        return entry.wanted if entry is not None else None

    def deletion_due(self, uid: str) -> bool:
        """Whether a pod's last word has been said, so that it is deleted as soon as that is delivered."""
        entry = self._entries.get(uid)
        return entry is not None and entry.final

    @property
    def idle(self) -> bool:
        """Whether everything has been said."""
        waiting = self._queue.statistics()
        return not (waiting.ready or waiting.delayed or waiting.processing)

    def forget(self, uid: str) -> None:
        """The pod is gone: what was still to be said of it is of no use."""
        self._entries.pop(uid, None)
        self._queue.forget(uid)

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(), name="status-queue")
            for number in range(_WRITERS):
                group.create_task(self._write_all(), name=f"status-writer-{number}")

    async def _write_all(self) -> None:
        while True:
            uid = await self._queue.get()
            try:
                await self.step(uid)
            finally:
                self._queue.done(uid)

    async def step(self, uid: str) -> None:
        """Write what is to be said of one pod now; a try that fails is repeated later."""
        entry = self._entries.get(uid)
        if entry is None:
            return
        final, target = entry.final, entry.target
        if final and entry.ended is not None:
            # Its files are here: its end does not wait for an API server.
            entry.ended()
        if target is None:
            self._queue.forget(uid)
            return
        try:
            await self._write(entry, target, delete=final and entry.ended is None)
        except NotFound as error:
            # The pod is no more; the watch will say so.
            logger.debug("status of pod %s/%s has no taker: %s", target.namespace, target.name, error)
        except (StatusError, ConnectionFailed) as error:
            level = logging.INFO if isinstance(error, ConnectionFailed) else logging.WARNING
            logger.log(level, "status of pod %s/%s waits: %s", target.namespace, target.name, error)
            self._queue.add_rate_limited(uid)
            return
        self._queue.forget(uid)

    async def _write(self, entry: _Entry, target: _Target, *, delete: bool) -> None:
        wanted = entry.wanted
        if wanted != entry.sent:
            path = PODS.path(target.name, namespace=target.namespace, subresource="status")
            body = _patch(target.uid, to_wire(wanted), to_wire(entry.sent))
            await self._client.request("PATCH", path, body=body, content_type=PatchType.STRATEGIC.value)
            if entry.target == target:
                entry.sent = wanted
                self._forget_settled(target.uid, entry)
        if delete:
            await self._client.delete(
                PODS, target.name, namespace=target.namespace, grace_period_seconds=0, uid=target.uid
            )


def _target(pod: Pod) -> _Target:
    return _Target(pod.metadata.namespace, pod.metadata.name, pod.metadata.uid)


def _patch(uid: str, wanted: Mapping[str, Any], sent: Mapping[str, Any]) -> bytes:
    """Return the strategic merge patch that makes ``wanted`` of a status which was ``sent`` before.

    The uid keeps it from a pod that has been created anew under the same name.
    """
    status: dict[str, Any] = {**wanted, **{key: None for key in sent if key not in wanted}}
    # Conditions merge by their type, field by field: what they no longer say has to be taken back.
    before = {entry["type"]: entry for entry in sent.get("conditions", ())}
    status["conditions"] = [
        *(dict.fromkeys(before.pop(entry["type"], ())) | entry for entry in wanted.get("conditions", ())),
        *({"type": gone, "$patch": "delete"} for gone in before),
    ]
    for key in _REPLACED_LISTS:
        if key in wanted:
            status[key] = [{"$patch": "replace"}, *wanted[key]]
    return orjson.dumps({"metadata": {"uid": uid}, "status": status})
