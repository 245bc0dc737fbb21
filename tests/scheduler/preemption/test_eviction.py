"""Victims that are made to go, against an API server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from apimachinery.errors import NotFound
from apimachinery.types.pod import DISRUPTION_TARGET, Pod
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.resources import EVENTS, PODS
from scheduler.framework.interface import Handle
from scheduler.framework.pod_info import PodInfo, pod_info
from scheduler.preemption.eviction import Evictions
from scheduler.preemption.victims import Candidate, Victim
from tests.live import eventually, free_port
from tests.scheduler.builders import PodBuilder, make_pod

PREEMPTOR = make_pod("vital").priority(100).info()


class Room:
    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.handle = Handle(client)
        self.handle.recorders["default-scheduler"] = EventRecorder(client, "default-scheduler")
        self.evictions = Evictions(self.handle, "DefaultPreemption")

    async def create(self, pod: PodBuilder) -> PodInfo:
        body = pod.namespace(self.namespace).dict()
        body["metadata"] = {"name": body["metadata"]["name"], "namespace": self.namespace}
        body["spec"]["containers"] = [{"name": "c", "image": "pause"}]
        return pod_info(await self.client.create(PODS, body, namespace=self.namespace))

    async def pod(self, name: str) -> Pod:
        return await self.client.get(PODS, name, namespace=self.namespace)

    async def carry_out(self, *victims: PodInfo, preemptor: PodInfo = PREEMPTOR) -> None:
        candidate = Candidate("n", tuple(Victim(pod) for pod in victims), 0)
        self.evictions.ask(candidate)
        await self.evictions.carry_out(candidate, preemptor)


@asynccontextmanager
async def room(url: str, namespace: str) -> AsyncIterator[Room]:
    async with Client(url) as client:
        found = Room(client, namespace)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work(found))
            await found.handle.informers.wait_synced()
            yield found
            task.cancel()


async def work(found: Room) -> None:
    async with asyncio.TaskGroup() as group:
        found.handle.informers.start(group)
        group.create_task(found.handle.recorders["default-scheduler"].run())


async def test_a_victim_is_marked_told_and_deleted_with_its_own_grace(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        victim = await found.create(make_pod("low").node("n").grace(7))
        await found.carry_out(victim)
        shown = await found.pod("low")
        assert shown.metadata.deletion_grace_period_seconds == 7
        condition = shown.condition(DISRUPTION_TARGET)
        assert condition is not None
        assert (condition.reason, condition.message) == (
            "PreemptionByScheduler",
            "default-scheduler: preempting to accommodate a higher priority pod",
        )

        async def told() -> bool:
            events = await found.client.list(EVENTS, namespace=namespace, field_selector="reason=Preempted")
            return [event.message for event in events.items] == ["Preempted by pod uid-vital on node n"]

        await eventually(told)

        async def shown_as_going() -> bool:
            # By now because of what the API server shows of it.
            return found.evictions.is_going(victim) and victim.uid not in found.evictions.asked

        await eventually(shown_as_going)


async def test_a_victim_without_grace_is_gone_at_once(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        victims = [await found.create(make_pod(f"low-{number}").node("n").grace(0)) for number in range(3)]
        await found.carry_out(*victims)
        for number in range(3):
            with pytest.raises(NotFound):
                await found.pod(f"low-{number}")

        async def forgotten() -> bool:
            return not any(found.evictions.is_going(victim) for victim in victims)

        await eventually(forgotten)


async def test_victims_that_are_gone_or_others_by_now_are_no_trouble(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        there = await found.create(make_pod("same-name").node("n"))
        older = pod_info((await found.pod("same-name")).model_copy(deep=True))
        older.uid = "older"
        await found.carry_out(make_pod("gone").namespace(namespace).info(), older)
        assert not (await found.pod("same-name")).deleting
        assert not found.evictions.is_going(there)
        assert not found.evictions.asked


async def test_one_that_is_being_deleted_already_is_left_alone(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        await found.create(make_pod("low").node("n"))
        await found.client.delete(PODS, "low", namespace=namespace)
        await found.carry_out(pod_info(await found.pod("low")))
        assert (await found.pod("low")).condition(DISRUPTION_TARGET) is None


async def test_less_important_pods_lose_what_they_were_promised(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        nominator = found.handle.nominator
        for name, priority in (("lesser", 5), ("peer", 100)):
            pod = await found.create(make_pod(name))
            patch = {"status": {"nominatedNodeName": "n"}}
            await found.client.patch(PODS, name, patch, namespace=namespace, subresource="status")
            pod.priority = priority
            nominator.nominate(pod, "n")
        await found.carry_out(await found.create(make_pod("low").node("n")))
        assert [pod.name for pod in nominator.pods_on("n").values()] == ["peer"]
        assert (await found.pod("lesser")).status.nominated_node_name == ""
        assert (await found.pod("peer")).status.nominated_node_name == "n"


async def test_one_that_waits_for_permission_is_turned_back(apiserver: str, namespace: str) -> None:
    async with room(apiserver, namespace) as found:
        waiting = await found.create(make_pod("waiting"))
        found.handle.waiting_pods.add(waiting, {"Permit": 60.0})
        await found.carry_out(waiting)
        status = await found.handle.waiting_pods.wait(waiting.uid)
        assert (status.success, status.message) == (False, "preempted")
        assert not (await found.pod("waiting")).deleting


async def test_victims_of_a_failure_are_not_waited_for() -> None:
    async with Client(f"http://127.0.0.1:{free_port()}") as nobody:
        handle = Handle(nobody)
        evictions = Evictions(handle, "DefaultPreemption")
        victim = make_pod("low").node("n").info()
        candidate = Candidate("n", (Victim(victim),), 0)
        evictions.ask(candidate)
        assert evictions.is_going(victim)
        with pytest.raises(ExceptionGroup):
            await evictions.carry_out(candidate, PREEMPTOR)
        assert not evictions.is_going(victim)
