"""The extension points: what a plugin implements to take part, who calls it and when.

A plugin is a class with a ``name`` that implements one or more of these protocols; the framework finds out which. An
instance lives as long as the scheduler, is called from one task only, and must not block: nodes and pods are read
from the :class:`~scheduler.framework.node_table.NodeTable`, never from the network (PreBind and Bind excepted).

The order of a pod's way, upstream's (``k8s.io/kube-scheduler/framework``, v1.36)::

    PreEnqueue, QueueSort                                                   in the queue
    PreFilter, Filter, (none fits: PostFilter), PreScore, Score, normalize  one cycle, in one piece
    Reserve, Permit                                                         with the pod's place taken
    (wait for Permit), PreBind, Bind, PostBind                              in a task beside other pods' cycles

Whatever fails after Reserve began has Unreserve called on all Reserve plugins, last one first. A verdict is a value
with a code and reasons; a plugin that raises has the pod tried again after a back-off, and its fault told.
"""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

from kubeclient.client import Client
from kubeclient.events import EventRecorder
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.informers import SharedInformers
from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.outcome import Rejection as Rejection
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import SKIP, SUCCESS, Status
from scheduler.framework.waiting_pods import WaitingPods

S = TypeVar("S")

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

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        """Return the events that can make a pod fit that this plugin rejected; asked once, at the start.

        A plugin that rejects pods without naming events has its pods tried again only when they have waited for
        five minutes, or when another plugin that rejected them too wakes them.
        """
        ...


