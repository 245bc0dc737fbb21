"""PrioritySort: the more important pod first, among equals the one that has waited longer."""

from scheduler.framework.interface import Handle, QueueSortPlugin
from scheduler.framework.queued_pod import QueuedPod


class PrioritySort(QueueSortPlugin):
    name = "PrioritySort"

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]:
        return (-queued.pod.priority, queued.added_at)


def new(args: None, handle: Handle) -> PrioritySort:
    return PrioritySort()
