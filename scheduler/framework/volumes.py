"""The volumes of pods as far as they matter to where a pod can run, and which of them each node has in use."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import Volume
from apimachinery.volume_claims import ClaimUse, claims_used
from scheduler.framework.arrays import BoolArray

DiskKey = tuple[str, ...]

K = TypeVar("K")
V = TypeVar("V")

_DEFAULT_POOL = "rbd"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that a pod names itself, without a claim: one that several pods of a node cannot have at will.

    Pods share a disk when they have a ``key`` in common. Sharing is fine when all of them only read.
    """

    key: DiskKey
    read_only: bool


@dataclass(frozen=True, slots=True)
class PodVolumes:
    """What of a pod's volumes matters to scheduling; a pod that has nothing of the kind has no such value at all."""

    claims: tuple[ClaimUse, ...] = ()
    disks: tuple[Disk, ...] = ()

    def claim_keys(self, namespace: str) -> list[str]:
        """Return the keys of the claims of a pod in ``namespace``."""
        return [f"{namespace}/{use.name}" for use in self.claims]


def pod_volumes(pod: Pod) -> PodVolumes | None:
    """Return the claims and disks of a pod, ``None`` when it has neither: most have not."""
    if not pod.spec.volumes:
        return None
    claims = claims_used(pod)
    disks = tuple(disk for volume in pod.spec.volumes if volume.model_extra for disk in _disks(volume))
    return PodVolumes(claims, disks) if claims or disks else None


def _disks(volume: Volume) -> Iterator[Disk]:
    """Yield the disks of a volume (``isVolumeConflict`` of the VolumeRestrictions plugin, v1.36)."""
    for source, fields in (volume.model_extra or {}).items():
        if not isinstance(fields, dict):
            continue
        read_only = bool(fields.get("readOnly"))
        match source:
            case "gcePersistentDisk":
                yield Disk((source, fields.get("pdName", "")), read_only)
            case "awsElasticBlockStore":
                # Attached to one machine and mounted once, also for those who only read.
                yield Disk((source, fields.get("volumeID", "")), read_only=False)
            case "iscsi":
                yield Disk((source, fields.get("iqn", "")), read_only)
            case "rbd":
                yield from _images(source, fields, read_only)


def _images(source: str, fields: dict[str, Any], read_only: bool) -> Iterator[Disk]:
    """Yield a disk per monitor: an image is the same one when it is reached over one of the same monitors."""
    for monitor in fields.get("monitors", ()):
        yield Disk((source, monitor, fields.get("pool") or _DEFAULT_POOL, fields.get("image", "")), read_only)


class VolumeColumns:
    """Which claims and disks the pods of each node use; sparse, since few pods have any."""

    def __init__(self) -> None:
        self._claims: dict[str, Counter[int]] = {}
        self._readers: dict[DiskKey, Counter[int]] = {}
        self._writers: dict[DiskKey, Counter[int]] = {}
        self._on: dict[int, Counter[tuple[str, PodVolumes]]] = {}

    def users(self, claim: str) -> int:
        """Return how many times pods on nodes use the claim of this key."""
        return sum(self._claims[claim].values()) if claim in self._claims else 0

    def claims_on(self, row: int) -> Iterable[tuple[str, PodVolumes]]:
        """Return the volumes of a node's pods, each with its pod's namespace; equal ones once."""
        return self._on.get(row, ())

    def conflicts(self, wanted: Disk, count: int) -> BoolArray | None:
        """Return which of the first ``count`` rows use the disk in a way that excludes this one, ``None`` for none."""
        users = [self._writers.get(wanted.key)]
        if not wanted.read_only:
            users.append(self._readers.get(wanted.key))
        rows = [row for found in users if found for row in found]
        if not rows:
            return None
        taken = np.zeros(count, dtype=np.bool_)
        taken[rows] = True
        return taken

    def add(self, row: int, namespace: str, volumes: PodVolumes, pods: int) -> None:
        """Count ``pods`` more pods of a namespace with these volumes on a node; -1 takes one away."""
        _count(self._on, row, (namespace, volumes), pods)
        for key in volumes.claim_keys(namespace):
            _count(self._claims, key, row, pods)
        for disk in volumes.disks:
            _count(self._readers if disk.read_only else self._writers, disk.key, row, pods)

    def resize(self, capacity: int) -> None:
        """Nothing is as long as the table."""

    def move(self, source: int, target: int) -> None:
        for (namespace, volumes), pods in list(self._on.get(source, Counter()).items()):
            self.add(target, namespace, volumes, pods)
            self.add(source, namespace, volumes, -pods)


def _count(counts: dict[K, Counter[V]], key: K, value: V, more: int) -> None:
    """Add to one count, and keep nothing that is zero."""
    found = counts.setdefault(key, Counter())
    found[value] += more
    if not found[value]:
        del found[value]
        if not found:
            del counts[key]
