"""The volumes of one node's pods: set up, kept up to date, taken down (``pkg/kubelet/volumemanager``, v1.36)."""

import asyncio
import contextlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache

from apimachinery.types.core import object_reference
from apimachinery.types.pod import Container, Pod
from apimachinery.types.volumes import Volume
from kubeclient.backoff import Backoff
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubelet.environment import UNREADABLE_ENV_FILE, ConfigError, VolumeFile, file_volumes
from kubelet.few import NONE, Few, put, without
from kubelet.pods import all_containers
from kubelet.runtime import Device, Mount
from kubelet.volumes import block, empty_dir, sources
from kubelet.volumes.faults import DeviceFault, NotYet, Unprocessed, VolumeFault
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.mounts import container_mounts
from kubelet.volumes.paths import pod_directory

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 122.0
"""How soon a volume that could not be set up is tried again: the first pause, doubled from time to time up to this."""

FIRST_LOOK_SECONDS = 0.1
UNPROCESSED_RETRY_SECONDS = 10.0
"""How soon it is looked again for what is not there to be set up. What others are at work on is looked for after the
first, doubled from time to time, and missed in an event once the pauses have come to the second."""

FAILED_MOUNT = "FailedMount"
FAILED_MAP = "FailedMapVolume"
SUCCESSFUL_MOUNT = "SuccessfulMountVolume"
"""The reasons of events (``pkg/kubelet/events``, v1.36)."""

PATIENCE_SECONDS = 123.0
"""How long a pod waits for its volumes before it says so in an event, and goes on waiting."""

_BATCH = 64
"""After how many rewritten volumes others get their turn."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pod's volumes are. ``faults`` are what has gone wrong this time, reason and message of an event each;
    ``retry_after`` is in seconds, 0 when there is nothing to be tried again."""

    ready: bool
    faults: tuple[tuple[str, str], ...] = ()
    retry_after: float = 0.0


_READY = Progress(ready=True)


@dataclass(slots=True)
class _Retry:
    backoff: Backoff
    due: float


@dataclass(slots=True)
class _PodVolumes:
    pod: Pod
    mounted: MutableMapping[str, sources.Mounted] = field(default_factory=Few)
    retries: Mapping[str, _Retry] = field(default_factory=lambda: NONE)
    waiting_since: float | None = None
    ready_for: tuple[int, ...] | None = None
    """Whom everything is there for, as :func:`_users` tells; a container may be added to a pod."""

    stale: bool = False
    """Something has changed while its volumes were being set up."""