@runtime_checkable
class PreEnqueuePlugin(Plugin, Protocol):
    def pre_enqueue(self, pod: PodInfo) -> Status:
        """Say whether a pod may be scheduled at all yet.

        Called by the queue each time when a pod is about to enter the active queue. A pod that is refused is not
        tried, and no event or condition is written about it; it is asked about again when it is updated, and after
        the events that the plugin registered for.
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

SKIP_FILTER = PreFilterResult(SKIP)
"""The plugin has nothing to filter for this pod: its Filter and PreFilter extensions are not called."""


@runtime_checkable
class PreFilterPlugin(Plugin, Protocol):
    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        """Work out what Filter needs, and say what can be said without looking at each node; once per cycle.

        ``UNSCHEDULABLE_AND_UNRESOLVABLE`` ends the cycle; with ``UNSCHEDULABLE`` the other PreFilter plugins are
        still asked, since preemption may follow. ``SKIP`` leaves the plugin out of the filtering.
        """
        ...


@runtime_checkable
class PreFilterExtensions(PreFilterPlugin, Protocol):
    """For plugins whose Filter looks at pods through what PreFilter has worked out, on other nodes too.

    Both are called in simulations, on a clone of the cycle's state: by preemption, and to count nominated pods.
    Plugins that look at a node's row of the table only do without.
    """

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        """Change ``state`` as if ``added`` had been on the node of ``row`` when PreFilter ran; it is there by now."""
        ...

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        """Change ``state`` as if ``removed`` had not been on the node of ``row``; it is gone from there by now."""
        ...


@runtime_checkable
class FilterPlugin(Plugin, Protocol):
    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        """Return which nodes cannot take the pod, by reason; nothing when all can.

        Called for all nodes at once, also those that an earlier filter turned down: the framework keeps the verdict
        of the first. A node may be marked under several reasons. Called again in simulations of other pods.
        """
        ...


@runtime_checkable
class CountingFilter(FilterPlugin, Protocol):
    """A filter whose verdict about a node is a sum over its pods, so that "what if they were gone" is arithmetic.

    Preemption asks such plugins once, and simulates nothing when there are no others that look at pods.
    """

    def demands(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Demand]:
        """Return what the pod needs: Filter lets those nodes pass of which no demand is left below zero."""
        ...


class PluginsRunner(Protocol):
    """What a PostFilter plugin simulates with. The framework is one."""

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run the Filter plugins that PreFilter did not skip, on the nodes as they are, nominated pods not counted."""
        ...

    def filter_with_nominated(self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> None:
        """Run them on the nodes that ``outcome`` has left, nominated pods counted, and take out what is rejected."""
        ...

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        """Tell the PreFilter extensions of a pod that was added to the node of ``row``."""
        ...

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        """Tell the PreFilter extensions of a pod that was taken off the node of ``row``."""
        ...

    def looks_at_pods(self, state: CycleState) -> tuple[list[CountingFilter], list[FilterPlugin]]:
        """Return the filters that look at nodes' pods for this pod's sake: those that count, and the others."""
        ...

    def filter_without_pods(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run all other Filter plugins: what they turn down no pod's going changes."""
        ...

    def sees_other_nodes(self, state: CycleState) -> bool:
        """Return whether a pod on one node can change the verdict on another, as far as this cycle's pod goes."""
        ...


@dataclass(frozen=True, slots=True)
class PostFilterResult:
    """What a PostFilter plugin did for a pod that fits nowhere.

    ``nominated_node_name`` is the node that the pod is to have when room has been made, empty to take an earlier
    promise back, ``None`` to leave that as it is. ``effect`` is run in a task of its own once the cycle is over; it
    is where victims are deleted. ``status`` is success when there is something to hope for, else a rejection whose
    message is appended to what the pod's event says.
    """

    status: Status
    nominated_node_name: str | None = None
    effect: Callable[[], Awaitable[None]] | None = field(default=None, compare=False)


@runtime_checkable
class PostFilterPlugin(Plugin, Protocol):
    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> PostFilterResult:
        """Look for a way to make the pod fit, called when no node passed the filters.

        The first plugin that answers success ends it. Decides only: ``nodes`` may be changed to try something, and
        must be as before on return.
        """
        ...


@runtime_checkable
class PreScorePlugin(Plugin, Protocol):
    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> Status:
        """Work out what Score needs; ``rows`` are the nodes that passed. ``SKIP`` leaves the plugin out of scoring."""
        ...


@runtime_checkable
class ScorePlugin(Plugin, Protocol):
    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        """Return how good each node is for the pod, in any range; ``None`` when it makes no difference.

        Called when more than one node passed the filters. The vector is for all nodes, row by row; the framework
        takes those that passed, and changes nothing in it.
        """
        ...

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        """Bring the raw scores of the nodes that passed into 0 … ``MAX_NODE_SCORE``, more being better.

        Those who inherit this one have scores in that range already.
        """
        return scores


@runtime_checkable
class ReservePlugin(Plugin, Protocol):
    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Set aside what the pod will use on its node. Anything but success has the pod tried again."""
        ...

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Give back what Reserve set aside. May come without Reserve before it, and more than once."""
        ...


@dataclass(frozen=True, slots=True)
class PermitResult:
    """``timeout_seconds`` goes with ``WAIT``: past it, or past 15 minutes, the pod is rejected."""

    status: Status = SUCCESS
    timeout_seconds: float = 0.0


@runtime_checkable
class PermitPlugin(Plugin, Protocol):
    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> PermitResult:
        """Let the pod be bound, reject it, or have it wait until :attr:`Handle.waiting_pods` is told more."""
        ...


@runtime_checkable
class PreBindPlugin(Plugin, Protocol):
    def pre_bind_pre_flight(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Return ``SKIP`` when PreBind has nothing to do for this pod, success otherwise."""
        return SUCCESS

    async def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Do what must be done before the pod is bound, such as having a volume provisioned.

        Anything but success gives the pod's place back and has it tried again.
        """
        ...


@runtime_checkable
class BindPlugin(Plugin, Protocol):
    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Give the pod its node. ``SKIP`` leaves it to the next bind plugin.

        Called in a task of its own, with the pod's place on the node already taken in the scheduler's view; any
        other result than success and skip gives the place back and has the pod tried again after a back-off.
        """
        ...


@runtime_checkable
class PostBindPlugin(Plugin, Protocol):
    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Hear that the pod was bound."""
        ...


def _no_pods(node_name: str) -> Iterable[PodInfo]:
    return ()


class Handle:
    """What a plugin may use. One for all profiles of a scheduler."""

    def __init__(self, client: Client, informers: SharedInformers | None = None, seed: int | None = None) -> None:
        self.client = client
        self.clock = client.clock
        self.rng = random.Random(seed)
        self.informers = informers or SharedInformers(client)
        """Watches of any kind; a plugin asks for them in its factory. All are in step before the first cycle."""
        self.nominator = Nominator()
        self.waiting_pods = WaitingPods(client.clock)
        self.recorders: dict[str, EventRecorder] = {}
        """Where events about pods go, by the scheduler name of the profile whose plugin tells them."""
        self.pods_on: Callable[[str], Iterable[PodInfo]] = _no_pods
        """The pods that count on a node, by its name: bound ones, and those on their way to be."""
        self._shared: dict[Callable[[SharedInformers], Any], Any] = {}

    def shared(self, make: Callable[[SharedInformers], S]) -> S:
        """Return what ``make`` made of the informers, once per scheduler: for what several plugins have in common."""
        found: S | None = self._shared.get(make)
        if found is None:
            found = self._shared[make] = make(self.informers)
        return found


PluginFactory = Callable[[Any, Handle], Plugin]
"""Makes a plugin from its arguments and a handle. Arguments are ``None`` when the profile has none for it."""

Registry = Mapping[str, PluginFactory]


@dataclass(frozen=True, slots=True)
class EnabledPlugin:
    """One plugin of a profile. ``weight`` multiplies its normalised scores."""

    name: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class PointPlugins:
    """What is different at one extension point; ``*`` among the disabled ones stands for all that are not enabled."""

    enabled: tuple[EnabledPlugin, ...] = ()
    disabled: frozenset[str] = frozenset()

    @property
    def disables_all(self) -> bool:
        return "*" in self.disabled


@dataclass(frozen=True, slots=True)
class Profile:
    """Which plugins decide for the pods that name ``scheduler_name``, in the order in which they are asked.

    ``plugins`` are asked at every point that they implement, except where ``points`` says otherwise. ``args`` are
    the plugins' arguments by name, in the form that the plugin's factory takes.
    """

    scheduler_name: str
    plugins: tuple[EnabledPlugin, ...]
    points: Mapping[str, PointPlugins] = field(default_factory=dict)
    args: Mapping[str, Any] = field(default_factory=dict)
