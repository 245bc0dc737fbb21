"""Pulling images: how long that takes, in whose turn, and what is said of it."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.image_manager import ImageManager, Missing, Present, Pulling
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Recorded
from tests.live.addresses import own_range


class Pulls:
    """An image manager on a node of its own."""

    def __init__(self, manager: ImageManager, clock: ManualClock, events: Recorded) -> None:
        self.manager = manager
        self.clock = clock
        self.events = events

    def ensure(self, pod: Pod) -> Present | Pulling | Missing:
        return self.manager.ensure(pod, pod.spec.containers[0])


@contextlib.asynccontextmanager
async def opened(parallel: int | None) -> AsyncIterator[Pulls]:
    clock = ManualClock()
    async with (
        Client("http://127.0.0.1:1", clock=clock) as client,
        FakeRuntime(clock=clock, network=PodNetwork(own_range(24)), rng=random.Random(0)) as runtime,
        asyncio.TaskGroup() as group,
    ):

        def spawn(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
            return group.create_task(work, name=name)

        events = Recorded(client)
        manager = ImageManager(runtime, clock, events, spawn=spawn, wake=lambda uid: None, parallel=parallel)
        yield Pulls(manager, clock, events)


def slow(name: str, image: str, seconds: str, **fields: Any) -> Pod:
    return make_pod(
        container(image=image, **fields), name=name, metadata={"annotations": {"kubemu.io/pull-time": seconds}}
    )


@pytest.mark.parametrize(
    ("parallel", "texts"),
    [
        pytest.param(1, ["a in 2s (2s including waiting)", "b in 3s (5s including waiting)"], id="in turn"),
        pytest.param(2, ["a in 2s (2s including waiting)", "b in 3s (3s including waiting)"], id="two at once"),
        pytest.param(None, ["a in 2s (2s including waiting)", "b in 3s (3s including waiting)"], id="all at once"),
    ],
)
async def test_pulls_take_their_time(parallel: int | None, texts: list[str]) -> None:
    async with opened(parallel) as pulls:
        pods = slow("a", "a", "2s"), slow("b", "b", "3s")
        assert [pulls.ensure(pod) for pod in pods] == [Pulling(), Pulling()]
        pending = list(pods)
        while pending:
            await pulls.clock.advance(1)
            pending = [pod for pod in pending if pulls.ensure(pod) == Pulling()]
        said = [entry for entry in pulls.events.seen if entry.startswith("Pulled")]
        expected = [text.replace(text[0], f'"{text[0]}"', 1) for text in texts]
        assert said == [f"Pulled: Successfully pulled image {text}. Image size: 10000000 bytes." for text in expected]


async def test_an_image_that_is_there_is_pulled_in_no_time() -> None:
    async with opened(1) as pulls:
        first, second = slow("a", "a", "5s"), slow("b", "a", "5s", imagePullPolicy="Always")
        pulls.ensure(first)
        await pulls.clock.advance(5)
        assert pulls.ensure(first) == Present()
        assert pulls.ensure(second) == Pulling()
        await pulls.clock.settle()
        assert pulls.ensure(second) == Present()


async def test_a_pod_that_goes_gives_its_turn_to_the_next() -> None:
    async with opened(1) as pulls:
        first, second = slow("a", "a", "1h"), slow("b", "b", "1s")
        pulls.ensure(first)
        pulls.ensure(second)
        await pulls.clock.settle()
        pulls.manager.forget(first.metadata.uid)
        await pulls.clock.settle()
        await pulls.clock.advance(1)
        assert pulls.ensure(second) == Present()


async def test_a_registry_that_does_not_answer() -> None:
    async with opened(1) as pulls:
        pod = make_pod(container(image="unavailable.example.com/app:1"))
        pulls.ensure(pod)
        await pulls.clock.settle()
        missing = pulls.ensure(pod)
        assert isinstance(missing, Missing)
        assert missing.reason == "RegistryUnavailable"
        assert missing.message.startswith(
            "image pull failed for unavailable.example.com/app:1 because the registry is unavailable: "
        )
        assert pulls.events.seen[-1] == "Failed: Error: RegistryUnavailable"
        await pulls.clock.advance(3)
        resting = pulls.ensure(pod)
        assert isinstance(resting, Missing)
        assert resting.reason == "ImagePullBackOff"
        assert ": RegistryUnavailable: image pull failed" in resting.message


async def test_a_pull_time_that_is_none() -> None:
    async with opened(1) as pulls:
        pod = slow("a", "a", "soon")
        pulls.ensure(pod)
        await pulls.clock.settle()
        assert pulls.ensure(pod) == Present()
