"""What happens in a cluster that can make a waiting pod schedulable.

A plugin that rejects pods names the events after which another try makes sense; the queue leaves a pod alone until
one of those that its rejecting plugins named occurs. Names follow upstream's ``ActionType`` (v1.36).
"""

import enum
from dataclasses import dataclass


class EventResource(enum.Enum):
    NODE = "Node"
    ASSIGNED_POD = "AssignedPod"
    """A pod that has a node, or had one."""
    WAITING_POD = "UnschedulablePod"
    """The waiting pod itself."""


class Action(enum.Flag):
    ADD = enum.auto()
    DELETE = enum.auto()
    UPDATE_NODE_ALLOCATABLE = enum.auto()
    UPDATE_NODE_LABEL = enum.auto()
    UPDATE_NODE_TAINT = enum.auto()
    """Taints, and ``spec.unschedulable`` with them."""
    UPDATE_POD_SCALE_DOWN = enum.auto()
    """A pod asks for less than before."""
    UPDATE_POD_TOLERATION = enum.auto()
    UPDATE_POD_SCHEDULING_GATES_ELIMINATED = enum.auto()


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """What happened to which kind of object. As an interest, any one of ``actions`` is enough."""

    resource: EventResource
    actions: Action

    def matches(self, interest: "ClusterEvent") -> bool:
        return self.resource is interest.resource and bool(self.actions & interest.actions)
