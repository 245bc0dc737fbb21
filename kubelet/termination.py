"""What a container says of its end (``getTerminationMessage`` in ``pkg/kubelet/kuberuntime``, v1.36)."""

from collections.abc import Sequence
from dataclasses import replace

from apimachinery.types.pod import Container
from kubelet.runtime import ContainerRuntime, ContainerStatus, LogEntry, NotFound

FALLBACK_TO_LOGS_ON_ERROR = "FallbackToLogsOnError"
LOG_LINES = 80
LOG_BYTES = 2048


def with_message(runtime: ContainerRuntime, container: Container, run: ContainerStatus) -> ContainerStatus:
    """Return a run that has ended with its termination message.

    That is what the program wrote to its termination message path. Where it wrote nothing and failed, the end of its
    log stands in if the container asks for it.
    """
    if run.message or not run.exit_code or container.termination_message_policy != FALLBACK_TO_LOGS_ON_ERROR:
        return run
    try:
        position = runtime.log_start(run.id, LOG_LINES)
        lines: list[LogEntry] = []
        while (page := runtime.read_log(run.id, position)).entries:
            lines += page.entries
            position = page.position
    except NotFound:
        return run
    return replace(run, message=log_tail(lines))


def log_tail(log: Sequence[LogEntry]) -> str:
    """Return the last 80 lines of a log, of those the last 2048 bytes."""
    written = b"".join(entry.line if entry.partial else entry.line + b"\n" for entry in log[-LOG_LINES:])
    return written[-LOG_BYTES:].decode(errors="replace")
