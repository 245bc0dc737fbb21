"""Hints of the plugins against their filters, on random nodes and pods: no change that helps a pod is slept through."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.interface import EnqueueExtensions, FilterPlugin
from scheduler.framework.queued_pod import QueuedPod
from scheduler.hinting import Happening, Hints
from scheduler.plugins.node_affinity import NodeAffinity
from scheduler.plugins.node_ports import NodePorts
from scheduler.plugins.node_resources_fit import NodeResourcesFit
from scheduler.plugins.node_unschedulable import NodeUnschedulable
from scheduler.plugins.taint_toleration import TaintToleration
from tests.scheduler import strategies
from tests.scheduler.builders import NodeBuilder, PodBuilder, table
from tests.scheduler.plugins.verdicts import fits


class Profile:
    """The registrations of one plugin."""

    def __init__(self, plugin: EnqueueExtensions) -> None:
        self.interests = {plugin.name: tuple(plugin.events_to_register())}


def wakes(plugin: EnqueueExtensions, pod: PodBuilder, happening: Happening) -> bool:
    queued = QueuedPod(pod.info(), 0.0, rejected_by=frozenset((plugin.name,)))
    return bool(Hints({"default-scheduler": Profile(plugin)}).helpers(queued, [happening]))


class Both(FilterPlugin, EnqueueExtensions): ...


PLUGINS = [NodeAffinity, NodePorts, NodeResourcesFit, NodeUnschedulable, TaintToleration]


@pytest.mark.parametrize("make", PLUGINS)
@settings(max_examples=40, deadline=None)
@given(strategies.nodes("a"), strategies.nodes("a"), strategies.pods("new"))
def test_a_node_that_changes(make: Callable[[], Both], old: NodeBuilder, new: NodeBuilder, pod: PodBuilder) -> None:
    """S10: a pod that did not fit on a node and would by now is tried again."""
    plugin = make()
    changes = new.info().changes_from(old.info())
    if not fits(plugin, pod, table(old)) and fits(plugin, pod, table(new)):
        event = ClusterEvent(EventResource.NODE, changes)
        assert wakes(plugin, pod, Happening(event, old.info(), new.info()))


@pytest.mark.parametrize("make", PLUGINS)
@settings(max_examples=40, deadline=None)
@given(strategies.nodes("a"), strategies.pods("new"))
def test_a_node_that_comes(make: Callable[[], Both], node: NodeBuilder, pod: PodBuilder) -> None:
    """S10: a pod is tried again when a node comes on which it fits."""
    plugin = make()
    if fits(plugin, pod, table(node)):
        event = ClusterEvent(EventResource.NODE, Action.ADD)
        assert wakes(plugin, pod, Happening(event, None, node.info()))


@pytest.mark.parametrize("make", [NodePorts, NodeResourcesFit])
@settings(max_examples=40, deadline=None)
@given(strategies.nodes("a"), st.lists(strategies.pods("other"), min_size=1, max_size=3), strategies.pods("new"))
def test_a_pod_that_goes(
    make: Callable[[], Both], node: NodeBuilder, others: list[PodBuilder], pod: PodBuilder
) -> None:
    """S10: a pod that fits once another is gone is tried again."""
    plugin = make()
    placed = [other.uid(f"uid-{number}").node("a") for number, other in enumerate(others)]
    before, after = table(node, pods=tuple(placed)), table(node, pods=tuple(placed[1:]))
    if not fits(plugin, pod, before) and fits(plugin, pod, after):
        event = ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE)
        assert wakes(plugin, pod, Happening(event, placed[0].info(), None))
