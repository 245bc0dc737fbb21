"""The scheduling queue on a clock that is moved by hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from apimachinery.clock import ManualClock
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import Code, Status
from scheduler.plugins.priority_sort import PrioritySort
from scheduler.plugins.scheduling_gates import SchedulingGates
from scheduler.queue import SchedulingQueue
from scheduler.settings import Settings
from tests.scheduler.builders import make_node, make_pod

NODE_ADDED = ClusterEvent(EventResource.NODE, Action.ADD)
NODE_LABELLED = ClusterEvent(EventResource.NODE, Action.UPDATE_NODE_LABEL)
POD_DELETED = ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE)

FIT = frozenset({"Fit"})
AFFINITY = frozenset({"Affinity"})


PICKY = frozenset({"Picky"})


def only_big(pod: PodInfo, old: NodeInfo | None, new: NodeInfo) -> QueueingHint:
    if new.name == "broken":
        raise RuntimeError("no idea")
    return QueueingHint.QUEUE if new.name == "big" else QueueingHint.SKIP


class Rules:
    """Three rejecting plugins, and the real ones for order and gates."""

    def __init__(self) -> None:
        self.interests: dict[str, Sequence[ClusterEventWithHint]] = {
            "Fit": (
                ClusterEventWithHint(EventResource.NODE, Action.ADD),
                ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE),
                ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_SCALE_DOWN),
            ),
            "Affinity": (ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_LABEL),),
            "Picky": (ClusterEventWithHint(EventResource.NODE, Action.ADD, only_big),),
        }

        self.closed = False

    def pre_enqueue(self, pod: PodInfo) -> Status:
        if self.closed:
            return Status(Code.UNSCHEDULABLE, ("closed",), "Picky")
        return SchedulingGates().pre_enqueue(pod)

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]:
        return PrioritySort().sort_key(queued)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
def queue(clock: ManualClock, rules: Rules) -> SchedulingQueue:
    return SchedulingQueue(clock, {"default-scheduler": rules}, Settings())


def popped(queue: SchedulingQueue) -> list[str]:
    """Take and finish everything that is active."""
    names = []
    while (queued := queue.pop_nowait()) is not None:
        names.append(queued.pod.name)
        queue.done(queued.pod.uid)
    return names


def fail(queue: SchedulingQueue, rejected_by: frozenset[str] = FIT) -> QueuedPod:
    """Take the next pod and put it back as rejected."""
    queued = queue.pop_nowait()
    assert queued is not None
    queue.put_back(queued, rejected_by)
    return queued


async def test_priority_then_waiting_time(queue: SchedulingQueue, clock: ManualClock) -> None:
    queue.add(make_pod("old").info())
    await clock.advance(1)
    queue.add(make_pod("young").info())
    queue.add(make_pod("important").priority(10).info())
    assert popped(queue) == ["important", "old", "young"]


def test_a_pod_is_handed_out_once(queue: SchedulingQueue) -> None:
    queue.add(make_pod().info())
    queue.add(make_pod().info())
    assert queue.pop_nowait() is not None
    assert queue.pop_nowait() is None


def test_a_pod_in_flight_is_not_added_again(queue: SchedulingQueue) -> None:
    queue.add(make_pod().info())
    queued = queue.pop_nowait()
    queue.add(make_pod().info())
    assert queued is not None
    assert queue.pop_nowait() is None
    assert queue.statistics().in_flight == 1


class TestUnschedulable:
    async def test_sleeps_until_an_event_its_plugin_named(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue, AFFINITY)
        await clock.advance(60)
        queue.move_on_event(POD_DELETED)
        assert popped(queue) == []
        queue.move_on_event(NODE_LABELLED)
        assert popped(queue) == ["pod"]

    async def test_any_of_several_plugins_can_wake_it(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue, FIT | AFFINITY)
        await clock.advance(60)
        queue.move_on_event(POD_DELETED)
        assert popped(queue) == ["pod"]

    async def test_is_tried_again_after_five_minutes(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue)
        await clock.advance(299)
        assert popped(queue) == []
        await clock.advance(1)
        assert popped(queue) == ["pod"]

    def test_forgets_a_deleted_pod(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().info())
        fail(queue)
        queue.delete("uid-pod")
        queue.move_on_event(NODE_ADDED)
        assert popped(queue) == []
        assert queue.statistics().unschedulable == 0


class TestBackoff:
    async def test_doubles_from_one_second_to_ten(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        rests = []
        for _ in range(6):
            fail(queue)
            queue.move_on_event(NODE_ADDED)
            started = clock.monotonic()
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(queue.pop())
                while not waiting.done():
                    await clock.advance(0.5)
            rests.append(clock.monotonic() - started)
            # Back in the queue as it was, as if it had just been added.
            queue.put_back(waiting.result(), FIT)
            waiting.result().unschedulable_count -= 1
            await clock.advance(300)
        assert rests == [1, 2, 4, 8, 10, 10]

    async def test_counts_from_the_failed_try(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue)
        await clock.advance(0.4)
        queue.move_on_event(NODE_ADDED)
        assert queue.statistics().backoff == 1
        await clock.advance(0.59)
        assert popped(queue) == []
        await clock.advance(0.01)
        assert popped(queue) == ["pod"]

    async def test_an_error_rests_without_an_event(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue, frozenset())
        assert popped(queue) == []
        await clock.advance(1)
        assert popped(queue) == ["pod"]

    def test_an_event_while_in_flight_is_not_lost(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        queue.move_on_event(POD_DELETED)
        queue.put_back(queued, FIT)
        assert queue.statistics().backoff == 1

    def test_an_event_of_no_interest_while_in_flight_is(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().info())
        queue.move_on_event(POD_DELETED)
        queued = queue.pop_nowait()
        assert queued is not None
        queue.move_on_event(NODE_LABELLED)
        queue.put_back(queued, FIT)
        assert queue.statistics().unschedulable == 1

    def test_a_pod_deleted_in_flight_is_not_taken_back(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        queue.delete(queued.pod.uid)
        queue.put_back(queued, frozenset())
        assert queue.statistics().backoff == 0


class TestUpdates:
    async def test_an_update_of_its_status_does_not_wake_a_pod(
        self, queue: SchedulingQueue, clock: ManualClock
    ) -> None:
        queue.add(make_pod().version(1).info())
        fail(queue)
        await clock.advance(60)
        queue.add(make_pod().version(2).info())
        assert popped(queue) == []

    async def test_asking_for_less_does(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().requests(cpu="2").info())
        fail(queue)
        await clock.advance(60)
        queue.update(make_pod().requests(cpu="1").info())
        assert popped(queue) == ["pod"]

    async def test_only_when_the_rejecting_plugin_cares(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().requests(cpu="2").info())
        fail(queue, AFFINITY)
        await clock.advance(60)
        queue.update(make_pod().requests(cpu="1").info())
        assert popped(queue) == []

    def test_the_newest_version_is_handed_out(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().version(1).info())
        queue.update(make_pod().version(2).info())
        queued = queue.pop_nowait()
        assert queued is not None
        assert queued.pod.resource_version == "2"


class TestGates:
    def test_a_gated_pod_waits_for_its_gates_to_go(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().gates("a", "b").info())
        queue.move_on_event(NODE_ADDED)
        assert popped(queue) == []
        assert queue.statistics().gated == 1
        queue.update(make_pod().gates("b").info())
        assert popped(queue) == []
        queue.update(make_pod().info())
        assert popped(queue) == ["pod"]

    async def test_time_does_not_open_gates(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().gates("a").info())
        await clock.advance(3600)
        assert popped(queue) == []


class TestPop:
    async def test_waits_for_a_pod(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(queue.pop())
            await clock.settle()
            assert not waiting.done()
            queue.add(make_pod().info())
        assert waiting.result().pod.name == "pod"

    async def test_waits_for_a_rest_to_end(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod().info())
        fail(queue, frozenset())
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(queue.pop())
            await clock.advance(0.9)
            assert not waiting.done()
            await clock.advance(0.1)
        assert waiting.result().attempts == 2

    async def test_wakes_for_a_rest_that_ends_sooner(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod("slow").info())
        fail(queue)
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(queue.pop())
            await clock.settle()
            queue.move_on_event(NODE_ADDED)
            await clock.advance(1)
        assert waiting.result().pod.name == "slow"

    async def test_a_cancelled_wait_takes_nothing(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(queue.pop())
            await clock.settle()
            waiting.cancel()
        queue.add(make_pod().info())
        assert popped(queue) == ["pod"]


async def test_attempts_are_counted(queue: SchedulingQueue, clock: ManualClock) -> None:
    queue.add(make_pod().info())
    fail(queue)
    await clock.advance(300)
    assert fail(queue).attempts == 2


async def test_a_crowd_that_does_not_fit_keeps_nobody_waiting(queue: SchedulingQueue, clock: ManualClock) -> None:
    """A flood of unschedulable pods, woken again and again, does not come before a new pod for longer than its turn."""
    for number in range(50):
        queue.add(make_pod(f"stuck-{number}").info())
    for _ in range(50):
        fail(queue)
    queue.add(make_pod("new").info())
    queue.move_on_event(NODE_ADDED)
    assert popped(queue) == ["new"]


class TestHints:
    """S10: a pod wakes only on the events that help it."""

    @pytest.mark.parametrize(
        ("node", "wakes"),
        [
            pytest.param("small", False, id="the hint says no"),
            pytest.param("big", True, id="the hint says yes"),
            pytest.param("broken", True, id="a hint that fails keeps nobody waiting"),
        ],
    )
    @pytest.mark.parametrize("in_flight", [pytest.param(False, id="waiting"), pytest.param(True, id="in flight")])
    def test_a_hint_decides(
        self, queue: SchedulingQueue, clock: ManualClock, node: str, wakes: bool, in_flight: bool
    ) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        if in_flight:
            queue.move_on_event(NODE_ADDED, None, make_node(node).info())
        queue.put_back(queued, PICKY)
        if not in_flight:
            queue.move_on_event(NODE_ADDED, None, make_node(node).info())
        statistics = queue.statistics()
        assert (statistics.backoff, statistics.unschedulable) == ((1, 0) if wakes else (0, 1))

    def test_events_from_before_a_pod_was_taken_do_not_count(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod("first").info())
        queue.add(make_pod("second").info())
        first = queue.pop_nowait()
        queue.move_on_event(NODE_ADDED, None, make_node("big").info())
        second = queue.pop_nowait()
        assert first is not None
        assert second is not None
        queue.put_back(second, PICKY)
        assert queue.statistics().unschedulable == 1
        queue.put_back(first, PICKY)
        assert (queue.statistics().backoff, queue.statistics().unschedulable) == (1, 1)

    def test_more_events_than_are_kept_wake_whoever_missed_them(self, queue: SchedulingQueue) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        for _ in range(10_001):
            queue.move_on_event(NODE_ADDED, None, make_node("small").info())
        queue.put_back(queued, PICKY)
        assert queue.statistics().backoff == 1


class TestFind:
    def test_where_pods_are(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod("gated").gates("g").info())
        queue.add(make_pod("taken").priority(1).info())
        queue.add(make_pod("waits").info())
        taken = queue.pop_nowait()
        assert taken is not None
        assert [view.queue for name in ("gated", "taken", "waits") if (view := queue.find("default", name))] == [
            "gated",
            "in flight",
            "active",
        ]
        assert queue.find("default", "nobody") is None
        queue.put_back(taken, FIT)
        view = queue.find("default", "taken")
        assert view is not None
        assert (view.queue, view.attempts, view.seconds) == ("unschedulable", 1, 300.0)
        queue.move_on_event(NODE_ADDED)
        view = queue.find("default", "taken")
        assert view is not None
        assert (view.queue, view.seconds) == ("backoff", 1.0)


class TestPending:
    """Pods whose plugin only waits for something outside are tried without a rest when it comes."""

    @pytest.mark.parametrize(
        ("pending", "expected"),
        [
            pytest.param(FIT, (1, 0), id="pending: active at once"),
            pytest.param(frozenset(), (0, 1), id="rejected: after its rest"),
        ],
    )
    @pytest.mark.parametrize("in_flight", [pytest.param(False, id="waiting"), pytest.param(True, id="in flight")])
    def test_no_rest(
        self, queue: SchedulingQueue, pending: frozenset[str], expected: tuple[int, int], in_flight: bool
    ) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        if in_flight:
            queue.move_on_event(NODE_ADDED)
        queue.put_back(queued, FIT, pending)
        if not in_flight:
            queue.move_on_event(NODE_ADDED)
        assert (queue.statistics().active, queue.statistics().backoff) == expected


def test_a_pod_is_not_woken_by_its_own_going(queue: SchedulingQueue) -> None:
    """A place that was given back helps others, not the pod that had it."""
    for name in ("self", "other"):
        queue.add(make_pod(name).info())
    first, second = queue.pop_nowait(), queue.pop_nowait()
    assert first is not None
    assert second is not None
    queue.move_on_event(POD_DELETED, first.pod, None, not_for=first.pod.uid)
    queue.put_back(first, FIT)
    queue.put_back(second, FIT)
    places = {name: view.queue for name in ("self", "other") if (view := queue.find("default", name))}
    assert places == {first.pod.name: "unschedulable", second.pod.name: "backoff"}


class TestFairness:
    def test_a_flood_does_not_keep_out_a_pod_that_waits(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        """S10: of the same priority, who came first is first, however many come after and fail again and again."""
        for number in range(50):
            queue.add(make_pod(f"flood-{number}").info())
        queue.add(make_pod("quiet").info())
        tried = 0
        while (queued := queue.pop_nowait()) is not None:
            tried += 1
            if queued.pod.name == "quiet":
                break
            queue.put_back(queued, frozenset())
            queue.add(make_pod(f"more-{tried}").info())
        assert tried == 51


class TestGatesThatEventsOpen:
    def test_an_event_that_the_plugin_named_opens_them(self, queue: SchedulingQueue, rules: Rules) -> None:
        """Also here its hint decides, and it is asked anew."""
        rules.closed = True
        queue.add(make_pod().info())
        queue.move_on_event(NODE_ADDED, None, make_node("small").info())
        queue.move_on_event(NODE_ADDED, None, make_node("big").info())
        assert queue.statistics().gated == 1
        rules.closed = False
        queue.move_on_event(NODE_ADDED, None, make_node("small").info())
        assert queue.statistics().gated == 1
        queue.move_on_event(NODE_ADDED, None, make_node("big").info())
        assert (queue.statistics().gated, queue.statistics().active) == (0, 1)

    async def test_a_pod_can_be_gated_after_it_was_tried(
        self, queue: SchedulingQueue, rules: Rules, clock: ManualClock
    ) -> None:
        queue.add(make_pod().info())
        queued = queue.pop_nowait()
        assert queued is not None
        queue.put_back(queued, FIT)
        rules.closed = True
        await clock.advance(20)
        queue.move_on_event(NODE_ADDED, None, make_node("small").info())
        assert queue.statistics().gated == 1
        queue.delete("uid-pod")
        assert queue.statistics().gated == 0
        assert not queue.rejected()


class TestPromises:
    """A pod that others make room for."""

    @pytest.mark.parametrize(
        ("left", "rests"),
        [
            pytest.param("n", False, id="its victim has gone"),
            pytest.param("elsewhere", True, id="a pod has gone from another node"),
        ],
    )
    async def test_it_does_not_rest_when_its_node_gets_room(
        self, queue: SchedulingQueue, clock: ManualClock, left: str, rests: bool
    ) -> None:
        queue.add(make_pod("promised").info())
        queued = queue.pop_nowait()
        assert queued is not None
        queued.pod = replace(queued.pod, nominated_node_name="n")
        queue.put_back(queued, FIT)
        queue.move_on_event(POD_DELETED, make_pod("victim").node(left).info(), None)
        assert (queue.pop_nowait() is None) is rests
        await clock.advance(1.0)
        assert (queue.pop_nowait() is not None) is rests

    async def test_it_can_be_tried_again_without_an_event(self, queue: SchedulingQueue, clock: ManualClock) -> None:
        queue.add(make_pod("promised").info())
        queued = queue.pop_nowait()
        assert queued is not None
        queue.put_back(queued, FIT)
        queue.activate(queued.pod.uid)
        queue.activate("unheard-of")
        assert queue.pop_nowait() is None
        await clock.advance(1.0)
        assert queue.pop_nowait() is queued
