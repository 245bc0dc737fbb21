"""The controller that brings claims and volumes together (``pkg/controller/volume/persistentvolume``, v1.36).

What is to be done is decided in :mod:`~controller_manager.volumes.decisions`; this module reads the caches, writes and
records events. A binding is four writes, the volume first; after any of them the next look at either object goes on
where it was left. Every write says which state it was decided on, so that two can never give one volume to two claims.

A claim that waits for its first consumer waits for the scheduler, which picks the node with the volumes in mind and
writes it on the claim, or gives it a volume. A pod that got its node without a scheduler asks for none of that: its
claims are served once it has the node, and upstream's would wait for ever.
"""

import logging
from collections.abc import Iterable

from apimachinery.errors import AlreadyExists, NotFound
from apimachinery.types.base import ObjectMeta
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from apimachinery.types.storage import (
    AVAILABLE,
    FAILED,
    LOST,
    PENDING,
    RELEASED,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from apimachinery.volume_annotations import (
    BETA_STORAGE_PROVISIONER,
    SELECTED_NODE,
    STORAGE_PROVISIONER,
)
from apimachinery.volume_claims import claims_of_pod
from apimachinery.volume_matching import is_bound_to
from controller_manager.controller import Context, Result
from controller_manager.notes import Note
from controller_manager.volumes.decisions import (
    AskClaim,
    AssignClass,
    Bind,
    Delegate,
    Delete,
    Fail,
    Keep,
    Lose,
    Mismatched,
    Provision,
    Reclaim,
    Reselect,
    SetPhase,
    StayPending,
    Surroundings,
    Unbind,
    decide_claim,
    decide_reclaim,
    decide_volume,
)
from controller_manager.volumes.indexes import (
    CLAIM_INDEX,
    CLASS_INDEX,
    VOLUME_INDEX,
    claim_of_volume,
    class_of_unbound,
    class_of_volume,
    volume_of_claim,
)
from controller_manager.volumes.provisioning import (
    PROVISIONER,
    STANDARD,
    default_class,
    provisioned_volume,
    standard_class,
    volume_name,
)
from controller_manager.volumes.writes import Writes
from kubeclient.events import NORMAL
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES

logger = logging.getLogger(__name__)

NAME = "persistentvolume-binder-controller"

EVENT_SOURCE = "persistentvolume-controller"

Key = tuple[str, str]
"""What to look at, and its key: ``claim``, ``volume``, or the storage ``class`` to begin with."""

_GONE_CHECK_SECONDS = 1.0


class PersistentVolumeBinder:
    """Woken by claims, volumes, storage classes and pods."""

    workers = 1
    """As upstream: with two, each could give its claim the volume that the other has just picked."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        self._writes = Writes(context.client, context.recorder(EVENT_SOURCE))
        self._provisioning = context.settings.enable_dynamic_provisioning
        claims = context.informers.informer(
            PERSISTENT_VOLUME_CLAIMS, {CLASS_INDEX: class_of_unbound, VOLUME_INDEX: volume_of_claim}
        )
        volumes = context.informers.informer(
            PERSISTENT_VOLUMES, {CLAIM_INDEX: claim_of_volume, CLASS_INDEX: class_of_volume}
        )
        classes = context.informers.informer(STORAGE_CLASSES)
        pods = context.informers.informer(PODS, {CLAIM_INDEX: claims_of_pod})
        claims.on_change(self._claim_changed)
        volumes.on_change(self._volume_changed)
        classes.on_change(self._class_changed)
        pods.on_change(self._pod_changed)
        self._claims, self._volumes = claims.cache, volumes.cache
        self._classes, self._pods = classes.cache, pods.cache
        self._nodes = context.informers.informer(NODES).cache
        if self._provisioning:
            self._queue.add(("class", STANDARD))

    # What wakes it

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        found = new or old
        assert found is not None
        self._queue.add(("claim", found.key))
        names = {claim.spec.volume_name for claim in (old, new) if claim is not None and claim.spec.volume_name}
        names |= {volume.key for volume in self._volumes.by_index(CLAIM_INDEX, found.key)}
        for name in names:
            self._queue.add(("volume", name))

    def _volume_changed(self, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        found = new or old
        assert found is not None
        self._queue.add(("volume", found.key))
        for claim in self._claims.by_index(VOLUME_INDEX, found.key):
            self._queue.add(("claim", claim.key))
        for key in claim_of_volume(found):
            self._queue.add(("claim", key))
        if new is not None and new.status.phase == AVAILABLE:
            self._wake_unbound(new.storage_class)

    def _class_changed(self, old: StorageClass | None, new: StorageClass | None) -> None:
        if new is not None:
            self._wake_unbound(new.key)
            # It may have become the one for claims that name none.
            self._wake_unbound("")

    def _wake_unbound(self, storage_class: str) -> None:
        for claim in self._claims.by_index(CLASS_INDEX, storage_class):
            self._queue.add(("claim", claim.key))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or (old is not None and old.spec.node_name == new.spec.node_name):
            return
        for key in claims_of_pod(new):
            self._queue.add(("claim", key))

    # What it does

    async def reconcile(self, key: Key) -> Result | None:
        what, name = key
        match what:
            case "claim":
                claim = self._claims.get(name)
                if claim is not None:
                    await self._sync_claim(claim)
            case "volume":
                volume = self._volumes.get(name)
                if volume is not None:
                    return await self._sync_volume(volume)
            case "class":
                await self._create_standard_class()
        return None

    async def _create_standard_class(self) -> None:
        wanted = standard_class(self._classes.objects())
        if wanted is not None:
            try:
                await self._client.create(STORAGE_CLASSES, wanted)
            except AlreadyExists:
                logger.debug("storage class %s is there already", STANDARD)

    # Claims

    async def _sync_claim(self, claim: PersistentVolumeClaim) -> None:
        match decide_claim(claim, self._surroundings(claim)):
            case Bind(volume):
                await self._writes.bind(volume, claim)
            case AssignClass(name):
                await self._writes.patch_claim(claim, {"spec": {"storageClassName": name}})
            case Provision(storage_class, node):
                await self._provision(claim, storage_class, node)
            case Reselect():
                await self._writes.patch_claim(claim, {"metadata": {"annotations": {SELECTED_NODE: None}}})
            case Delegate(provisioner, node):
                claim = await self._name_provisioner(claim, provisioner, node)
                self._writes.note(claim, _external_provisioning(provisioner))
                await self._writes.set_claim_phase(claim, PENDING)
            case StayPending(note):
                if note is not None:
                    self._writes.note(claim, note)
                await self._writes.set_claim_phase(claim, PENDING)
            case Lose(note):
                if claim.status.phase != LOST:
                    await self._writes.set_claim_phase(claim, LOST)
                    self._writes.note(claim, note)

    def _surroundings(self, claim: PersistentVolumeClaim) -> Surroundings:
        set_aside = self._volumes.by_index(CLAIM_INDEX, claim.key)
        pods = [pod for pod in self._pods.by_index(CLAIM_INDEX, claim.key) if not (pod.finished or pod.deleting)]
        selected, placed = claim.metadata.annotations.get(SELECTED_NODE, ""), first_node(pods)
        name = selected or placed
        node = self._nodes.get(name) if name else None
        return Surroundings(
            volumes=set_aside + self._volumes.by_index(CLASS_INDEX, claim.storage_class),
            named=self._volumes.get(claim.spec.volume_name) if claim.spec.volume_name else None,
            storage_class=self._classes.get(claim.storage_class) if claim.storage_class else None,
            default_class=default_class(self._classes.objects()),
            # A pod may name a node that nobody has registered; its name is then all there is to know.
            node=Node(metadata=ObjectMeta(name=name)) if name and node is None else node,
            node_lost=bool(selected) and node is None and placed != selected,
            unscheduled=tuple(sorted(pod.metadata.name for pod in pods if not pod.spec.node_name)),
            provisioning=self._provisioning,
        )

    async def _provision(self, claim: PersistentVolumeClaim, storage_class: StorageClass, node: Node | None) -> None:
        claim = await self._name_provisioner(claim, PROVISIONER, node)
        try:
            volume = await self._client.create(PERSISTENT_VOLUMES, provisioned_volume(claim, storage_class, node))
        except AlreadyExists:
            # Made before, and not seen yet.
            volume = await self._client.get(PERSISTENT_VOLUMES, volume_name(claim))
        else:
            message = f"Successfully provisioned volume {volume.metadata.name} using {PROVISIONER}"
            self._writes.note(claim, Note(NORMAL, "ProvisioningSucceeded", message))
        if is_bound_to(volume, claim):
            await self._writes.bind(volume, claim)

    async def _name_provisioner(
        self, claim: PersistentVolumeClaim, provisioner: str, node: Node | None
    ) -> PersistentVolumeClaim:
        annotations = {STORAGE_PROVISIONER: provisioner, BETA_STORAGE_PROVISIONER: provisioner}
        if node is not None:
            annotations[SELECTED_NODE] = node.metadata.name
        if annotations.items() <= claim.metadata.annotations.items():
            return claim
        return await self._writes.patch_claim(claim, {"metadata": {"annotations": annotations}})

    # Volumes

    async def _sync_volume(self, volume: PersistentVolume) -> Result | None:
        keys = claim_of_volume(volume)
        claim = self._claims.get(keys[0]) if keys else None
        match decide_volume(volume, claim):
            case SetPhase(phase):
                await self._writes.set_volume_phase(volume, phase)
            case AskClaim():
                self._queue.add(("claim", keys[0]))
            case Mismatched(of_volume, of_claim):
                assert claim is not None
                self._writes.note(volume, of_volume)
                self._writes.note(claim, of_claim)
            case Unbind():
                await self._writes.unbind(volume)
            case Reclaim():
                return await self._reclaim(volume)
        return None

    async def _reclaim(self, volume: PersistentVolume) -> Result | None:
        if await self._is_still_claimed(volume):
            # The cache has not heard of the claim yet.
            return Result(_GONE_CHECK_SECONDS)
        if volume.status.phase not in {RELEASED, FAILED}:
            volume = await self._writes.set_volume_phase(volume, RELEASED)
        match decide_reclaim(volume):
            case Delete():
                if volume.metadata.deletion_timestamp is None:
                    await self._writes.delete(volume)
            case Fail(note):
                if volume.status.phase != FAILED:
                    await self._writes.set_volume_phase(volume, FAILED, note.message)
                    self._writes.note(volume, note)
            case Keep():
                pass
        return None

    async def _is_still_claimed(self, volume: PersistentVolume) -> bool:
        """Ask the server before anything is given up for good."""
        reference = volume.spec.claim_ref
        assert reference is not None
        try:
            claim = await self._client.get(PERSISTENT_VOLUME_CLAIMS, reference.name, namespace=reference.namespace)
        except NotFound:
            return False
        return claim.metadata.uid == reference.uid and claim.spec.volume_name in {"", volume.metadata.name}


def first_node(pods: Iterable[Pod]) -> str:
    """Return the node of the first of the pods that has one; empty when none has."""
    placed = [pod for pod in pods if pod.spec.node_name]
    oldest = min(placed, key=lambda pod: (_created(pod), pod.metadata.name), default=None)
    return oldest.spec.node_name if oldest is not None else ""


def _created(pod: Pod) -> float:
    created = pod.metadata.creation_timestamp
    return created.timestamp() if created is not None else 0.0


def _external_provisioning(provisioner: str) -> Note:
    message = (
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
        "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
        "correctly registered."
    )
    return Note(NORMAL, "ExternalProvisioning", message)
