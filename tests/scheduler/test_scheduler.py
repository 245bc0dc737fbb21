"""The scheduler's effects: bindings that fail, bindings that take long, and what is written about them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import NODES, PODS
from scheduler.cache import CacheStatistics
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import (
    BindPlugin,
    EnabledPlugin,
    EnqueueExtensions,
    Handle,
    PermitPlugin,
    PermitResult,
    PluginsRunner,
    PostBindPlugin,
    PostFilterPlugin,
    PostFilterResult,
    Registry,
    ReservePlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SUCCESS, Code, Status
from scheduler.plugins.default_binder import DefaultBinder
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.scheduler import Scheduler
from scheduler.settings import Settings
from tests.live import ServerProcess, eventually
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod

QUICK = Settings(seed=1, pod_initial_backoff_seconds=0.05, pod_max_backoff_seconds=0.1)


class Binder(BindPlugin):
    """Binds as the default one does, once the test lets it, and fails as often as the test says."""

    name = "DefaultBinder"

    def __init__(self, client: Client, failures: int = 0) -> None:
        self._real = DefaultBinder(client)
        self._failures = failures
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = 0
        self.most = 0

    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.gate.wait()
            if self._failures:
                self._failures -= 1
                return Status(Code.ERROR, ("the line was cut",))
            return await self._real.bind(state, pod, node_name)
        finally:
            self.under_way -= 1

    @property
    def registry(self) -> Registry:
        return {**in_tree_registry(), self.name: lambda args, handle: self}


@pytest.fixture
async def client(start_server: Callable[..., ServerProcess]) -> AsyncIterator[Client]:
    # Nobody is there to find these nodes ready.
    server = start_server("--disable-admission-plugins=TaintNodesByCondition")
    async with Client(server.url) as opened:
        yield opened


@asynccontextmanager
async def running(client: Client, binder: Binder, settings: Settings = QUICK) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(client, settings, registry=binder.registry)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scheduler.run())
        yield scheduler
        task.cancel()


async def create_node(client: Client, node: NodeBuilder) -> None:
    await client.create(NODES, node.obj())


async def create_pod(client: Client, pod: PodBuilder) -> None:
    obj = pod.obj()
    obj.metadata.uid = ""
    obj.spec.containers[0].image = "registry.k8s.io/pause:3.10"
    await client.create(PODS, obj)


async def get_pod(client: Client, name: str = "pod") -> Pod:
    return await client.get(PODS, name, namespace="default")


class Custom(PostFilterPlugin, ReservePlugin, PermitPlugin, PostBindPlugin, EnqueueExtensions):
    """Notes what it is asked; refuses, holds or promises as the test says."""

    name = "Custom"

    def __init__(self) -> None:
        self.story: list[str] = []
        self.reserves = SUCCESS
        self.permits = PermitResult()
        self.promises: str | None = None
        self.handle: Handle | None = None
        self.effect = asyncio.Event()

    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> PostFilterResult:
        async def effect() -> None:
            self.effect.set()

        if self.promises is None:
            return PostFilterResult(Status(Code.UNSCHEDULABLE, ("preemption: not tried.",)))
        return PostFilterResult(SUCCESS, self.promises, effect)

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        self.story.append(f"reserve {node_name}")
        return self.reserves

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        self.story.append(f"unreserve {node_name}")

    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> PermitResult:
        self.story.append(f"permit {node_name}")
        return self.permits

    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        self.story.append(f"bound {node_name}")

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [ClusterEventWithHint(EventResource.NODE, Action.UPDATE_NODE_LABEL)]

    def make(self, args: None, handle: Handle) -> "Custom":
        self.handle = handle
        return self


@asynccontextmanager
async def with_plugin(client: Client, plugin: Custom, settings: Settings = QUICK) -> AsyncIterator[Scheduler]:
    default = default_profile()
    # What its PostFilter says is to be the only word.
    others = (entry for entry in default.plugins if entry.name != "DefaultPreemption")
    profile = replace(default, plugins=(*others, EnabledPlugin(plugin.name)))
    registry = {**in_tree_registry(), plugin.name: plugin.make}
    scheduler = Scheduler(client, settings, profiles=[profile], registry=registry)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scheduler.run())
        yield scheduler
        task.cancel()


async def until_told(client: Client, reason: str, message: str, name: str = "pod") -> Pod:
    async def told() -> Pod | None:
        pod = await get_pod(client, name)
        condition = pod.condition("PodScheduled")
        return pod if condition and (condition.reason, condition.message) == (reason, message) else None

    pod = await eventually(told)
    assert pod is not None
    return pod


async def test_what_reserve_refuses_is_given_back(client: Client) -> None:
    """The place, and what other plugins have set aside; the plugin's events wake the pod."""
    plugin = Custom()
    plugin.reserves = Status(Code.UNSCHEDULABLE, ("nothing to set aside",))
    await create_node(client, make_node("a").capacity(cpu="1", memory="1Gi", pods="5"))
    await create_pod(client, make_pod().requests(cpu="1"))
    async with with_plugin(client, plugin) as scheduler:
        await until_told(client, "Unschedulable", "0/1 nodes are available: 1 nothing to set aside.")
        assert plugin.story == ["reserve a", "unreserve a"]
        (decision,) = scheduler.decisions.of_pod("default", "pod")
        assert (decision.winner, decision.fate.state, decision.wakers) == ("a", "failed", {"Custom"})
        assert scheduler.cache.statistics().pods == 0
        assert scheduler.queue.statistics().unschedulable == 1
        plugin.reserves = SUCCESS
        await client.patch(NODES, "a", {"metadata": {"labels": {"k": "v"}}})
        await until_bound(client)

        async def told() -> bool:
            return plugin.story[2:] == ["reserve a", "permit a", "bound a"]

        await eventually(told)
        assert scheduler.decisions.of_pod("default", "pod")[-1].fate.state == "bound"


