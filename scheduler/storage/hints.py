"""Which events help a pod that one of the volume plugins has rejected."""

from typing import Any

from apimachinery.quantity import value
from apimachinery.types.csi import CSIDriver, CSINode, CSIStorageCapacity
from apimachinery.types.storage import WAIT_FOR_FIRST_CONSUMER, PersistentVolumeClaim, StorageClass
from scheduler.framework.hints import QueueingHint
from scheduler.framework.pod_info import PodInfo


def is_claim_of(pod: PodInfo, old: Any, new: PersistentVolumeClaim | None) -> QueueingHint:
    """A claim helps the pods that use it."""
    return _queue(new is None or (pod.volumes is not None and new.key in pod.volumes.claim_keys(pod.namespace)))


def other_topologies(pod: PodInfo, old: StorageClass | None, new: StorageClass | None) -> QueueingHint:
    """A class helps when it is new, or when other nodes are allowed."""
    return _queue(old is None or new is None or old.allowed_topologies != new.allowed_topologies)


def waits_for_consumer(pod: PodInfo, old: Any, new: StorageClass | None) -> QueueingHint:
    """A class helps claims without a volume when they may wait for the pod."""
    return _queue(new is None or new.volume_binding_mode == WAIT_FOR_FIRST_CONSUMER)


def stopped_counting(pod: PodInfo, old: CSIDriver | None, new: CSIDriver | None) -> QueueingHint:
    """A driver helps when it no longer tells how much room there is."""
    return _queue(old is None or new is None or (old.spec.storage_capacity and not new.spec.storage_capacity))


def more_room(pod: PodInfo, old: CSIStorageCapacity | None, new: CSIStorageCapacity | None) -> QueueingHint:
    """A capacity helps when it is new, or has grown."""
    if old is None or new is None:
        return QueueingHint.QUEUE
    before, after = old.volume_limit, new.volume_limit
    return _queue(after is not None and (before is None or value(after) > value(before)))


def more_volumes(pod: PodInfo, old: CSINode | None, new: CSINode | None) -> QueueingHint:
    """A node's drivers help when there is a new one, or one takes more volumes than before."""
    if old is None or new is None:
        return QueueingHint.QUEUE
    before, drivers = old.limits, {driver.name for driver in old.spec.drivers}
    return _queue(
        any(driver.name not in drivers for driver in new.spec.drivers)
        or any(count > before.get(name, count) for name, count in new.limits.items())
        or any(name not in new.limits for name in before)
    )


def used_claims(pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
    """A pod that goes helps when it had a claim."""
    return _queue(old is None or (old.volumes is not None and bool(old.volumes.claims)))


def shared_volumes(pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
    """A pod that goes helps when it had one of the waiting pod's disks or claims."""
    if old is None or pod.volumes is None:
        return QueueingHint.QUEUE
    if old.volumes is None:
        return QueueingHint.SKIP
    disks = {disk.key for disk in pod.volumes.disks}
    claims = pod.volumes.claim_keys(pod.namespace)
    return _queue(
        any(disk.key in disks for disk in old.volumes.disks)
        or any(key in claims for key in old.volumes.claim_keys(old.namespace))
    )


def _queue(helps: bool) -> QueueingHint:
    return QueueingHint.QUEUE if helps else QueueingHint.SKIP
