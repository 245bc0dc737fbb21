"""The fake runtime: the contract, and what is its own."""

import asyncio
import json
import random

import pytest

from apimachinery.clock import ManualClock
from kubelet.container_config import sandbox_config
from kubelet.fake.catalogue import Catalogue
from kubelet.fake.image import FakeImage
from kubelet.fake.network import PodNetwork
from kubelet.fake.process import Process
from kubelet.fake.runtime import FakeRuntime
from kubelet.fake.tree import build_tree
from kubelet.images.catalogue import builtin_images, unknown_image
from kubelet.runtime import ContainerConfig, ContainerState, Device, DNSConfig, EventType, RuntimeFault, SandboxState
from kubelet.testing import Bench, Check, all_checks
from tests.kubelet.builders import container, make_pod
from tests.live.addresses import own_range


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.__name__)
async def test_contract(check: Check, bench: Bench) -> None:
    """The runtime does what the kubelet counts on (S1 to S6 among it)."""
    await check(bench)


async def test_killing_the_pause_container_stops_the_pod(bench: Bench, runtime: FakeRuntime) -> None:
    """S2: the pause container's state stands for the whole group."""
    pod = await bench.sandbox()
    main = await bench.run(pod, "sleep 1000")
    async with bench.recorded() as seen:
        runtime.kill_container(pod, 9)
        await bench.until(lambda: len(seen) == 2)
    assert [(event.type, event.container_id) for event in seen] == [
        (EventType.STOPPED, main),
        (EventType.STOPPED, pod),
    ]
    assert runtime.pod_sandbox_status(pod).state is SandboxState.NOTREADY
    assert runtime.container_status(main).exit_code == 137


async def test_a_failing_program_is_its_containers_trouble(clock: ManualClock) -> None:
    """A bug in a program shows in that container's log and exit code, and nowhere else."""

    async def broken(process: Process) -> int:
        raise ValueError("out of luck")

    image = FakeImage(build_tree({}), {"/broken": broken}, ("/broken",))
    network = PodNetwork(own_range(24))
    images = Catalogue({**builtin_images(), "broken": image}, unknown_image)
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1), images=images) as runtime:
        bench = Bench(runtime, clock.advance)
        await runtime.pull_image("broken")
        pod = await bench.sandbox()
        other = await bench.run(pod, "sleep 1000", name="other")
        main = await bench.run(pod, image="broken", command=())
        assert (await bench.exited(main)).exit_code == 1
        assert b"ValueError: out of luck" in bench.log(main)
        assert {entry.stream for entry in runtime.container_log(main)} == {"stderr"}
        assert runtime.container_status(other).state is ContainerState.RUNNING


async def test_leaving_closes_everything(clock: ManualClock) -> None:
    """The end of the block kills what runs and gives every port back."""
    network = PodNetwork(own_range(24))
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1)) as runtime:
        bench = Bench(runtime, clock.advance)
        await runtime.pull_image("nginx")
        pod = await bench.sandbox()
        main = await bench.run(pod, image="nginx", command=())
        ip = runtime.pod_sandbox_status(pod).ip
        await bench.pass_time(0)
        _, writer = await asyncio.open_connection(*network.endpoint(ip, 80))
    assert runtime.container_status(main).exit_code == 137
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(ip, 80)


async def test_addresses_are_given_back_when_nothing_listens(clock: ManualClock) -> None:
    """A freed address can be had again once the range has gone round."""
    network = PodNetwork(own_range(30))
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1)) as runtime:
        bench = Bench(runtime, clock.advance)
        first = await bench.sandbox("first")
        with pytest.raises(RuntimeFault, match="no addresses available in the range"):
            await bench.sandbox("second")
        ip = runtime.pod_sandbox_status(first).ip
        await runtime.remove_pod_sandbox(first)
        assert runtime.pod_sandbox_status(await bench.sandbox("third")).ip == ip


async def test_old_log_lines_are_forgotten(bench: Bench, runtime: FakeRuntime) -> None:
    """A container that writes without end keeps a bounded log, the newest lines of it."""
    pod = await bench.sandbox()
    runtime.logs.max_size = 100_000
    main = await bench.run(pod, "seq 1 60000")
    await bench.exited(main)
    entries = runtime.container_log(main)
    assert entries[-1].line == b"60000"
    assert len(entries) < 3_000
    oldest = runtime.read_log(main, 0).entries[0]
    # Four older files beside the current one.
    assert 60_000 - 15_000 < int(oldest.line) < 60_000 - 8_000