@pytest.mark.parametrize("allowed", [pytest.param(True, id="allowed"), pytest.param(False, id="rejected")])
async def test_a_permit_plugin_holds_a_pod(client: Client, allowed: bool) -> None:
    """It has its place meanwhile, and other pods are bound past it."""
    plugin = Custom()
    plugin.permits = PermitResult(Status(Code.WAIT), 300)
    await create_node(client, make_node("a").capacity(cpu="2", memory="1Gi", pods="5"))
    await create_pod(client, make_pod().requests(cpu="1"))
    async with with_plugin(client, plugin, replace(QUICK, parallel_binds=1)) as scheduler:

        async def held() -> bool:
            return plugin.handle is not None and len(plugin.handle.waiting_pods) == 1

        await eventually(held)

        async def expected() -> bool:
            return (await get_pod(client)).status.nominated_node_name == "a"

        await eventually(expected)
        assert scheduler.decisions.of_pod("default", "pod")[0].fate.state == "waiting"
        plugin.permits = PermitResult()
        await create_pod(client, make_pod("other").requests(cpu="1"))
        await until_bound(client, "other")
        await create_pod(client, make_pod("third").requests(cpu="1"))
        await until_told(
            client, "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu. preemption: not tried.", "third"
        )
        assert plugin.handle is not None
        (waiting,) = plugin.handle.waiting_pods.all()
        if allowed:
            waiting.allow(plugin.name)
            bound = await until_bound(client)
            assert (bound.spec.node_name, bound.status.nominated_node_name) == ("a", "")
            return
        waiting.reject(plugin.name, "not today")
        rejected = await until_told(client, "Unschedulable", "not today")
        assert rejected.status.nominated_node_name == ""
        await until_bound(client, "third")
        assert "unreserve a" in plugin.story
        assert scheduler.queue.statistics().unschedulable == 1


async def test_a_pod_that_is_deleted_while_a_permit_plugin_holds_it(client: Client) -> None:
    plugin = Custom()
    plugin.permits = PermitResult(Status(Code.WAIT), 300)
    await create_node(client, make_node("a"))
    await create_pod(client, make_pod())
    async with with_plugin(client, plugin) as scheduler:

        async def held() -> bool:
            return plugin.handle is not None and len(plugin.handle.waiting_pods) == 1

        await eventually(held)
        await client.delete(NODES, "a")
        await client.delete(PODS, "pod", namespace="default", grace_period_seconds=0)

        async def nothing_left() -> bool:
            return plugin.story[-1] == "unreserve a" and scheduler.cache.statistics() == CacheStatistics(0, 0, 0)

        await eventually(nothing_left)
        assert scheduler.queue.find("default", "pod") is None


async def test_a_promise_is_written_and_honoured(client: Client) -> None:
    """The nominated node is in the pod's status, its room is kept from others, and it is forgotten when it is used."""
    plugin = Custom()
    plugin.promises = "a"
    await create_node(client, make_node("a").capacity(cpu="1", memory="1Gi", pods="5"))
    await create_pod(client, make_pod("old").requests(cpu="1"))
    async with with_plugin(client, plugin):
        await until_bound(client, "old")
        await create_pod(client, make_pod("promised").requests(cpu="1"))

        async def promised() -> bool:
            return (await get_pod(client, "promised")).status.nominated_node_name == "a"

        await eventually(promised)
        await asyncio.wait_for(plugin.effect.wait(), 30)
        plugin.promises = None
        await create_pod(client, make_pod("other").requests(cpu="1"))
        message = "0/1 nodes are available: 1 Insufficient cpu. preemption: not tried."
        await until_told(client, "Unschedulable", message, "other")
        await client.delete(PODS, "old", namespace="default", grace_period_seconds=0)
        assert (await until_bound(client, "promised")).spec.node_name == "a"
        assert not (await get_pod(client, "other")).spec.node_name
        assert plugin.handle is not None
        assert len(plugin.handle.nominator) == 0


