"""What happens in a cluster that can make a waiting pod schedulable.

A plugin that rejects pods names the events after which another try makes sense; the queue leaves a pod alone until
one of those that its rejecting plugins named occurs. Names follow upstream's ``ActionType`` and ``EventResource``
(v1.36).
"""

import enum
from dataclasses import dataclass


class EventResource(enum.Enum):
    NODE = "Node"
    ASSIGNED_POD = "AssignedPod"
    """A pod that has a node, or had one."""
    WAITING_POD = "UnschedulablePod"
    """The waiting pod itself."""
    NAMESPACE = "Namespace"
    PERSISTENT_VOLUME = "PersistentVolume"
    PERSISTENT_VOLUME_CLAIM = "PersistentVolumeClaim"
    STORAGE_CLASS = "storage.k8s.io/StorageClass"
    CSI_NODE = "storage.k8s.io/CSINode"
    CSI_DRIVER = "storage.k8s.io/CSIDriver"
    CSI_STORAGE_CAPACITY = "storage.k8s.io/CSIStorageCapacity"
    VOLUME_ATTACHMENT = "storage.k8s.io/VolumeAttachment"


class Action(enum.Flag):
    ADD = enum.auto()
    DELETE = enum.auto()
    UPDATE = enum.auto()
    """A change of an object that is neither pod nor node."""
    UPDATE_NODE_ALLOCATABLE = enum.auto()
    UPDATE_NODE_LABEL = enum.auto()
    UPDATE_NODE_TAINT = enum.auto()
    """Taints, and ``spec.unschedulable`` with them."""
    UPDATE_POD_LABEL = enum.auto()
    UPDATE_POD_SCALE_DOWN = enum.auto()
    """A pod asks for less than before."""
    UPDATE_POD_TOLERATION = enum.auto()
    UPDATE_POD_SCHEDULING_GATES_ELIMINATED = enum.auto()


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """What happened to which kind of object: all of ``actions``."""

    resource: EventResource
    actions: Action

    @property
    def label(self) -> str:
        """Return the event's name in metrics: ``NodeAdd``, ``AssignedPodDelete``, ``NodeUpdate`` …"""
        actions = Action.ADD if Action.ADD in self.actions else Action.DELETE if Action.DELETE in self.actions else None
        kind = self.resource.value.rpartition("/")[2]
        return f"{kind}{'Update' if actions is None else 'Add' if actions is Action.ADD else 'Delete'}"
