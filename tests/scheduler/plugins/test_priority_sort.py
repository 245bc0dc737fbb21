from scheduler.framework.queued_pod import QueuedPod
from scheduler.plugins.priority_sort import PrioritySort
from tests.scheduler.builders import make_pod


def test_priority_first_then_time() -> None:
    waiting = [
        QueuedPod(make_pod("low").priority(-5).info(), 1.0),
        QueuedPod(make_pod("young").info(), 3.0),
        QueuedPod(make_pod("old").info(), 2.0),
        QueuedPod(make_pod("high").priority(7).info(), 9.0),
    ]
    order = sorted(waiting, key=PrioritySort().sort_key)
    assert [queued.pod.name for queued in order] == ["high", "old", "young", "low"]
