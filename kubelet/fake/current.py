"""Which process is looking: what ``/proc/self`` and ``/dev/tty`` mean depends on who asks."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelet.fake.process import Process

_current: ContextVar["Process | None"] = ContextVar("process", default=None)


def current_process() -> "Process | None":
    """Return the process whose program runs; ``None`` outside of programs, as in the runtime's own tasks."""
    return _current.get()


def enter(process: "Process") -> None:
    """Say that this task, and those it starts, are the work of ``process``."""
    _current.set(process)
