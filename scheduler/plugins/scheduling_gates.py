"""SchedulingGates: a pod with gates waits until all of them are taken away."""

from collections.abc import Sequence

from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import EnqueueExtensions, Handle, PreEnqueuePlugin
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SUCCESS, Code, Status


class SchedulingGates(PreEnqueuePlugin, EnqueueExtensions):
    name = "SchedulingGates"

    def pre_enqueue(self, pod: PodInfo) -> Status:
        if not pod.scheduling_gates:
            return SUCCESS
        # Spelled as Go prints a slice of strings.
        gates = " ".join(pod.scheduling_gates)
        return Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (f"waiting for scheduling gates: [{gates}]",))

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED)]


def new(args: None, handle: Handle) -> SchedulingGates:
    return SchedulingGates()
