"""Objects that take a step whenever something has changed or is due, and cost no task in between."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine

from apimachinery.clock import Clock
from apimachinery.flag import Flag


class Stepping(ABC):
    """Something of which there are thousands, most of them at rest: it takes steps for as long as there is a reason.

    :meth:`wake` and :meth:`wake_in` give reasons, and never block; reasons that come while a step is taken lead to one
    more. The task that takes the steps belongs to ``group``, as do those of :meth:`spawn`, and ends when there is
    neither a reason nor a moment to wait for.
    """

    __slots__ = ("_beside", "_clock", "_due", "_group", "_woken", "_working")

    def __init__(self, group: asyncio.TaskGroup, clock: Clock) -> None:
        self._group = group
        self._clock = clock
        self._woken = Flag()
        self._due: float | None = None
        self._working = False
        self._beside: set[asyncio.Task[None]] | None = None

    @abstractmethod
    async def step(self) -> bool:
        """Do what there is to do; return whether that was the last step. Must not raise."""

    @abstractmethod
    def ended(self) -> None:
        """The last step has been taken, and everything that was spawned has ended."""

    @abstractmethod
    def task_name(self) -> str:
        """Return what the task is called."""

    def wake(self) -> None:
        """Something may have changed: take a step."""
        self._woken.set()
        if not self._working:
            self._working = True
            self._group.create_task(self._work(), name=self.task_name())

    def wake_in(self, seconds: float) -> None:
        """Take a step after so many seconds; only while one is being taken. Any later step forgets of it."""
        due = self._clock.monotonic() + seconds
        self._due = due if self._due is None else min(self._due, due)

    def spawn(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        """Do something beside the steps."""
        task = self._group.create_task(work, name=name)
        if self._beside is None:
            self._beside = set()
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task

    async def _work(self) -> None:
        while self._woken.is_set() or self._due is not None:
            await self._until_reason()
            self._woken.clear()
            self._due = None
            if await self.step():
                if self._beside:
                    await asyncio.wait(self._beside)
                self.ended()
                # Nothing begins anew after that.
                return
        self._working = False

    async def _until_reason(self) -> None:
        if self._due is None or self._woken.is_set():
            return
        try:
            async with self._clock.timeout(max(0.0, self._due - self._clock.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            return