class Volumes:
    """Sets up the volumes of pods, follows what they are made from, and takes them down; ``run()`` does the following.

    ``sync_frequency`` is every how many seconds tokens are looked at, and files that could not be brought up to date
    are tried again.
    """

    def __init__(self, host: VolumeHost, recorder: EventRecorder, *, sync_frequency: float = 60.0) -> None:
        self._host = host
        self._clock = host.clock
        self._recorder = recorder
        self._sync_frequency = sync_frequency
        self._pods: dict[str, _PodVolumes] = {}
        self._dirty: dict[str, None] = {}
        self._failed: set[str] = set()
        self._stirred = asyncio.Event()
        self._next_sync = self._clock.monotonic() + sync_frequency

    # Setting up

    async def set_up(self, pod: Pod) -> Progress:
        """Make ready what of a pod's volumes is not; what failed before is tried again when its time has come."""
        uid = pod.metadata.uid
        state = self._pods.get(uid)
        if not pod.spec.volumes or (state is not None and state.ready_for == _users(pod)):
            return _READY
        if state is None:
            state = self._pods[uid] = _PodVolumes(pod)
        state.pod = pod
        faults: list[tuple[str, str]] = []
        unprocessed: dict[str, str] = {}
        for volume in used_volumes(pod):
            if volume.name in state.mounted or not self._due(state, volume.name):
                continue
            try:
                mounted = await sources.set_up(self._host, pod, volume)
            except NotYet as fault:
                pause = self._retry(state, volume.name, FIRST_LOOK_SECONDS, UNPROCESSED_RETRY_SECONDS)
                if pause >= UNPROCESSED_RETRY_SECONDS:
                    unprocessed[volume.name] = str(fault)
            except Unprocessed as fault:
                unprocessed[volume.name] = str(fault)
                self._retry(state, volume.name, UNPROCESSED_RETRY_SECONDS, UNPROCESSED_RETRY_SECONDS)
            except (VolumeFault, OSError) as fault:
                faults.append(_set_up_failed(volume, fault))
                self._retry(state, volume.name, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS)
            else:
                state.retries = without(state.retries, volume.name)
                state.mounted[volume.name] = mounted
                for message in block.successes(mounted.path) if mounted.device else ():
                    self._recorder.event(object_reference(pod), NORMAL, SUCCESSFUL_MOUNT, message)
            if self._pods.get(uid) is not state:
                # Taken down meanwhile.
                self._remove_files(uid)
                return Progress(ready=False)
        return self._progress(state, faults, unprocessed)

    def _due(self, state: _PodVolumes, name: str) -> bool:
        retry = state.retries.get(name)
        return retry is None or retry.due <= self._clock.monotonic()

    def _retry(self, state: _PodVolumes, name: str, first: float, longest: float) -> float:
        """Have a volume tried again, and return after how many seconds."""
        known = state.retries.get(name)
        backoff = known.backoff if known is not None else Backoff(initial=first, limit=longest)
        pause = backoff.next()
        state.retries = put(state.retries, name, _Retry(backoff, self._clock.monotonic() + pause))
        return pause

    def _progress(self, state: _PodVolumes, faults: list[tuple[str, str]], unprocessed: Mapping[str, str]) -> Progress:
        missing = [volume.name for volume in used_volumes(state.pod) if volume.name not in state.mounted]
        if not missing:
            state.waiting_since, state.ready_for = None, _users(state.pod)
            if state.stale:
                self._mark(state.pod.metadata.uid)
            return _READY
        now = self._clock.monotonic()
        if unprocessed:
            about = not_mounted(missing, list(unprocessed), "; ".join(unprocessed.values()))
            faults.append((FAILED_MOUNT, about))
        if state.waiting_since is None:
            state.waiting_since = now
        elif now - state.waiting_since >= PATIENCE_SECONDS:
            state.waiting_since = now
            faults.append((FAILED_MOUNT, not_mounted(missing, [], "context deadline exceeded")))
        due = min(state.retries[name].due for name in missing if name in state.retries)
        return Progress(ready=False, faults=tuple(faults), retry_after=max(0.0, due - now))

    def mounts(self, pod: Pod, container: Container, env: Mapping[str, str]) -> tuple[Mount, ...]:
        """Return where a container sees which folder or file; ``env`` is for ``subPathExpr``.

        Raises :class:`~kubelet.environment.ConfigError` for a mount that cannot be.
        """
        state = self._pods.get(pod.metadata.uid)
        return container_mounts(self._host.files, container, env, state.mounted if state is not None else {})

    def devices(self, pod: Pod, container: Container) -> tuple[Device, ...]:
        """Return the devices that a container has; raise :class:`~kubelet.environment.ConfigError`."""
        if not container.volume_devices:
            return ()
        state = self._pods.get(pod.metadata.uid)
        mounted = state.mounted.items() if state is not None else ()
        links = {name: (volume.path, volume.read_only) for name, volume in mounted if volume.device}
        return block.container_devices(container, links)

    def read(self, pod: Pod, volume: str, path: str) -> VolumeFile:
        """Return a file of a volume for the kubelet's own use; links lead nowhere out of the volume.

        Raises :class:`~kubelet.environment.ConfigError`.
        """
        state = self._pods.get(pod.metadata.uid)
        mounted = state.mounted.get(volume) if state is not None else None
        if mounted is None:
            raise ConfigError(f'cannot find the volume "{volume}" referenced by FileKeyRef')
        try:
            content = self._host.files.read_inside(mounted.path, path)
        except OSError as error:
            raise ConfigError(UNREADABLE_ENV_FILE) from error
        return VolumeFile(f"{mounted.path}/{path}", content)

    def usage(self, pod: Pod) -> dict[str, int]:
        """Return how many bytes are in each of a pod's ``emptyDir`` volumes."""
        state = self._pods.get(pod.metadata.uid)
        mounted = state.mounted if state is not None else {}
        return {
            volume.name: self._host.files.tree_size(mounted[volume.name].path)
            for volume in pod.spec.volumes
            if volume.name in mounted and empty_dir.is_empty_dir(volume)
        }

    def sizes(self, pod: Pod) -> dict[str, int]:
        """Return how many bytes are in each of a pod's mounted volumes, but those of the node's own paths."""
        state = self._pods.get(pod.metadata.uid)
        mounted = state.mounted if state is not None else {}
        return {
            volume.name: self._host.files.tree_size(found.path)
            for volume in pod.spec.volumes
            if (found := mounted.get(volume.name)) and found.path and not found.device and volume.host_path is None
        }

    # Keeping up to date

    def pod_changed(self, pod: Pod) -> None:
        """The API server has a newer version of a pod: what its volumes tell of it is brought up to date."""
        state = self._pods.get(pod.metadata.uid)
        if state is None:
            return
        old, state.pod = state.pod, pod
        before, after = old.metadata, pod.metadata
        if (before.labels, before.annotations, before.generation) != (
            after.labels,
            after.annotations,
            after.generation,
        ):
            self._mark(pod.metadata.uid)

    def source_changed(self, uid: str) -> None:
        """A ConfigMap or Secret of a pod has changed, appeared or gone."""
        self._mark(uid)

    def _mark(self, uid: str) -> None:
        self._dirty[uid] = None
        self._stirred.set()

    async def run(self) -> None:
        """Keep what is in volumes up to date until cancelled."""
        self._host.sources.on_change(self.source_changed)
        try:
            while True:
                await self._until_stirred()
                await self.step()
        finally:
            self._host.sources.remove_handler(self.source_changed)
            for uid in self._pods:
                self._host.sources.release(uid)

    async def _until_stirred(self) -> None:
        pause = max(0.0, self._next_sync - self._clock.monotonic())
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(pause):
                await self._stirred.wait()

    async def step(self) -> None:
        """Bring up to date what is known not to be, and renew tokens when it is time to look."""
        self._stirred.clear()
        if self._clock.monotonic() >= self._next_sync:
            self._next_sync = self._clock.monotonic() + self._sync_frequency
            self._dirty |= dict.fromkeys(uid for uid in self._pods if self._host.tokens.due(uid))
            self._dirty |= dict.fromkeys(self._failed)
        written = 0
        while self._dirty:
            uid = next(iter(self._dirty))
            del self._dirty[uid]
            state = self._pods.get(uid)
            if state is not None:
                await self._refresh(state)
            written += 1
            if written % _BATCH == 0:
                await self._clock.sleep(0)

    async def _refresh(self, state: _PodVolumes) -> None:
        pod = state.pod
        uid = pod.metadata.uid
        used = used_volumes(pod)
        state.stale = len(state.mounted) < len(used)
        failed = False
        for volume in used:
            mounted = state.mounted.get(volume.name)
            if mounted is None or not sources.payload_plugin(volume):
                continue
            try:
                await sources.write_payload(self._host, pod, volume, mounted.path)
            except (VolumeFault, OSError) as fault:
                if self._pods.get(uid) is state:
                    failed = True
                    self._recorder.event(object_reference(pod), WARNING, *_set_up_failed(volume, fault))
        (self._failed.add if failed else self._failed.discard)(uid)

    # Taking down

    def tear_down(self, uid: str) -> None:
        """Remove all folders of a pod. May be repeated."""
        self._pods.pop(uid, None)
        self._dirty.pop(uid, None)
        self._failed.discard(uid)
        self._host.sources.release(uid)
        self._host.tokens.forget(uid)
        self._remove_files(uid)

    def _remove_files(self, uid: str) -> None:
        block.tear_down(self._host.files, uid)
        with contextlib.suppress(FileNotFoundError):
            self._host.files.rmtree(pod_directory(uid))


