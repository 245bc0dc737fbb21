from scheduler.plugins.replica_spread import ReplicaSpread
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import scores


def replicas(node: str, count: int, controller: str = "web") -> tuple[PodBuilder, ...]:
    return tuple(make_pod(f"{controller}-{node}-{number}").controller(controller).node(node) for number in range(count))


def test_fewer_replicas_are_better() -> None:
    """S12: replicas of a controller are spread."""
    pods = (*replicas("a", 2), *replicas("b", 1), *replicas("c", 4, "db"))
    nodes = table(make_node("a"), make_node("b"), make_node("c"), pods=pods)
    assert scores(ReplicaSpread(), make_pod().controller("web"), nodes) == {"a": 0, "b": 50, "c": 100}


def test_the_first_replica_may_go_anywhere() -> None:
    assert scores(ReplicaSpread(), make_pod().controller("web"), table(make_node("a"))) is None


def test_bare_pods_are_nobodys_replicas() -> None:
    nodes = table(make_node("a"), pods=(make_pod("other").node("a"),))
    assert scores(ReplicaSpread(), make_pod(), nodes) is None


def test_pods_that_are_going_do_not_count() -> None:
    pods = (make_pod("old").controller("web").deleting().node("a"), make_pod("new").controller("web").node("b"))
    nodes = table(make_node("a"), make_node("b"), pods=pods)
    assert scores(ReplicaSpread(), make_pod().controller("web"), nodes) == {"a": 100, "b": 0}
