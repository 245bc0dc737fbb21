"""What fake containers use: declared by programs, or by annotations of the pod."""

import random
from collections.abc import AsyncIterator, Mapping

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.image import FakeImage
from kubelet.fake.network import PodNetwork
from kubelet.fake.process import Process
from kubelet.fake.runtime import FakeRuntime
from kubelet.fake.tree import build_tree
from kubelet.fake.usage import PROCESS_CPU, PROCESS_MEMORY, Usage, over_limit
from kubelet.images.catalogue import builtin_images, unknown_image
from kubelet.runtime import ContainerState, LinuxContainerResources, SandboxConfig
from kubelet.testing import Bench
from tests.live.addresses import own_range

MEBI = 1024 * 1024


async def hungry(process: Process) -> int:
    """Uses as many bytes and cores as it is told, from a second after its start."""
    await process.sleep(1)
    process.use_memory(int(process.argv[1]))
    process.use_cpu(float(process.argv[2]))
    await process.wait_for_signal(15)
    return 0


@pytest.fixture
async def bench(clock: ManualClock) -> AsyncIterator[Bench]:
    mine = {"hungry": FakeImage(build_tree({}), {"/hungry": hungry}, ("/hungry",))}
    images = Catalogue({**builtin_images(), **mine}, unknown_image)
    network = PodNetwork(own_range(24))
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1), images=images) as runtime:
        await runtime.pull_image("hungry")
        yield Bench(runtime, clock.advance)


async def start(bench: Bench, pod: str, memory: int, cpu: float = 0.0, **changes: object) -> str:
    return await bench.run(pod, image="hungry", command=(), args=(str(memory), str(cpu)), **changes)


def limited(memory: int = 0, quota: int = 0) -> LinuxContainerResources:
    return LinuxContainerResources(memory_limit_in_bytes=memory, cpu_quota=quota)


async def test_programs_say_what_they_use(bench: Bench) -> None:
    main = await start(bench, await bench.sandbox(), 50 * MEBI, 0.5)
    idle = bench.runtime.container_stats(main)
    assert (idle.working_set_bytes, idle.usage_nano_cores) == (MEBI + PROCESS_MEMORY, round(PROCESS_CPU * 1e9))
    await bench.pass_time(11)
    busy = bench.runtime.container_stats(main)
    assert busy.working_set_bytes == idle.working_set_bytes + 50 * MEBI
    assert busy.usage_nano_cores == round((0.5 + PROCESS_CPU) * 1e9)
    assert busy.usage_core_nano_seconds == pytest.approx((10 * 0.5 + 11 * PROCESS_CPU) * 1e9)


async def test_a_processor_limit_holds_a_container_down(bench: Bench) -> None:
    main = await start(bench, await bench.sandbox(), 0, 4, resources=limited(quota=25_000))
    await bench.pass_time(1)
    assert bench.runtime.container_stats(main).usage_nano_cores == 250_000_000


async def test_too_much_memory_is_the_end(bench: Bench) -> None:
    main = await start(bench, await bench.sandbox(), 50 * MEBI, resources=limited(memory=32 * MEBI))
    assert bench.state(main) is ContainerState.RUNNING
    await bench.pass_time(1)
    ended = await bench.exited(main)
    assert (ended.exit_code, ended.signal, ended.reason) == (137, 9, "OOMKilled")


async def test_past_the_pods_limit_the_largest_container_goes(bench: Bench) -> None:
    pod = await bench.runtime.run_pod_sandbox(
        SandboxConfig("pod", "default", "uid-pod", resources=limited(memory=100 * MEBI))
    )
    small, large = await start(bench, pod, 40 * MEBI, name="small"), await start(bench, pod, 70 * MEBI, name="large")
    await bench.pass_time(1)
    assert (await bench.exited(large)).reason == "OOMKilled"
    assert bench.state(small) is ContainerState.RUNNING


@pytest.mark.parametrize(
    ("annotations", "memory", "nano_cores"),
    [
        pytest.param({"kubemu.io/memory": "200Mi", "kubemu.io/cpu": "250m"}, 200 * MEBI, 250_000_000, id="all"),
        pytest.param({"kubemu.io/memory": "1Mi", "kubemu.io/memory.main": "2Mi"}, 2 * MEBI, 200_000, id="named"),
        pytest.param({"kubemu.io/memory.other": "9Mi"}, MEBI + PROCESS_MEMORY, 200_000, id="another's"),
        pytest.param({"kubemu.io/memory": "much"}, MEBI + PROCESS_MEMORY, 200_000, id="no quantity"),
    ],
)
async def test_annotations_say_what_is_used(
    bench: Bench, annotations: Mapping[str, str], memory: int, nano_cores: int
) -> None:
    main = await start(bench, await bench.sandbox(), 0, annotations=annotations)
    stats = bench.runtime.container_stats(main)
    assert (stats.working_set_bytes, stats.usage_nano_cores) == (memory, nano_cores)


async def test_annotations_may_change(bench: Bench) -> None:
    main = await start(bench, await bench.sandbox(), 0, resources=limited(memory=64 * MEBI))
    await bench.runtime.update_container_resources(main, limited(memory=64 * MEBI), {"kubemu.io/memory": "60Mi"})
    assert bench.runtime.container_stats(main).working_set_bytes == 60 * MEBI
    await bench.runtime.update_container_resources(main, limited(memory=64 * MEBI), {"kubemu.io/memory": "65Mi"})
    assert (await bench.exited(main)).reason == "OOMKilled"


def test_who_is_over_the_limit() -> None:
    def usage(memory: int, limit: int) -> Usage:
        return Usage(ManualClock(), [1], base_memory=memory - PROCESS_MEMORY, resources=limited(memory=limit))

    within, beyond, free = usage(5 * MEBI, 5 * MEBI), usage(6 * MEBI, 5 * MEBI), usage(9 * MEBI, 0)
    assert over_limit([within, free], 0) is None
    assert over_limit([within, beyond, free], 0) is beyond
    assert over_limit([within, free], 14 * MEBI) is None
    assert over_limit([within, free], 13 * MEBI) is free
    assert over_limit([], 1) is None