def used_volumes(pod: Pod) -> list[Volume]:
    """Return the volumes that a container mounts, has as a device or takes variables from; nobody misses the others."""
    if not pod.spec.volumes:
        return []
    containers = (*all_containers(pod), *pod.spec.ephemeral_containers)
    used = block.mounted_names(pod) | block.mapped_names(pod)
    used |= {name for container in containers for name in file_volumes(container)}
    return [volume for volume in pod.spec.volumes if volume.name in used]


def _users(pod: Pod) -> tuple[int, ...]:
    """Return what is another once a pod may have another container; it is one and the same for most pods."""
    return _same(pod.metadata.generation, len(pod.spec.ephemeral_containers))


@lru_cache(maxsize=256)
def _same(*numbers: int) -> tuple[int, ...]:
    return numbers


def not_mounted(missing: list[str], unprocessed: list[str], reason: str) -> str:
    """Return the message about a pod that cannot start for want of volumes."""
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{' '.join(missing)}], unattached volumes=[], "
        f"failed to process volumes=[{' '.join(unprocessed)}]: {reason}"
    )


def _set_up_failed(volume: Volume, fault: VolumeFault | OSError) -> tuple[str, str]:
    """Return reason and message of the event about it."""
    if isinstance(fault, DeviceFault):
        return FAILED_MAP, f'MapVolume.{fault.step} failed for volume "{fault.volume}" : {fault}'
    if isinstance(fault, OSError):
        name, text = volume.name, f"{fault.filename}: {(fault.strerror or '').lower()}"
    else:
        name, text = fault.volume or volume.name, str(fault)
    return FAILED_MOUNT, f'MountVolume.SetUp failed for volume "{name}" : {text}'
