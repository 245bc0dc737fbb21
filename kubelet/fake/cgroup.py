"""The files below ``/sys/fs/cgroup`` of a container: its limits and usage, as the kernel would show them.

The tree is made anew each time somebody walks into it, so that it is always right and costs an idle container nothing.
Formulas are runc's for cgroup v2 (``libcontainer/cgroups/utils.go``).
"""

from kubelet.fake.tree import Directory, File, Layer, Node
from kubelet.fake.usage import Usage

CGROUP_ROOT = "/sys/fs/cgroup"
_MICRO = 1000
_FIRST_SHARES, _LAST_SHARES = 2, 262_144


class ControlGroup(Directory):
    """The folder of one container, to be shown at :data:`CGROUP_ROOT`."""

    __slots__ = ("_usage",)

    def __init__(self, usage: Usage) -> None:
        # The entries of the base class stay unset: the property below stands in for them.
        Node.__init__(self, Layer(), 0o555)
        self._usage = usage

    @property
    def entries(self) -> dict[str, Node]:  # type: ignore[override]
        return {
            name: File(self.layer, 0o444, f"{text}\n".encode()) for name, text in control_files(self._usage).items()
        }


def control_files(usage: Usage) -> dict[str, str]:
    """Return the text of each file, without its last newline."""
    resources, stats = usage.resources, usage.stats(0)
    quota = str(resources.cpu_quota) if resources.cpu_quota > 0 else "max"
    return {
        "cgroup.controllers": "cpu memory pids",
        "cpu.max": f"{quota} {resources.cpu_period}",
        "cpu.stat": f"usage_usec {stats.usage_core_nano_seconds // _MICRO}",
        "cpu.weight": str(cpu_weight(resources.cpu_shares)),
        "memory.current": str(stats.working_set_bytes),
        "memory.max": str(resources.memory_limit_in_bytes or "max"),
    }


def cpu_weight(shares: int) -> int:
    """Return what cgroup v2 makes of ``cpu.shares``, 2 to 262144: a weight of 1 to 10000."""
    return 1 + ((min(max(shares, _FIRST_SHARES), _LAST_SHARES) - 2) * 9999) // 262_142
