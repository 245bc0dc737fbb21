"""From requests and limits to what the runtime enforces.

Follows ``pkg/kubelet/kuberuntime/kuberuntime_container_linux.go`` and ``pkg/kubelet/cm/helpers_linux.go`` (v1.36).
"""

from collections.abc import Mapping
from functools import lru_cache

from apimachinery.quantity import milli_value, value
from apimachinery.types.pod import Container, Pod
from kubelet.runtime import LinuxContainerResources

SHARES_PER_CPU = 1024
MIN_SHARES = 2
MAX_SHARES = 262_144
PERIOD = 100_000
MIN_QUOTA = 1000


def linux_resources(pod: Pod, container: Container) -> LinuxContainerResources:
    """Return what one container may use. A limit that it does not have itself is the whole pod's, if that has one."""
    limits = container.resources.limits
    request = container.resources.requests.get("cpu", limits.get("cpu", "0"))
    return _resources(request, {**pod.spec.resources.limits, **limits})


def sandbox_resources(pod: Pod) -> LinuxContainerResources:
    """Return what the containers of a pod may use together, by the pod's own limits."""
    limits = pod.spec.resources.limits
    return _resources(pod.spec.resources.requests.get("cpu", limits.get("cpu", "0")), limits)


def _resources(cpu_request: str, limits: Mapping[str, str]) -> LinuxContainerResources:
    return _shared(cpu_request, limits.get("cpu", "0"), limits.get("memory", "0"))


@lru_cache(maxsize=1024)
def _shared(cpu_request: str, cpu_limit: str, memory_limit: str) -> LinuxContainerResources:
    """Return the one object for these quantities, which containers by the thousand have."""
    return LinuxContainerResources(
        cpu_shares=cpu_shares(milli_value(cpu_request)),
        cpu_quota=cpu_quota(milli_value(cpu_limit)),
        cpu_period=PERIOD,
        memory_limit_in_bytes=value(memory_limit),
    )


def cpu_shares(milli: int) -> int:
    """Return the weight of a request in thousandths of a processor."""
    return min(max(milli * SHARES_PER_CPU // 1000, MIN_SHARES), MAX_SHARES)


def cpu_quota(milli: int) -> int:
    """Return the microseconds per period of a limit in thousandths of a processor, 0 for no limit."""
    return max(milli * PERIOD // 1000, MIN_QUOTA) if milli else 0
