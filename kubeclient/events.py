"""Events: what a component did to an object and why, for ``kubectl describe`` and ``kubectl get events``.

Follows client-go's ``tools/record`` (v0.36): repeats of one event are folded into a count, what is worth writing is
decided by :mod:`~kubeclient.event_correlator`, and writing an event never holds up or fails the work it tells about:
all recorders of a client take turns, and write one event at a time, when nothing else is under way. Hundreds of pods
that start at once are not kept waiting by what is told of them.
"""

import asyncio
import hashlib
import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import NotFound, StatusError
from apimachinery.types.base import to_wire
from apimachinery.types.core import Event, ObjectReference
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.event_correlator import REMEMBERED, Correlated, EventCorrelator, Identity, Recent
from kubeclient.resources import EVENTS

logger = logging.getLogger(__name__)

NORMAL = "Normal"
WARNING = "Warning"

MESSAGE_LIMIT = 1024
_WAITING_LIMIT = 10_000
_MANY_WAITING = _WAITING_LIMIT // 2
"""From this many unwritten events on the next one does not wait for a lull any more."""
_LULL_SECONDS = 1.0
_TRIES = 12
_RETRY_SECONDS = 10.0


@dataclass(slots=True)
class _Written:
    """What is known of an event that was written before: its name and how often it has happened."""

    name: str
    namespace: str
    count: int = 1


class _Noted(NamedTuple):
    """An event that waits to be written: what it is about, what happened at which moment, and what is written of it."""

    about: ObjectReference
    kind: str
    reason: str
    at: datetime
    what: Correlated


class EventRecorder:
    """Records events about objects; ``run()`` writes them.

    ``component`` is the source shown by kubectl (``kubelet``, ``default-scheduler``), ``host`` the node's name
    where there is one. Past 10,000 unwritten events new ones are dropped, with a line in the log.
    """

    def __init__(self, client: Client, component: str, host: str = "") -> None:
        self._client = client
        self._component = component
        self._host = host
        self._waiting: deque[_Noted] = deque()
        self._arrived = asyncio.Event()
        self._correlator = EventCorrelator(client.clock)
        self._written: Recent[Identity, _Written] = Recent(REMEMBERED)
        self._sequence = 0
        self._dropped = 0

    def event(self, about: ObjectReference, kind: str, reason: str, message: str) -> None:
        """Note that something happened; ``kind`` is ``Normal`` or ``Warning``. Never blocks, never raises."""
        correlated = self._correlator.correlate(about, kind, reason, message)
        if correlated.skipped:
            known = self._written.get(correlated.identity)
            if known is not None:
                known.count += 1
            return
        if len(self._waiting) >= _WAITING_LIMIT:
            self._dropped += 1
            if self._dropped == 1:
                logger.warning("more than %d events wait to be written: dropping new ones", _WAITING_LIMIT)
            return
        self._waiting.append(_Noted(about, kind, reason, self._client.clock.now(), correlated))
        self._arrived.set()

    async def run(self) -> None:
        """Write what was noted, oldest first, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                await self._write_with_retries(self._waiting.popleft())

    async def _write_with_retries(self, noted: _Noted) -> None:
        for _ in range(_TRIES):
            try:
                async with self._client.background(_LULL_SECONDS if len(self._waiting) < _MANY_WAITING else 0):
                    await self._write(noted)
                return
            except ConnectionFailed as error:
                logger.debug("event %s of %s waits: %s", noted.reason, noted.about.name, error)
            except StatusError as error:
                # Refused for good: the namespace is going away, the object's name is odd, …
                logger.debug("event %s of %s was refused: %s", noted.reason, noted.about.name, error)
                return
            await self._client.clock.sleep(_RETRY_SECONDS)

    async def _write(self, noted: _Noted) -> None:
        identity = noted.what.identity
        known = self._written.get(identity)
        if known is not None:
            known.count += 1
            if await self._update(known, noted):
                return
        event = self._new_event(noted)
        meta = event["metadata"]
        # Not `create`: nobody looks at the answer, and reading it costs as much as writing the event does.
        await self._client.request("POST", EVENTS.path(namespace=meta["namespace"]), body=orjson.dumps(event))
        self._written.put(identity, _Written(meta["name"], meta["namespace"]))

    async def _update(self, known: _Written, noted: _Noted) -> bool:
        """Write the count of an event; return whether it was still there."""
        patch = {
            "count": known.count,
            "lastTimestamp": rfc3339(noted.at),
            "message": noted.what.message[:MESSAGE_LIMIT],
        }
        try:
            await self._client.patch(EVENTS, known.name, patch, namespace=known.namespace)
        except NotFound:
            self._written.drop(noted.what.identity)
            return False
        return True

    def _new_event(self, noted: _Noted) -> dict[str, Any]:
        """Return an Event as JSON: making a model of it first would take much longer."""
        about = noted.about
        self._sequence += 1
        # The name only has to be unique: upstream appends the time in hexadecimal nanoseconds.
        unique = hashlib.blake2s(
            f"{self._component}/{self._host}/{noted.at.isoformat()}/{self._sequence}".encode(), digest_size=8
        ).hexdigest()
        at, component, host = rfc3339(noted.at), self._component, self._host
        return {
            "apiVersion": Event.API_VERSION,
            "kind": Event.KIND,
            # Events about what has no namespace live in "default".
            "metadata": {"name": f"{about.name[:236]}.{unique}", "namespace": about.namespace or "default"},
            "involvedObject": to_wire(about),
            "reason": noted.reason,
            "message": noted.what.message[:MESSAGE_LIMIT],
            "source": {"component": component, "host": host} if host else {"component": component},
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
            "type": noted.kind,
            "reportingComponent": component,
            "reportingInstance": host,
        }
