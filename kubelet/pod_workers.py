"""Who has a pod worker: every pod that is bound to the node, from first sight until nothing of it is left."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from apimachinery.types.core import object_reference
from apimachinery.types.pod import UNKNOWN, Pod, PodCondition
from componentbase.garbage import Departures
from kubeclient.events import WARNING
from kubelet.node_admission import Refusal
from kubelet.pod_state import taken_up_state
from kubelet.pod_worker import PodWorker
from kubelet.runtime import ContainerEvent, ContainerRuntime, EventType, PortMapped, SandboxStatus
from kubelet.server.served import SeenPod
from kubelet.services import Services
from kubelet.stages import Stage

logger = logging.getLogger(__name__)


class PodWorkers:
    """Starts a worker for each pod, and passes on what concerns it.

    ``group`` owns the workers' tasks. Give :meth:`on_pod` to the informer; ``run()`` follows the runtime's events.
    """

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._services: Services | None = None
        self._workers: dict[str, PodWorker] = {}
        self._found: dict[str, list[SandboxStatus]] = {}
        """The sandboxes that were there before the first pod, by their pods' uids, until all pods have been seen."""
        self._gone: list[Callable[[str], None]] = []
        # One and the same for all: a bound method each would be one more object for each pod.
        self._forget_it = self._forget
        self._departures = Departures()
        self._admission: Callable[[Pod], Refusal | None] = lambda pod: None

    def __len__(self) -> int:
        return len(self._workers)

    def use(self, services: Services) -> None:
        """Set what workers work with; before the first pod."""
        self._services = services
        for sandbox in services.runtime.list_pod_sandboxes():
            self._found.setdefault(sandbox.config.uid, []).append(sandbox)

    def on_gone(self, note: Callable[[str], None]) -> None:
        """Call ``note`` with the uid of each pod of which nothing is left."""
        self._gone.append(note)

    def admit_by(self, decide: Callable[[Pod], Refusal | None]) -> None:
        """Ask ``decide`` about each pod that is new; one that it refuses is never started, and has failed."""
        self._admission = decide

    def on_pod(self, old: Pod | None, new: Pod | None) -> None:
        """Take note of what the informer saw."""
        if new is None:
            worker = self._workers.get(old.metadata.uid) if old is not None else None
            if worker is not None:
                worker.vanish()
            return
        worker = self._workers.get(new.metadata.uid)
        if worker is not None:
            worker.update(new)
            if new.status.phase == UNKNOWN and self._services is not None:
                # The node was given up meanwhile, though what it has to say of the pod has not changed.
                worker.say_again()
            return
        if self._services is None:
            raise RuntimeError("pods came before the services for their workers")
        uid = new.metadata.uid
        state = taken_up_state(new, self._found.pop(uid, ()), self._services.runtime, self._services.clock.now())
        worker = PodWorker(new, state, self._services, group=self._group, gone=self._forget_it)
        self._workers[uid] = worker
        refusal = self._admission(new) if worker.stage is Stage.RUNNING else None
        if refusal is not None:
            self._services.recorder.event(object_reference(new), WARNING, refusal.reason, refusal.message)
            worker.reject(refusal.reason, f"Pod was rejected: {refusal.message}")
        worker.wake()

    def wake(self, uid: str) -> None:
        """Something about a pod may have changed."""
        worker = self._workers.get(uid)
        if worker is not None:
            worker.wake()

    def evict(
        self, uid: str, reason: str, message: str, *, grace: float | None = None, condition: PodCondition | None = None
    ) -> bool:
        """End a pod as :meth:`PodWorker.evict` does; return whether the node has it."""
        worker = self._workers.get(uid)
        if worker is None:
            return False
        worker.evict(reason, message, grace=grace, condition=condition)
        return True

    async def remove_orphans(self, runtime: ContainerRuntime) -> None:
        """Remove what the runtime has of pods that went while nobody looked; once all there are have been told of."""
        assert self._services is not None
        self._found.clear()
        for sandbox in list(runtime.list_pod_sandboxes()):
            uid = sandbox.config.uid
            if uid not in self._workers:
                logger.info("removing what is left of pod %s/%s", sandbox.config.namespace, sandbox.config.name)
                await runtime.remove_pod_sandbox(sandbox.id)
                self._services.volumes.tear_down(uid)

    def active(self) -> list[SeenPod]:
        """Return the pods that have not come to their end."""
        return [worker.seen() for worker in self._workers.values() if worker.stage is Stage.RUNNING]

    def active_uids(self) -> set[str]:
        return {uid for uid, worker in self._workers.items() if worker.stage is Stage.RUNNING}

    def port_mapped(self, mapped: PortMapped) -> None:
        """Tell the pod's readers that one of its ports is another on this machine."""
        worker = self._workers.get(mapped.pod_uid)
        if worker is not None:
            worker.events.port_mapped(mapped)

    def find(self, namespace: str, name: str) -> SeenPod | None:
        """Return a pod that has not left the node yet."""
        for worker in self._workers.values():
            if worker.is_for(namespace, name):
                return worker.seen()
        return None

    def seen(self) -> Sequence[SeenPod]:
        """Return all pods that have not left the node yet."""
        return [worker.seen() for worker in self._workers.values()]

    def _forget(self, uid: str) -> None:
        del self._workers[uid]
        self._departures.note(len(self._workers))
        for note in self._gone:
            note(uid)

    async def run(self, runtime: ContainerRuntime) -> None:
        """Wake workers when containers or sandboxes end, until cancelled."""
        async with runtime.events() as events:
            async for event in events:
                # What workers do themselves they know already.
                if event.type is EventType.STOPPED:
                    self.wake(event.pod_uid)
                elif event.type is EventType.STARTED:
                    self._count(event)

    def _count(self, event: ContainerEvent) -> None:
        assert self._services is not None
        if event.container_id == event.sandbox_id:
            self._services.metrics.started_pods += 1
        else:
            self._services.metrics.started_containers += 1