async def until_bound(client: Client, name: str = "pod") -> Pod:
    async def bound() -> Pod | None:
        pod = await get_pod(client, name)
        return pod if pod.spec.node_name else None

    pod = await eventually(bound)
    assert pod is not None
    return pod


async def test_a_binding_that_fails_is_tried_again(client: Client) -> None:
    """S13: the binding is stored in the end, and the failed one left nothing behind."""
    await create_node(client, make_node("a").capacity(cpu="1", memory="1Gi", pods="1"))
    await create_pod(client, make_pod().requests(cpu="1"))
    async with running(client, Binder(client, failures=2)) as scheduler:
        await until_bound(client)
        assert [decision.attempt for decision in scheduler.decisions.of_pod("default", "pod")] == [1, 2, 3]
        statistics = scheduler.cache.statistics()
        assert (statistics.pods, scheduler.queue.statistics().backoff) == (1, 0)


async def test_a_failed_binding_is_told(client: Client) -> None:
    await create_node(client, make_node("a"))
    await create_pod(client, make_pod())
    slow = Settings(seed=1, pod_initial_backoff_seconds=300, pod_max_backoff_seconds=300)
    async with running(client, Binder(client, failures=1), slow):

        async def told() -> bool:
            condition = (await get_pod(client)).condition("PodScheduled")
            assert condition is not None
            return (condition.reason, condition.message) == ("SchedulerError", "the line was cut")

        assert await eventually(told)


async def test_a_pod_that_is_deleted_while_it_is_bound_leaves_nothing(client: Client) -> None:
    binder = Binder(client)
    binder.gate.clear()
    await create_node(client, make_node("a"))
    await create_pod(client, make_pod())
    async with running(client, binder) as scheduler:

        async def binding() -> bool:
            return binder.under_way == 1

        await eventually(binding)
        await client.delete(PODS, "pod", namespace="default", grace_period_seconds=0)

        async def forgotten() -> bool:
            return scheduler.cache.statistics().pods == 0

        await eventually(forgotten)
        binder.gate.set()

        async def over() -> bool:
            return binder.under_way == 0 and scheduler.queue.statistics().in_flight == 0

        await eventually(over)
        assert scheduler.cache.statistics().pods == 0
        assert scheduler.queue.statistics().backoff == 0


async def test_bindings_do_not_hold_up_decisions_but_are_bounded(client: Client) -> None:
    binder = Binder(client)
    binder.gate.clear()
    await create_node(client, make_node("a"))
    for number in range(6):
        await create_pod(client, make_pod(f"p{number}"))
    async with running(client, binder, Settings(seed=1, parallel_binds=4)) as scheduler:

        async def four() -> bool:
            return binder.under_way == 4

        await eventually(four)
        assert scheduler.cache.statistics().assumed == 4
        binder.gate.set()
        for number in range(6):
            await until_bound(client, f"p{number}")
    assert binder.most == 4


async def test_the_same_answer_is_not_written_twice(client: Client) -> None:
    await create_node(client, make_node("a").cordoned())
    await create_pod(client, make_pod())
    async with running(client, Binder(client)) as scheduler:

        async def refused(name: str) -> Pod | None:
            pod = await get_pod(client, name)
            return pod if pod.condition("PodScheduled") else None

        first = await eventually(lambda: refused("pod"))
        # A toleration can help a pod that no node takes; this one does not.
        key = "node.kubernetes.io/not-ready"
        tolerations = [{"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]
        tolerations += [{"key": "k", "operator": "Exists"}]
        changed = await client.patch(PODS, "pod", {"spec": {"tolerations": tolerations}}, namespace="default")

        async def tried_again() -> bool:
            return len(scheduler.decisions.of_pod("default", "pod")) == 2

        await eventually(tried_again)
        # What is noted later is written later: once this is there, the other would be, too.
        await create_pod(client, make_pod("later"))
        await eventually(lambda: refused("later"))
        last = await get_pod(client)
    assert first is not None
    assert last.metadata.resource_version == changed.metadata.resource_version


async def test_a_seed_gives_the_same_placements_for_the_same_history(client: Client) -> None:
    for name in ("a", "b", "c", "d"):
        await create_node(client, make_node(name))
    placements = []
    for _ in range(2):
        async with running(client, Binder(client)):
            chosen = []
            for number in range(5):
                await create_pod(client, make_pod(f"p{number}"))
                chosen.append((await until_bound(client, f"p{number}")).spec.node_name)
        for number in range(5):
            await client.delete(PODS, f"p{number}", namespace="default", grace_period_seconds=0)
        placements.append(chosen)
    assert placements[0] == placements[1]
