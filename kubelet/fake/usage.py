"""How much memory and processor a fake container uses, and when that is too much.

Nothing here measures the machine. A container uses a little for its image and for each of its processes, and on top
of that what its programs say (``process.use_memory``, ``process.use_cpu``). Annotations of its pod, which may change
while the container runs, take the place of all that (``memory`` and ``cpu`` of :mod:`kubelet.wishes`).
"""

from collections.abc import Iterable, Sized

from apimachinery.clock import Clock
from kubelet.runtime import ContainerStats, LinuxContainerResources

PROCESS_MEMORY = 256 * 1024
"""Bytes that each process uses, whatever it does."""

PROCESS_CPU = 0.0002
"""Cores that each process uses, whatever it does."""

_NANO = 1e9
_NOTHING = (None, None)


class Usage:
    """What one container uses.

    ``base_memory`` is in bytes and comes with the image, ``processes`` are those of the container that run.
    Each change is made at its moment on ``clock``, so that processor time adds up to what was used between them.
    """

    __slots__ = ("_base", "_clock", "_cpu", "_cpu_seconds", "_forced", "_memory", "_processes", "_settled", "resources")

    def __init__(self, clock: Clock, processes: Sized, *, base_memory: int, resources: LinuxContainerResources) -> None:
        self.resources = resources
        """The limits that hold now."""
        self._clock = clock
        self._processes = processes
        self._base = base_memory
        self._memory: dict[int, int] | None = None
        self._cpu: dict[int, float] | None = None
        self._forced: tuple[int | None, float | None] = _NOTHING
        self._cpu_seconds = 0.0
        self._settled = clock.monotonic()

    @property
    def memory(self) -> int:
        """The working set in bytes; nothing when no process runs."""
        running = len(self._processes)
        if not running:
            return 0
        if (forced := self._forced[0]) is not None:
            return forced
        return self._base + running * PROCESS_MEMORY + sum((self._memory or {}).values())

    @property
    def cpu(self) -> float:
        """The cores in use, which a limit holds down."""
        running = len(self._processes)
        if not running:
            return 0.0
        wanted = self._forced[1]
        if wanted is None:
            wanted = running * PROCESS_CPU + sum((self._cpu or {}).values())
        quota = self.resources.cpu_quota
        return min(wanted, quota / self.resources.cpu_period) if quota > 0 else wanted

    def settle(self) -> None:
        """Add up the processor time used so far; to be called before anything that changes :attr:`cpu`."""
        now = self._clock.monotonic()
        self._cpu_seconds += self.cpu * (now - self._settled)
        self._settled = now

    def declare_memory(self, pid: int, amount: int) -> None:
        """A process uses ``amount`` bytes from now on."""
        if self._memory is None:
            self._memory = {}
        self._memory[pid] = max(0, amount)

    def declare_cpu(self, pid: int, cores: float) -> None:
        """A process uses that many cores from now on."""
        self.settle()
        if self._cpu is None:
            self._cpu = {}
        self._cpu[pid] = max(0.0, cores)

    def memory_of(self, pid: int) -> int:
        """Return the bytes that one process uses."""
        return PROCESS_MEMORY + (self._memory or {}).get(pid, 0)

    def cpu_of(self, pid: int) -> float:
        """Return the cores that one process wants."""
        return PROCESS_CPU + (self._cpu or {}).get(pid, 0.0)

    def forget(self, pid: int) -> None:
        """A process is about to be gone."""
        self.settle()
        for declared in (self._memory, self._cpu):
            if declared is not None:
                declared.pop(pid, None)

    def force(self, memory: int | None, cpu: float | None) -> None:
        """Use that many bytes and cores from now on, whatever programs say; ``None`` goes back to them."""
        self.settle()
        self._forced = _NOTHING if memory is None and cpu is None else (memory, cpu)

    def limit(self, resources: LinuxContainerResources) -> None:
        """Other limits hold from now on."""
        self.settle()
        self.resources = resources

    def stats(self, writable_layer_bytes: int) -> ContainerStats:
        """Return the figures of this moment."""
        self.settle()
        return ContainerStats(
            timestamp=self._clock.now(),
            usage_nano_cores=round(self.cpu * _NANO),
            usage_core_nano_seconds=round(self._cpu_seconds * _NANO),
            working_set_bytes=self.memory,
            writable_layer_used_bytes=writable_layer_bytes,
        )


def over_limit(usages: Iterable[Usage], pod_limit: int) -> Usage | None:
    """Return whose processes the kernel would kill: one past its own limit, or the largest of a pod past the pod's.

    ``pod_limit`` is in bytes, 0 for none.
    """
    usages = list(usages)
    for usage in usages:
        if 0 < usage.resources.memory_limit_in_bytes < usage.memory:
            return usage
    if 0 < pod_limit < sum(usage.memory for usage in usages):
        return max(usages, key=lambda usage: usage.memory)
    return None
