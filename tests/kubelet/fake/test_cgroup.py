"""``/sys/fs/cgroup`` of a container."""

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.cgroup import control_files, cpu_weight
from kubelet.fake.usage import Usage
from kubelet.runtime import LinuxContainerResources


@pytest.mark.parametrize(
    ("shares", "weight"), [(0, 1), (2, 1), (102, 4), (512, 20), (1024, 39), (262_144, 10_000), (900_000, 10_000)]
)
def test_weights(shares: int, weight: int) -> None:
    assert cpu_weight(shares) == weight


def test_the_files_follow_the_limits() -> None:
    usage = Usage(ManualClock(), [1], base_memory=0, resources=LinuxContainerResources())
    assert (control_files(usage)["memory.max"], control_files(usage)["cpu.max"]) == ("max", "max 100000")
    usage.limit(LinuxContainerResources(cpu_quota=1000, memory_limit_in_bytes=1024))
    assert (control_files(usage)["memory.max"], control_files(usage)["cpu.max"]) == ("1024", "1000 100000")
