import random
from typing import Any

import pytest

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import REPLICASETS, SERVICES
from scheduler.framework.interface import Handle
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.plugins.replica_spread import ReplicaSpread, new
from scheduler.profile import default_profile
from scheduler.scheduling import schedule_one
from tests.scheduler.builders import ZONE, PodBuilder, labelled, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import scores

WEB = labelled(app="web")


def plugin(*known: tuple[Any, dict[str, Any]]) -> ReplicaSpread:
    found = Handle(Client("http://127.0.0.1:1"))
    made = new(None, found)
    for resource, spec in known:
        show(found, resource, spec)
    return made


def show(found: Handle, resource: Any, spec: dict[str, Any]) -> None:
    """Let the informer of a kind have seen an object called ``web``."""
    informer: Informer[Any] = found.informers.of(resource)
    obj = resource.model.model_validate({"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    informer._apply(obj.key, obj)


def replicas(node: str, count: int, controller: str = "web") -> tuple[PodBuilder, ...]:
    return tuple(make_pod(f"{controller}-{node}-{number}").controller(controller).node(node) for number in range(count))


def test_fewer_replicas_are_better() -> None:
    """S12: replicas of a controller are spread."""
    pods = (*replicas("a", 2), *replicas("b", 1), *replicas("c", 4, "db"))
    nodes = table(make_node("a"), make_node("b"), make_node("c"), pods=pods)
    assert scores(plugin(), make_pod().controller("web"), nodes) == {"a": 0, "b": 50, "c": 100}


def test_pods_of_one_service_are_spread_too() -> None:
    """S12: so are the pods of a Service that nobody controls."""
    pods = (make_pod("x").labels(app="web").node("a"), make_pod("y").labels(app="db").node("b"))
    nodes, service = table(make_node("a"), make_node("b"), pods=pods), (SERVICES, {"selector": {"app": "web"}})
    assert scores(plugin(service), make_pod().labels(app="web"), nodes) == {"a": 0, "b": 100}
    assert scores(plugin(service), make_pod().labels(app="cache"), nodes) is None


def test_the_first_replica_may_go_anywhere() -> None:
    assert scores(plugin(), make_pod().controller("web"), table(make_node("a"))) is None


def test_bare_pods_are_nobodys_replicas() -> None:
    nodes = table(make_node("a"), pods=(make_pod("other").node("a"),))
    assert scores(plugin(), make_pod(), nodes) is None


def test_pods_that_are_going_do_not_count() -> None:
    pods = (make_pod("old").controller("web").deleting().node("a"), make_pod("new").controller("web").node("b"))
    nodes = table(make_node("a"), make_node("b"), pods=pods)
    assert scores(plugin(), make_pod().controller("web"), nodes) == {"a": 100, "b": 0}


@pytest.mark.parametrize(("hard", "scored"), [(True, True), (False, False)], ids=["required", "preferred"])
def test_a_pod_that_prefers_its_own_way_of_spreading_is_left_to_it(hard: bool, scored: bool) -> None:
    nodes = table(make_node("a").zone("a"), make_node("b").zone("b"), pods=replicas("a", 1))
    found = scores(plugin(), make_pod().controller("web").spread(ZONE, WEB, hard=hard), nodes)
    assert (found is not None) is scored


def test_does_not_undo_the_spreading_over_zones() -> None:
    """S12: with upstream's default constraints beside it, replicas are even over zones, and in each over nodes."""
    found = Handle(Client("http://127.0.0.1:1"))
    framework = Framework(default_profile(), in_tree_registry(), found)
    show(found, REPLICASETS, {"selector": WEB})
    show(found, SERVICES, {"selector": {"app": "web"}})
    sizes = {"a": 2, "b": 3, "c": 4}
    nodes = table(*(make_node(f"{zone}{number}").zone(zone) for zone, size in sizes.items() for number in range(size)))
    for number in range(6):
        pod = make_pod(f"web-{number}").labels(app="web").controller("web").requests(cpu="10m", memory="10Mi").info()
        cycle = schedule_one(framework, nodes, QueuedPod(pod, 0.0), rng=random.Random(number), clock=ManualClock())
        winner = cycle.decision.winner
        nodes.add_pod(winner, pod.on_node(winner))
    counts = nodes.replicas.by_row("web")
    assert set(counts.values()) == {1}
    assert sorted(nodes.names[row][0] for row in counts) == ["a", "a", "b", "b", "c", "c"]
