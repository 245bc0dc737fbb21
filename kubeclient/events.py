"""Events: what a component did to an object and why, for ``kubectl describe`` and ``kubectl get events``.

Follows client-go's ``tools/record`` (v0.36): repeats of one event are folded into a count, and writing an event
never holds up or fails the work it tells about.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict, deque
from dataclasses import dataclass

from apimachinery.clock import rfc3339
from apimachinery.errors import NotFound, StatusError
from apimachinery.types.base import ObjectMeta, encode
from apimachinery.types.core import Event, EventSource, ObjectReference
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import EVENTS

logger = logging.getLogger(__name__)

NORMAL = "Normal"
WARNING = "Warning"

_REMEMBERED = 4096
_WAITING_LIMIT = 10_000
_WRITERS = 4
_TRIES = 12
_RETRY_SECONDS = 10.0


@dataclass(slots=True)
class _Written:
    """What is known of an event that was written before: its name and how often it has happened."""

    name: str
    namespace: str
    count: int


class EventRecorder:
    """Records events about objects; ``run()`` writes them.

    ``component`` is the source shown by kubectl (``kubelet``, ``default-scheduler``), ``host`` the node's name
    where there is one. Past 10,000 unwritten events new ones are dropped, with a line in the log.
    """

    def __init__(self, client: Client, component: str, host: str = "") -> None:
        self._client = client
        self._component = component
        self._host = host
        self._waiting: deque[tuple[ObjectReference, str, str, str]] = deque()
        self._arrived = asyncio.Event()
        self._written: OrderedDict[tuple[str, ...], _Written] = OrderedDict()
        self._sequence = 0
        self._dropped = 0

    def event(self, about: ObjectReference, kind: str, reason: str, message: str) -> None:
        """Note that something happened; ``kind`` is ``Normal`` or ``Warning``. Never blocks, never raises."""
        if len(self._waiting) >= _WAITING_LIMIT:
            self._dropped += 1
            if self._dropped == 1:
                logger.warning("more than %d events wait to be written: dropping new ones", _WAITING_LIMIT)
            return
        self._waiting.append((about, kind, reason, message))
        self._arrived.set()

    async def run(self) -> None:
        """Write what was noted, oldest first per writer, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(_WRITERS):
                group.create_task(self._write_all(), name=f"event-writer-{number}")

    async def _write_all(self) -> None:
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            await self._write_with_retries(*self._waiting.popleft())

    async def _write_with_retries(self, about: ObjectReference, kind: str, reason: str, message: str) -> None:
        for _ in range(_TRIES):
            try:
                await self._write(about, kind, reason, message)
                return
            except ConnectionFailed as error:
                logger.debug("event %s of %s waits: %s", reason, about.name, error)
            except StatusError as error:
                # Refused for good: the namespace is going away, the object's name is odd, …
                logger.debug("event %s of %s was refused: %s", reason, about.name, error)
                return
            await self._client.clock.sleep(_RETRY_SECONDS)

    async def _write(self, about: ObjectReference, kind: str, reason: str, message: str) -> None:
        identity = (about.kind, about.namespace, about.name, about.uid, about.field_path, kind, reason, message)
        known = self._written.get(identity)
        if known is not None:
            self._written.move_to_end(identity)
            known.count += 1
            try:
                await self._client.patch(
                    EVENTS,
                    known.name,
                    {"count": known.count, "lastTimestamp": rfc3339(self._client.clock.now())},
                    namespace=known.namespace,
                )
                return
            except NotFound:
                del self._written[identity]
        event = self._new_event(about, kind, reason, message)
        self._written[identity] = _Written(event.metadata.name, event.metadata.namespace, 1)
        while len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)
        # Not `create`: nobody looks at the answer, and reading it costs as much as writing the event does.
        await self._client.request("POST", EVENTS.path(namespace=event.metadata.namespace), body=encode(event))

    def _new_event(self, about: ObjectReference, kind: str, reason: str, message: str) -> Event:
        now = self._client.clock.now()
        self._sequence += 1
        # The name only has to be unique: upstream appends the time in hexadecimal nanoseconds.
        unique = hashlib.blake2s(
            f"{self._component}/{self._host}/{now.isoformat()}/{self._sequence}".encode(), digest_size=8
        ).hexdigest()
        return Event(
            # Events about what has no namespace live in "default".
            metadata=ObjectMeta(name=f"{about.name[:236]}.{unique}", namespace=about.namespace or "default"),
            involved_object=about,
            reason=reason,
            message=message[:1024],
            source=EventSource(component=self._component, host=self._host),
            first_timestamp=now,
            last_timestamp=now,
            count=1,
            type=kind,
            reporting_component=self._component,
            reporting_instance=self._host,
        )