async def test_a_loop_without_end_starves_nobody(bench: Bench, clock: ManualClock) -> None:
    """Others run beside a script that never waits, and past a burst it is held to a rate on the clock."""
    pod = await bench.sandbox()
    busy = await bench.run(pod, "while true; do :; done", name="busy")
    other = await bench.run(pod, "i=0; while [ $i -lt 100 ]; do i=$((i+1)); done; echo $i", name="other")
    await bench.logged(other, b"100")
    # Once its credit is used up, the busy one sleeps on the clock, which stands still.
    await bench.until(lambda: clock.sleepers > 0)
    await bench.runtime.stop_container(busy, 0)


async def test_too_many_processes_are_refused(bench: Bench) -> None:
    """A fork bomb meets its container's bound."""
    pod = await bench.sandbox()
    main = await bench.run(pod, "while true; do sleep 1000 & done")
    assert (await bench.exited(main)).exit_code == 2
    assert b"can't fork" in bench.log(main)


async def test_many_idle_containers_cost_no_time(bench: Bench, clock: ManualClock) -> None:
    """Nothing wakes up by itself: neither pause containers nor servers nor sleepers have timers but their own."""
    await bench.runtime.pull_image("pause")
    await bench.runtime.pull_image("nginx")
    for number in range(20):
        pod = await bench.sandbox(f"pod-{number}")
        await bench.run(pod, image="pause", command=())
        await bench.run(pod, image="nginx", command=(), name="web")
        await bench.run(pod, command=("sleep", "1d"), name="sleeper")
    await bench.pass_time(0)
    assert clock.sleepers == 20


async def test_what_a_pod_is_made_into_can_be_written(runtime: FakeRuntime) -> None:
    """Where a pod says nothing, what its sandbox is made from is something that JSON knows, too."""
    await runtime.pull_image("pause")
    config = sandbox_config(make_pod(container(image="pause")), 0, dns=DNSConfig(), cluster_domain="cluster.local")
    pod = await runtime.run_pod_sandbox(config)
    main = await runtime.create_container(pod, ContainerConfig("web", "pause", env={"A": "1"}))
    await runtime.start_container(main)
    parts = json.loads(json.dumps(runtime.saved()))
    assert [part["containers"][0]["status"]["id"] for name, part in parts.items() if name != "runtime"] == [main]


async def test_devices_are_there_again(bench: Bench, runtime: FakeRuntime, clock: ManualClock) -> None:
    """A runtime that goes on with another's containers has their devices, and what is on them."""
    runtime.host.make_block_device("/dev/sdb", 1024**3)
    pod = await bench.sandbox()
    script = "test -s /seen && head -n 1 /dev/xvda; touch /seen; echo x >> /seen; echo kept > /dev/xvda; sleep 1000"
    main = await bench.run(pod, script, devices=(Device("/dev/xvda", "/dev/sdb"),))
    await bench.until(lambda: clock.sleepers > 0)
    parts = json.loads(json.dumps(runtime.saved()))
    images = Catalogue(builtin_images(), unknown_image)
    network = PodNetwork(own_range(24))
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1), images=images) as other:
        await other.load(parts)
        again = Bench(other, clock.advance)
        await again.logged(main, b"kept\n")
        assert await again.output(main, "blockdev", "--getsize64", "/dev/xvda") == b"1073741824\n"


async def test_a_process_at_rest_has_its_variables_still(bench: Bench, runtime: FakeRuntime) -> None:
    await runtime.pull_image("pause")
    await runtime.pull_image("busybox")
    pod = await bench.sandbox()
    main = await bench.create(pod, image="pause", command=(), env={"A": "1"})
    await runtime.start_container(main)
    await bench.pass_time(1)
    debug = await bench.run(pod, "sleep 1000", name="debug", target_id=main)
    assert b"A=1" in (await bench.output(debug, "cat", "/proc/1/environ")).split(b"\0")
