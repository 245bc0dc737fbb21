"""Pods that have a node and wait for a Permit plugin to let them be bound."""

import asyncio
from collections.abc import Mapping

from apimachinery.clock import Clock
from apimachinery.duration import go_duration
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SUCCESS, Code, Status


class WaitingPod:
    """One such pod; it goes on when every plugin that made it wait has allowed it, and back when one rejects it.

    Follows upstream's ``pkg/scheduler/framework/runtime/waiting_pods_map.go`` (v1.36).
    """

    def __init__(self, pod: PodInfo, timeouts: Mapping[str, float], clock: Clock) -> None:
        self.pod = pod
        self._clock = clock
        now = clock.monotonic()
        self._deadlines = {plugin: (now + seconds, seconds) for plugin, seconds in timeouts.items()}
        self._status: Status | None = None
        self._decided = asyncio.Event()

    @property
    def pending_plugins(self) -> list[str]:
        """Return the plugins that have not allowed it yet."""
        return list(self._deadlines)

    def allow(self, plugin: str) -> None:
        """Have one plugin agree; the last one to agree sets the pod on its way."""
        self._deadlines.pop(plugin, None)
        if not self._deadlines:
            self._decide(SUCCESS)

    def reject(self, plugin: str, message: str) -> None:
        """Turn the pod down: it counts as unschedulable, and waits for the events that ``plugin`` registered for."""
        self._decide(Status(Code.UNSCHEDULABLE, (message,), plugin))

    def preempt(self, plugin: str, message: str) -> None:
        """Take the pod's node away without turning it down: it is tried again after a back-off."""
        self._decide(Status(Code.ERROR, (message,), plugin))

    def _decide(self, status: Status) -> None:
        if self._status is None:
            self._status = status
            self._decided.set()

    async def decided(self) -> Status:
        """Return what was decided, waiting for it; a plugin that says nothing in its time has rejected the pod."""
        while self._status is None:
            plugin, (deadline, seconds) = min(self._deadlines.items(), key=lambda entry: entry[1])
            try:
                async with self._clock.timeout(max(0.0, deadline - self._clock.monotonic())):
                    await self._decided.wait()
            except TimeoutError:
                if plugin in self._deadlines:
                    waited = go_duration(seconds)
                    self.reject(plugin, f"rejected due to timeout after waiting {waited} at plugin {plugin}")
        return self._status


class WaitingPods:
    """All of them, by uid."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pods: dict[str, WaitingPod] = {}

    def __len__(self) -> int:
        return len(self._pods)

    def all(self) -> list[WaitingPod]:
        return list(self._pods.values())

    def get(self, uid: str) -> WaitingPod | None:
        return self._pods.get(uid)

    def add(self, pod: PodInfo, timeouts: Mapping[str, float]) -> None:
        """Have a pod wait for each of these plugins, as many seconds as it names."""
        self._pods[pod.uid] = WaitingPod(pod, timeouts, self._clock)

    def reject(self, uid: str, message: str) -> bool:
        """Turn a waiting pod down in nobody's name; return whether it was waiting."""
        waiting = self._pods.get(uid)
        if waiting is None:
            return False
        waiting.reject("", message)
        return True

    async def wait(self, uid: str) -> Status:
        """Return what the plugins decide about a pod; at once for one that nobody makes wait."""
        waiting = self._pods.get(uid)
        if waiting is None:
            return SUCCESS
        try:
            return await waiting.decided()
        finally:
            del self._pods[uid]
