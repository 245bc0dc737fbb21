from scheduler.framework.status import Code
from scheduler.plugins.scheduling_gates import SchedulingGates
from tests.scheduler.builders import make_pod


def test_a_pod_without_gates_may_be_scheduled() -> None:
    assert SchedulingGates().pre_enqueue(make_pod().info()).success


def test_gates_are_named() -> None:
    status = SchedulingGates().pre_enqueue(make_pod().gates("quota", "data").info())
    assert status.code is Code.UNSCHEDULABLE_AND_UNRESOLVABLE
    assert status.message == "waiting for scheduling gates: [quota data]"
