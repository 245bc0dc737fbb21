"""What containers use, what they may use, and what becomes of those that use too much."""

from collections.abc import Sequence

from kubelet.runtime import ContainerState, LinuxContainerResources
from kubelet.testing.bench import Bench, Check

MEBI = 1024 * 1024


def usage_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        running_containers_use_something,
        written_files_are_counted,
        limits_are_seen_inside,
        limits_can_be_changed,
    ]


async def running_containers_use_something(bench: Bench) -> None:
    """Processor time adds up while a container runs, and stays once it has ended."""
    runtime = bench.runtime
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    before = runtime.container_stats(main)
    await bench.pass_time(100)
    after = runtime.container_stats(main)
    assert after.working_set_bytes > 0
    assert (after.timestamp - before.timestamp).total_seconds() >= 100
    assert after.usage_core_nano_seconds > before.usage_core_nano_seconds
    await runtime.stop_container(main, 0)
    ended = runtime.container_stats(main)
    assert (ended.usage_nano_cores, ended.working_set_bytes) == (0, 0)
    assert ended.usage_core_nano_seconds >= after.usage_core_nano_seconds


async def written_files_are_counted(bench: Bench) -> None:
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    empty = bench.runtime.container_stats(main).writable_layer_used_bytes
    await bench.output(main, "sh", "-c", "printf 12345 > /tmp/file; printf 123 >> /etc/passwd")
    grown = bench.runtime.container_stats(main).writable_layer_used_bytes - empty
    assert grown > 8, "a changed file of the image is a file of the container's own"


async def limits_are_seen_inside(bench: Bench) -> None:
    resources = LinuxContainerResources(cpu_shares=512, cpu_quota=25_000, memory_limit_in_bytes=64 * MEBI)
    pod = await bench.sandbox()
    limited = await bench.run(pod, "sleep 1000", resources=resources)
    free = await bench.run(pod, "sleep 1000", name="free")
    read = ("sh", "-c", "cd /sys/fs/cgroup; cat memory.max cpu.max cpu.weight")
    assert await bench.output(limited, *read) == b"67108864\n25000 100000\n20\n"
    assert await bench.output(free, *read) == b"max\nmax 100000\n1\n"
    assert b"/sys/fs/cgroup" in await bench.output(free, "mount", "-t", "cgroup2")


async def limits_can_be_changed(bench: Bench) -> None:
    runtime = bench.runtime
    main = await bench.run(await bench.sandbox(), "sleep 1000")
    wide = LinuxContainerResources(cpu_quota=50_000, memory_limit_in_bytes=1024 * MEBI)
    await runtime.update_container_resources(main, wide, {})
    assert runtime.container_status(main).config.resources == wide
    assert await bench.output(main, "head", "-n", "1", "/sys/fs/cgroup/memory.max") == b"1073741824\n"
    await runtime.update_container_resources(main, LinuxContainerResources(memory_limit_in_bytes=1), {})
    ended = await bench.exited(main)
    assert (ended.state, ended.exit_code, ended.reason) == (ContainerState.EXITED, 137, "OOMKilled")
