"""The extension points: what a plugin implements to take part, who calls it and when.

A plugin is a class with a ``name`` that implements one or more of these protocols; the framework finds out which. An
instance lives as long as the scheduler, is called from one task only, and must not block: nodes and pods are read
from the :class:`~scheduler.framework.node_table.NodeTable`, never from the network (binding excepted).

The order of a pod's way: PreEnqueue, QueueSort, then in one cycle PreFilter, Filter, Score, and last Bind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kubeclient.client import Client
from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.events import ClusterEvent
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import SUCCESS, Code, Status

MAX_NODE_SCORE = 100
"""The largest score after normalising; the smallest is 0."""


@runtime_checkable
class Plugin(Protocol):
    """What all plugins have."""

    name: str
    """The name used in profiles, decisions and messages; upstream's where upstream has the plugin."""


@runtime_checkable
class EnqueueExtensions(Plugin, Protocol):
    """For plugins that reject pods: when another try makes sense."""

    def events_to_register(self) -> Sequence[ClusterEvent]:
        """Return the events that can make a pod fit that this plugin rejected; asked once, at the start.

        A plugin that rejects pods without naming events has its pods tried again only when they have waited for
        five minutes, or when another plugin that rejected them too wakes them.
        """
        ...


@runtime_checkable
class PreEnqueuePlugin(Plugin, Protocol):
    def pre_enqueue(self, pod: PodInfo) -> Status:
        """Say whether a pod may be scheduled at all yet.

        Called by the queue when a pod arrives, and again each time it is updated as long as the answer was no. Such
        a pod is not tried, and no event or condition is written about it.
        """
        ...


@runtime_checkable
class QueueSortPlugin(Plugin, Protocol):
    """Orders the active queue; a profile has exactly one."""

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]:
        """Return what the queue sorts by, smallest first; called each time a pod enters the active queue."""
        ...


@dataclass(frozen=True, slots=True)
class PreFilterResult:
    """``status`` other than success rejects the pod on all nodes; ``node_names`` leaves only those nodes to filter."""

    status: Status = SUCCESS
    node_names: frozenset[str] | None = None


ALL_NODES = PreFilterResult()


@runtime_checkable
class PreFilterPlugin(Plugin, Protocol):
    def pre_filter(self, pod: PodInfo) -> PreFilterResult:
        """Say what can be said without looking at nodes; called once at the start of a cycle.

        A status other than success is ``UNSCHEDULABLE`` or ``UNSCHEDULABLE_AND_UNRESOLVABLE``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rejection:
    """Nodes that a filter turns down for one reason.

    ``nodes`` marks them. ``code`` is ``UNSCHEDULABLE`` when taking pods off such a node could help, else
    ``UNSCHEDULABLE_AND_UNRESOLVABLE``. ``reason`` reads after a number: "3 Insufficient cpu".
    """

    reason: str
    nodes: BoolArray
    code: Code


@runtime_checkable
class FilterPlugin(Plugin, Protocol):
    def filter(self, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        """Return which nodes cannot take the pod, by reason; nothing when all can.

        Called once per cycle, for all nodes, also those that an earlier filter turned down: the framework keeps
        the verdict of the first. A node may be marked under several reasons.
        """
        ...


@runtime_checkable
class ScorePlugin(Plugin, Protocol):
    def score(self, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        """Return how good each node is for the pod, in any range; ``None`` when it makes no difference.

        Called when more than one node passed the filters. The vector is for all nodes, row by row; the framework
        takes those that passed, and changes nothing in it.
        """
        ...

    def normalize(self, scores: IntArray) -> IntArray:
        """Bring the raw scores of the nodes that passed into 0 … ``MAX_NODE_SCORE``, more being better."""
        ...


@runtime_checkable
class BindPlugin(Plugin, Protocol):
    async def bind(self, pod: PodInfo, node_name: str) -> Status:
        """Give the pod its node. ``SKIP`` leaves it to the next bind plugin.

        Called in a task of its own, with the pod's place on the node already taken in the scheduler's view; any
        other result than success and skip gives the place back and has the pod tried again after a back-off.
        """
        ...


@dataclass(frozen=True, slots=True)
class Handle:
    """What a plugin may use."""

    client: Client


PluginFactory = Callable[[Handle], Plugin]
Registry = Mapping[str, PluginFactory]


@dataclass(frozen=True, slots=True)
class EnabledPlugin:
    """One plugin of a profile. ``weight`` multiplies its normalised scores."""

    name: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """Which plugins decide for the pods that name ``scheduler_name``, in the order in which they are asked."""

    scheduler_name: str
    plugins: tuple[EnabledPlugin, ...]
