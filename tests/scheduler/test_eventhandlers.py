"""What the API server shows, and what the scheduler makes of it."""

import pytest

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from scheduler.cache import SchedulerCache
from scheduler.eventhandlers import EventHandlers
from scheduler.framework.interface import Handle
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.settings import Settings
from tests.scheduler.builders import PodBuilder, make_node, make_pod


class Room:
    """Cache, queue and handlers, wired as in the scheduler."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        handle = Handle(Client("http://127.0.0.1:1"))
        framework = Framework(default_profile(), in_tree_registry(), handle)
        self.cache = SchedulerCache(self.clock, 60)
        self.queue = SchedulingQueue(self.clock, {"default-scheduler": framework}, Settings())
        self.handlers = EventHandlers(self.cache, self.queue, handle, {"default-scheduler"})

    def reject(self, plugin: str) -> None:
        queued = self.queue.pop_nowait()
        assert queued is not None
        self.queue.put_back(queued, frozenset({plugin}))

    @property
    def waiting(self) -> int:
        return self.queue.statistics().active


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.mark.parametrize(
    ("pod", "waiting", "counted"),
    [
        pytest.param(make_pod(), 1, 0, id="without a node"),
        pytest.param(make_pod().node("a"), 0, 1, id="with a node"),
        pytest.param(make_pod().scheduler("other"), 0, 0, id="of another scheduler"),
        pytest.param(make_pod().scheduler("other").node("a"), 0, 1, id="of another scheduler, with a node"),
        pytest.param(make_pod().deleting(), 0, 0, id="being deleted"),
        pytest.param(make_pod().deleting().node("a"), 0, 1, id="being deleted, still on its node"),
        pytest.param(make_pod().phase("Succeeded").node("a"), 0, 0, id="succeeded"),
        pytest.param(make_pod().phase("Failed").node("a"), 0, 0, id="failed"),
        pytest.param(make_pod().phase("Failed"), 0, 0, id="failed without a node"),
    ],
)
def test_which_pods_wait_and_which_count(room: Room, pod: PodBuilder, waiting: int, counted: int) -> None:
    """S10: unbound pods are learned of through watch."""
    room.handlers.on_pod(None, pod.shown())
    assert (room.waiting, room.cache.statistics().pods) == (waiting, counted)


def test_a_pod_bound_by_someone_else_no_longer_waits(room: Room) -> None:
    pod = make_pod().shown()
    room.handlers.on_pod(None, pod)
    room.handlers.on_pod(pod, make_pod().node("a").shown())
    assert (room.waiting, room.cache.statistics().pods) == (0, 1)


def test_a_finished_pod_frees_its_place_and_wakes_who_waits_for_it(room: Room) -> None:
    running = make_pod("running").node("a").shown()
    room.handlers.on_pod(None, running)
    room.handlers.on_pod(None, make_pod("waits").shown())
    room.reject("NodeResourcesFit")
    room.handlers.on_pod(running, make_pod("running").node("a").phase("Succeeded").shown())
    assert room.queue.statistics().backoff == 1
    assert room.cache.statistics().pods == 0


def test_a_pod_that_was_made_smaller_frees_room_when_its_node_has_let_go(room: Room) -> None:
    """Until then it counts with its old size; the status alone tells when."""
    room.handlers.on_node(None, make_node("a").capacity(cpu="4", memory="8Gi", pods="9").obj())
    big = make_pod("big").node("a").requests(cpu="3").has(cpu="3").version(1, generation=1).shown()
    asked = make_pod("big").node("a").requests(cpu="1").has(cpu="3").version(2, generation=2).shown()
    done = make_pod("big").node("a").requests(cpu="1").has(cpu="1").version(3, generation=2).shown()
    room.handlers.on_pod(None, big)
    room.handlers.on_pod(None, make_pod("waits").requests(cpu="2").shown())
    room.reject("NodeResourcesFit")
    room.handlers.on_pod(big, asked)
    assert room.queue.statistics().backoff == 0
    room.handlers.on_pod(asked, done)
    assert room.queue.statistics().backoff == 1
    column = room.cache.nodes.resources.column("cpu")
    assert column is not None
    assert column.free[0] == 3000


def test_a_deleted_waiting_pod_is_forgotten(room: Room) -> None:
    pod = make_pod().shown()
    room.handlers.on_pod(None, pod)
    room.handlers.on_pod(pod, make_pod().deleting().shown())
    assert room.waiting == 0


def test_an_update_of_a_pod_being_bound_does_not_queue_it(room: Room) -> None:
    pod = make_pod().shown()
    room.handlers.on_pod(None, pod)
    queued = room.queue.pop_nowait()
    assert queued is not None
    room.cache.assume(queued.pod.on_node("a"))
    room.handlers.on_pod(pod, make_pod().version(2).shown())
    assert room.waiting == 0


def test_a_pod_that_has_lost_its_node_waits_again(room: Room) -> None:
    """As when the API server's store was put back to an earlier state."""
    bound = make_pod().node("a").version(9).shown()
    room.handlers.on_pod(None, bound)
    room.handlers.on_pod(bound, make_pod().version(3).shown())
    assert (room.waiting, room.cache.statistics().pods) == (1, 0)


def test_a_pod_of_the_same_name_is_another_pod(room: Room) -> None:
    """Deleted and created again: the informer shows both."""
    old = make_pod().uid("one").node("a").shown()
    room.handlers.on_pod(None, old)
    room.handlers.on_pod(old, None)
    room.handlers.on_pod(None, make_pod().uid("two").shown())
    assert (room.waiting, room.cache.statistics().pods) == (1, 0)


@pytest.mark.parametrize(
    ("plugin", "woken"),
    [
        pytest.param("NodeUnschedulable", True, id="the one that rejected cordoned nodes"),
        pytest.param("TaintToleration", False, id="taints are the same"),
        pytest.param("NodeAffinity", False, id="labels are the same"),
        pytest.param("NodeResourcesFit", False, id="resources are the same"),
    ],
)
def test_uncordoning_wakes_whom_it_can_help(room: Room, plugin: str, woken: bool) -> None:
    room.handlers.on_node(None, make_node("a").cordoned().obj())
    room.handlers.on_pod(None, make_pod().shown())
    room.reject(plugin)
    room.handlers.on_node(make_node("a").cordoned().obj(), make_node("a").obj())
    assert (room.queue.statistics().backoff == 1) is woken


def test_a_heartbeat_wakes_nobody(room: Room) -> None:
    node = make_node("a").obj()
    room.handlers.on_node(None, node)
    room.handlers.on_pod(None, make_pod().shown())
    room.reject("NodeResourcesFit")
    beat = node.model_copy(deep=True)
    beat.metadata.resource_version = "2"
    room.handlers.on_node(node, beat)
    assert room.queue.statistics().unschedulable == 1


def test_a_node_that_goes_is_no_longer_there(room: Room) -> None:
    node = make_node("a").obj()
    room.handlers.on_node(None, node)
    room.handlers.on_node(node, None)
    assert room.cache.nodes.count == 0
