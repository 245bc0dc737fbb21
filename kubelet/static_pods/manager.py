"""The static pods of one node: from files that come, change and go to pods that run."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apimachinery.clock import Clock
from apimachinery.types.pod import Pod
from kubeclient.events import WARNING, EventRecorder
from kubelet.node import node_reference
from kubelet.pod_workers import PodWorkers
from kubelet.static_pods.folder import Found, ManifestFolder
from kubelet.static_pods.manifest import StaticPod
from kubelet.static_pods.mirrors import MirrorPods
from kubelet.status_manager import StatusManager

logger = logging.getLogger(__name__)


class StaticPods:
    """Runs what the manifest files say.

    :meth:`sync` reads the files and acts on what they say; ``run()`` does that at each change. A changed file is
    another pod of the same name: the old one is stopped, with its grace period, and then the new one is started.
    """

    def __init__(
        self,
        folder: ManifestFolder,
        *,
        node_name: str,
        workers: PodWorkers,
        statuses: StatusManager,
        mirrors: MirrorPods,
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._folder = folder
        # The reference of a node carries its name for a uid, as upstream's kubelet has it.
        self._node = node_reference(node_name)
        self._workers = workers
        self._statuses = statuses
        self._mirrors = mirrors
        self._recorder = recorder
        self._clock = clock
        self._files: dict[str, StaticPod] = {}
        self._faults: dict[str, str] = {}
        self._wanted: dict[str, StaticPod] = {}
        self._running: dict[str, StaticPod] = {}
        self._ending: set[str] = set()
        workers.on_gone(self._note_gone)

    async def run(self) -> None:
        """Follow the files until cancelled."""
        async for all_due in self._folder.changes():
            self.sync(forget_broken=all_due)

    def sync(self, *, forget_broken: bool = True) -> None:
        """Bring the pods in line with the files.

        The pod of a file that cannot be read any more goes on unless ``forget_broken``: it may just be being written.
        """
        found = self._folder.read()
        self._note_faults(found)
        kept = {} if forget_broken else {file: pod for file, pod in self._files.items() if file in found.faults}
        self._files = {**found.pods, **kept}
        self._wanted = {}
        for file, pod in sorted(self._files.items()):
            first = self._wanted.setdefault(pod.key, pod)
            if first is not pod:
                self._complain(file, f"pod {pod.key} is described by {first.file} already")
        self._reconcile()

    def _note_faults(self, found: Found) -> None:
        for file, fault in found.faults.items():
            self._complain(file, fault)
        self._faults = {file: fault for file, fault in self._faults.items() if file not in found.pods}

    def _complain(self, file: str, fault: str) -> None:
        """Say once what is wrong with a file."""
        if self._faults.get(file) == fault:
            return
        self._faults[file] = fault
        message = f"Could not process manifest file {file}: {fault}"
        logger.error("%s", message)
        self._recorder.event(self._node, WARNING, "InvalidStaticPod", message)

    def _reconcile(self) -> None:
        for key, running in self._running.items():
            wanted = self._wanted.get(key)
            if (wanted is None or wanted.uid != running.uid) and running.uid not in self._ending:
                self._ending.add(running.uid)
                self._workers.on_pod(running.run, deleted(running.run, self._clock.now()))
        for key, wanted in self._wanted.items():
            if key not in self._running:
                self._running[key] = wanted
                self._statuses.keep_here(wanted.run, self._forgetter(wanted.run))
                self._workers.on_pod(None, wanted.run)
        self._mirrors.show(self._running.values())

    def _forgetter(self, pod: Pod) -> Callable[[], None]:
        return lambda: self._workers.on_pod(pod, None)

    def _note_gone(self, uid: str) -> None:
        """Nothing of a pod is left on the node: its successor, if any, can start."""
        for key, running in list(self._running.items()):
            if running.uid == uid:
                self._ending.discard(uid)
                del self._running[key]
                self._reconcile()


def deleted(pod: Pod, now: datetime) -> Pod:
    """Return a pod as the API server would show it once it is to go, with the grace period that it asks for."""
    gone = pod.model_copy(deep=True)
    grace = pod.spec.termination_grace_period_seconds
    gone.metadata.deletion_grace_period_seconds = grace
    gone.metadata.deletion_timestamp = now.replace(microsecond=0) + timedelta(seconds=grace)
    return gone
