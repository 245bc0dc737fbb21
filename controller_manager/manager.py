"""Runs controllers: shared caches in, one work queue and a few workers for each."""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apimachinery.errors import Conflict, StatusError
from apimachinery.tasks import guard
from controller_manager.controller import Constructor, Context, Controller
from controller_manager.informers import Informers
from controller_manager.settings import Settings
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.events import EventRecorder
from kubeclient.workqueue import QueueStatistics, WorkQueue

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ControllerStatistics:
    """``reconciled`` and ``failed`` count keys since the start, ``seconds`` is the time spent on them."""

    reconciled: int
    failed: int
    seconds: float
    queue: QueueStatistics


class Loop:
    """One controller with its queue and workers."""

    def __init__(self, name: str, controller: Controller[Any], queue: WorkQueue[Any], client: Client) -> None:
        self.name = name
        self._controller = controller
        self._queue = queue
        self._clock = client.clock
        self._reconciled = 0
        self._failed = 0
        self._seconds = 0.0

    async def run(self) -> None:
        """Hand keys to workers until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(guard(self._queue.run(), f"{self.name}: queue"), name=f"{self.name}-queue")
            for number in range(self._controller.workers):
                group.create_task(guard(self._work(), f"{self.name}: worker"), name=f"{self.name}-{number}")

    async def _work(self) -> None:
        while True:
            await self.step()

    async def step(self) -> None:
        """Wait for a key and reconcile it; what goes wrong has it tried again later."""
        key = await self._queue.get()
        began = self._clock.monotonic()
        try:
            await self._reconcile(key)
        finally:
            self._seconds += self._clock.monotonic() - began
            self._queue.done(key)

    async def _reconcile(self, key: Any) -> None:
        try:
            result = await self._controller.reconcile(key)
        except Exception as error:
            # A bug that one object brings out must not stop the work on all others.
            self._failed += 1
            self._queue.add_rate_limited(key)
            self._log(key, error)
            return
        self._reconciled += 1
        self._queue.forget(key)
        if result is not None:
            self._queue.add_after(key, result.requeue_after)

    def _log(self, key: Any, error: Exception) -> None:
        if isinstance(error, (Conflict, ConnectionFailed)):
            # Somebody else was faster, or the server is away, which the informers tell already.
            logger.debug("%s: %s is tried again: %s", self.name, key, error)
        elif isinstance(error, StatusError):
            logger.info("%s: %s is tried again: %s", self.name, key, error)
        else:
            logger.error("%s: %s failed and is tried again", self.name, key, exc_info=error)

    def statistics(self) -> ControllerStatistics:
        return ControllerStatistics(self._reconciled, self._failed, self._seconds, self._queue.statistics())


class Manager:
    """All enabled controllers against one API server; ``run()`` does the work until cancelled."""

    def __init__(self, client: Client, settings: Settings, constructors: Mapping[str, Constructor]) -> None:
        self._client = client
        self._informers = Informers(client, random.Random(settings.seed))
        self._recorders: dict[str, EventRecorder] = {}
        self._loops: list[Loop] = []
        for name, construct in constructors.items():
            queue: WorkQueue[Any] = WorkQueue(client.clock)
            context = Context(client, self._informers, queue, self._recorder, settings)
            self._loops.append(Loop(name, construct(context), queue, client))

    def _recorder(self, component: str) -> EventRecorder:
        if component not in self._recorders:
            self._recorders[component] = EventRecorder(self._client, component)
        return self._recorders[component]

    @property
    def synced(self) -> bool:
        """Whether all caches have been filled: before, no key is looked at."""
        return self._informers.synced

    def statistics(self) -> dict[str, ControllerStatistics]:
        """Return each controller's figures by its name."""
        return {loop.name: loop.statistics() for loop in self._loops}

    async def run(self) -> None:
        """Fill the caches, then let the controllers work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(guard(self._informers.run(), "informers"), name="informers")
            for component, recorder in self._recorders.items():
                group.create_task(guard(recorder.run(), f"events of {component}"), name=f"events-{component}")
            await self._informers.wait_synced()
            logger.info("running %s over %s", [loop.name for loop in self._loops], self._informers.statistics())
            for loop in self._loops:
                group.create_task(guard(loop.run(), loop.name), name=loop.name)
