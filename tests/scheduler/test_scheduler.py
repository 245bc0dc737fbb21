"""The scheduler's effects: bindings that fail, bindings that take long, and what is written about them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import NODES, PODS
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import BindPlugin, Registry
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code, Status
from scheduler.plugins.default_binder import DefaultBinder
from scheduler.plugins.registry import in_tree_registry
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
