"""Nodes, pods, and pods on their way, in whatever order news of them comes."""

import random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from scheduler.cache import SchedulerCache
from scheduler.framework.affinity_owners import Role
from scheduler.framework.events import Action
from scheduler.framework.interface import Handle
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.pod_selection import PodSelection
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.scheduling import schedule_one
from tests.scheduler import reference, reference_topology, strategies
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cache(clock: ManualClock) -> SchedulerCache:
    return SchedulerCache(clock, assumed_pod_seconds=60)


def free_cpu(nodes: NodeTable, name: str) -> int:
    row = nodes.row(name)
    column = nodes.resources.column("cpu")
    assert row is not None
    assert column is not None
    return int(column.free[row])


def pod_on(node: str, name: str = "pod", cpu: str = "1") -> PodInfo:
    return make_pod(name).requests(cpu=cpu).node(node).info()


class TestAssumed:
    def test_takes_its_place_at_once(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        assert free_cpu(cache.nodes, "a") == 3000
        assert cache.statistics().assumed == 1

    def test_is_counted_once_when_confirmed(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        cache.finish_binding("uid-pod")
        cache.set_pod(pod_on("a"))
        assert free_cpu(cache.nodes, "a") == 3000
        assert not cache.is_assumed("uid-pod")

    def test_moves_when_it_was_bound_elsewhere(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.set_node(make_node("b").info())
        cache.assume(pod_on("a"))
        cache.set_pod(pod_on("b"))
        assert (free_cpu(cache.nodes, "a"), free_cpu(cache.nodes, "b")) == (4000, 3000)

    def test_gives_its_place_back_when_forgotten(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        assert cache.forget("uid-pod")
        assert not cache.forget("uid-pod")
        assert free_cpu(cache.nodes, "a") == 4000

    def test_is_not_forgotten_once_confirmed(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.set_pod(pod_on("a"))
        assert not cache.forget("uid-pod")
        assert free_cpu(cache.nodes, "a") == 3000

    def test_cannot_be_assumed_twice(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        with pytest.raises(ValueError, match="has a node already"):
            cache.assume(pod_on("a"))

    async def test_expires_when_never_confirmed(self, cache: SchedulerCache, clock: ManualClock) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        await clock.advance(100)
        assert cache.expire_assumed() == []
        cache.finish_binding("uid-pod")
        await clock.advance(59)
        assert cache.expire_assumed() == []
        await clock.advance(1)
        assert [pod.name for pod in cache.expire_assumed()] == ["pod"]
        assert free_cpu(cache.nodes, "a") == 4000

    async def test_does_not_expire_when_confirmed(self, cache: SchedulerCache, clock: ManualClock) -> None:
        cache.set_node(make_node("a").info())
        cache.assume(pod_on("a"))
        cache.finish_binding("uid-pod")
        cache.set_pod(pod_on("a"))
        await clock.advance(100)
        assert cache.expire_assumed() == []
        assert free_cpu(cache.nodes, "a") == 3000


class TestOrder:
    def test_a_pod_may_come_before_its_node(self, cache: SchedulerCache) -> None:
        cache.set_pod(pod_on("a"))
        assert cache.set_node(make_node("a").info()) == (None, Action.ADD)
        assert free_cpu(cache.nodes, "a") == 3000

    def test_a_node_that_comes_back_has_its_pods(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.set_pod(pod_on("a"))
        cache.remove_node("a")
        cache.remove_node("a")
        assert cache.nodes.count == 0
        cache.set_node(make_node("a").info())
        assert free_cpu(cache.nodes, "a") == 3000

    def test_a_pod_may_go_after_its_node(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.set_pod(pod_on("a"))
        cache.remove_node("a")
        assert cache.remove_pod("uid-pod")
        assert not cache.remove_pod("uid-pod")
        cache.set_node(make_node("a").info())
        assert free_cpu(cache.nodes, "a") == 4000

    def test_a_resized_pod_takes_its_new_place(self, cache: SchedulerCache) -> None:
        cache.set_node(make_node("a").info())
        cache.set_pod(pod_on("a", cpu="1"))
        cache.set_pod(pod_on("a", cpu="3"))
        assert free_cpu(cache.nodes, "a") == 1000


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(make_node("a"), Action(0), id="nothing"),
        pytest.param(make_node("a").labels(x="y"), Action.UPDATE_NODE_LABEL, id="label"),
        pytest.param(make_node("a").taint("x"), Action.UPDATE_NODE_TAINT, id="taint"),
        pytest.param(make_node("a").cordoned(), Action.UPDATE_NODE_TAINT, id="cordon"),
        pytest.param(
            make_node("a").capacity(cpu="8", memory="8Gi", pods="110"), Action.UPDATE_NODE_ALLOCATABLE, id="cpu"
        ),
        pytest.param(
            make_node("a").capacity(cpu="4", memory="8Gi", pods="9"), Action.UPDATE_NODE_ALLOCATABLE, id="pods"
        ),
    ],
)
def test_tells_what_changed_about_a_node(cache: SchedulerCache, change: NodeBuilder, expected: Action) -> None:
    cache.set_node(make_node("a").info())
    assert cache.set_node(change.info())[1] == expected


node_names = st.sampled_from(strategies.NODE_NAMES)


class Churn(RuleBasedStateMachine):
    """Nodes and pods come, change and go while pods are scheduled; a second, slow account is kept beside the cache."""

    waiting = Bundle("waiting")
    binding = Bundle("binding")
    bound = Bundle("bound")

    @initialize()
    def start(self) -> None:
        self.clock = ManualClock()
        self.framework = Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))
        self.cache = SchedulerCache(self.clock, 60)
        self.rng = random.Random(1)
        self.nodes: dict[str, NodeBuilder] = {}
        self.pods: dict[str, PodInfo] = {}
        self.wire: dict[str, dict[str, Any]] = {}
        self.made = 0

    @rule(target=waiting, data=st.data())
    def create_pod(self, data: st.DataObject) -> PodInfo:
        self.made += 1
        name = f"pod-{self.made}"
        choices = [strategies.pods(name), strategies.social_pods(name, demanding=False)]
        builder: PodBuilder = data.draw(data.draw(st.sampled_from(choices)))
        info = builder.info()
        self.wire[info.uid] = builder.dict()
        return info

    @rule(name=node_names, data=st.data())
    def set_node(self, name: str, data: st.DataObject) -> None:
        choices = [strategies.nodes(name), strategies.roomy_nodes(name)]
        self.nodes[name] = data.draw(data.draw(st.sampled_from(choices)))
        self.cache.set_node(self.nodes[name].info())

    @rule(name=node_names)
    def remove_node(self, name: str) -> None:
        self.cache.remove_node(name)
        self.nodes.pop(name, None)

    @rule(target=binding, pod=waiting)
    def schedule(self, pod: PodInfo) -> PodInfo:
        if pod.uid in self.pods:
            # What is confirmed later is the pod as it was placed, not as it waited.
            return self.pods[pod.uid]
        queued = QueuedPod(pod, 0.0)
        decision = schedule_one(self.framework, self.cache.nodes, queued, rng=self.rng, clock=self.clock).decision
        if not decision.winner:
            return pod
        self.check_placement(pod, decision.winner)
        placed = pod.on_node(decision.winner)
        self.cache.assume(placed)
        self.pods[pod.uid] = placed
        return placed

    def check_placement(self, pod: PodInfo, name: str) -> None:
        """No placement exceeds what the node has left, or breaks any other rule."""
        wire = [(node.obj().model_dump(by_alias=True), self.pods_on(name)) for name, node in self.nodes.items()]
        new = self.wire[pod.uid]
        (node, others) = next(entry for entry in wire if entry[0]["metadata"]["name"] == name)
        assert reference.rejection(new, node, others) == set()
        assert reference_topology.spread_rejection(new, node, wire) == set()
        assert reference_topology.affinity_rejection(new, node, wire, {}) == set()

    def pods_on(self, name: str) -> list[dict[str, Any]]:
        return [self.wire[other.uid] for other in self.pods.values() if other.node_name == name]

    @rule(target=bound, pod=consumes(binding))
    def confirm(self, pod: PodInfo) -> PodInfo:
        placed = self.pods.get(pod.uid, pod)
        if pod.uid in self.pods:
            self.cache.finish_binding(pod.uid)
            self.cache.set_pod(placed)
        return placed

    @rule(pod=consumes(binding))
    def fail_binding(self, pod: PodInfo) -> None:
        if self.cache.forget(pod.uid):
            del self.pods[pod.uid]

    @rule(pod=consumes(bound))
    def remove_pod(self, pod: PodInfo) -> None:
        assert (self.cache.remove_pod(pod.uid) is not None) == (self.pods.pop(pod.uid, None) is not None)

    @invariant()
    def equals_a_table_made_anew(self) -> None:
        """What was changed row by row is what it would be if it were built from nothing."""
        fresh = NodeTable()
        for node in self.nodes.values():
            fresh.add_node(node.info())
        for pod in self.pods.values():
            if pod.node_name in fresh:
                fresh.add_pod(pod.node_name, pod)
        assert summary(self.cache.nodes, self.pods) == summary(fresh, self.pods)


def selections_of(pods: dict[str, PodInfo]) -> list[PodSelection]:
    """The selections that some pod asks about."""
    spreads = [pod.spread for pod in pods.values() if pod.spread is not None]
    rules = [pod.affinity for pod in pods.values() if pod.affinity is not None]
    return [constraint.pods for entry in spreads for constraint in (*entry.hard, *entry.soft)] + [
        term.pods for entry in rules for term in (*entry.required, *entry.required_anti)
    ]


def summary(nodes: NodeTable, pods: dict[str, PodInfo]) -> dict[str, object]:
    """Everything a plugin can read about each node."""
    found: dict[str, object] = {}
    sets = {number: taints for taints, number in nodes.taints.sets.items()}
    ports = [port for pod in pods.values() for port in pod.host_ports]
    for name in nodes.names:
        row = nodes.row(name)
        assert row is not None
        amounts: dict[str, tuple[int, int]] = {}
        for resource in ("cpu", "memory", "example.com/gpu"):
            column = nodes.resources.column(resource)
            amounts[resource] = (0, 0) if column is None else (int(column.free[row]), int(column.allocatable[row]))
        conflicts = [
            taken is not None and bool(taken[row]) for p in ports for taken in [nodes.ports.conflicts(p, nodes.count)]
        ]
        replicas = {
            controller: 0 if vector is None else int(vector[row])
            for controller in ("web", "db")
            for vector in [nodes.replicas.vector(controller, nodes.count)]
        }
        counted = [
            0 if sums is None else int(sums[domains.numbers[row]])
            for domains in (nodes.topology.domains(key, nodes.count) for key in strategies.TOPOLOGIES)
            for selection in selections_of(pods)
            for sums in [nodes.pods.sums(selection, domains)]
        ]
        owned = [
            (role, 0 if sums is None else int(sums[domains.numbers[row]]))
            for pod in pods.values()
            if pod.affinity is not None
            for role, terms in (
                (Role.REQUIRED, pod.affinity.required),
                (Role.REQUIRED_ANTI, pod.affinity.required_anti),
                (Role.PREFERRED, tuple(wish.term for wish in pod.affinity.preferred)),
            )
            for term in terms
            for domains in [nodes.topology.domains(term.topology_key, nodes.count)]
            for sums in [nodes.owners.sums(role, term, domains)]
        ]
        scored = int(nodes.resources.scored("cpu").free[row])
        cordoned = nodes.unschedulable is not None and bool(nodes.unschedulable[row])
        slots = int(nodes.resources.free_slots[row])
        taints = sets[int(nodes.taints.numbers[row])]
        found[name] = (amounts, conflicts, replicas, counted, owned, scored, cordoned, slots, taints, nodes.info(row))
    return found


TestChurn = Churn.TestCase
TestChurn.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
