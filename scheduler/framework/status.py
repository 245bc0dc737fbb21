"""What a plugin says about a pod: a value, since "does not fit" is no error."""

import enum
from dataclasses import dataclass


class Code(enum.Enum):
    """Upstream's result codes (``k8s.io/kube-scheduler/framework``, v1.36)."""

    SUCCESS = "Success"
    ERROR = "Error"
    """Something unexpected; the pod is tried again after a back-off, whatever happens in the cluster."""
    UNSCHEDULABLE = "Unschedulable"
    """Does not fit now; taking pods off the node could help."""
    UNSCHEDULABLE_AND_UNRESOLVABLE = "UnschedulableAndUnresolvable"
    """Does not fit, and no pod's going would change that."""
    WAIT = "Wait"
    SKIP = "Skip"
    """The plugin has nothing to do for this pod."""
    PENDING = "Pending"
    """The plugin waits for something outside before it can say."""


@dataclass(frozen=True, slots=True)
class Status:
    """A result: its code, the reasons when it is no success, and the plugin that gave it."""

    code: Code = Code.SUCCESS
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def success(self) -> bool:
        return self.code is Code.SUCCESS

    @property
    def rejected(self) -> bool:
        """Whether the pod was turned down, as opposed to an error, or to going on."""
        return self.code in _REJECTIONS

    @property
    def message(self) -> str:
        return ", ".join(self.reasons)

    def by(self, plugin: str) -> "Status":
        """Return the same with the name of the plugin that gave it."""
        return Status(self.code, self.reasons, plugin)


_REJECTIONS = frozenset({Code.UNSCHEDULABLE, Code.UNSCHEDULABLE_AND_UNRESOLVABLE, Code.PENDING})

SUCCESS = Status()
SKIP = Status(Code.SKIP)
