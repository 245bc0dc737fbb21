"""The states of pods and of containers' runs on a node, as tables: all transitions there are, in one place.

The diagrams in ``docs/pod-lifecycle.md`` are made from these tables (:mod:`tools.lifecycle_diagrams`).
"""

import enum
from collections.abc import Mapping, MutableMapping
from typing import TypeVar

from kubelet.few import Few


class Stage(enum.StrEnum):
    """Where a pod is in its life; it only ever moves on.

    ``ENDING``: it has come to its end, what still runs is being stopped. ``DELETING``: the API server wants it gone.
    ``VANISHED``: the API server no longer has it. ``GONE``: nothing of it is left on the node.
    """

    RUNNING = "running"
    ENDING = "ending"
    DELETING = "deleting"
    VANISHED = "vanished"
    GONE = "gone"


class PodEvent(enum.StrEnum):
    """What moves a pod on."""

    FINISHED = "finished, past its deadline or evicted"
    DELETED = "deletion asked for"
    VANISHED = "no longer in the API"
    CLEANED_UP = "cleaned up"


POD_STAGES: Mapping[Stage, Mapping[PodEvent, Stage]] = {
    Stage.RUNNING: {
        PodEvent.FINISHED: Stage.ENDING,
        PodEvent.DELETED: Stage.DELETING,
        PodEvent.VANISHED: Stage.VANISHED,
    },
    Stage.ENDING: {
        PodEvent.FINISHED: Stage.ENDING,
        PodEvent.DELETED: Stage.DELETING,
        PodEvent.VANISHED: Stage.VANISHED,
    },
    Stage.DELETING: {
        PodEvent.FINISHED: Stage.DELETING,
        PodEvent.DELETED: Stage.DELETING,
        PodEvent.VANISHED: Stage.VANISHED,
    },
    Stage.VANISHED: {
        PodEvent.FINISHED: Stage.VANISHED,
        PodEvent.DELETED: Stage.VANISHED,
        PodEvent.VANISHED: Stage.VANISHED,
        PodEvent.CLEANED_UP: Stage.GONE,
    },
    Stage.GONE: {
        PodEvent.DELETED: Stage.GONE,
        PodEvent.VANISHED: Stage.GONE,
    },
}


class RunStage(enum.StrEnum):
    """Where one run of a container is. A container that is started again has another run.

    ``STARTING``: its program runs, its postStart hook has not come to an end, and it does not count as running yet.
    ``STOPPING``: its preStop hook runs, or its program has been told to end.
    """

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


class RunEvent(enum.StrEnum):
    """What moves a run on."""

    HOOK_DONE = "postStart hook done"
    STOP = "to be stopped"
    EXITED = "exited"


RUN_STAGES: Mapping[RunStage, Mapping[RunEvent, RunStage]] = {
    RunStage.STARTING: {
        RunEvent.HOOK_DONE: RunStage.RUNNING,
        RunEvent.STOP: RunStage.STOPPING,
        RunEvent.EXITED: RunStage.ENDED,
    },
    RunStage.RUNNING: {RunEvent.STOP: RunStage.STOPPING, RunEvent.EXITED: RunStage.ENDED},
    RunStage.STOPPING: {RunEvent.STOP: RunStage.STOPPING, RunEvent.EXITED: RunStage.ENDED},
    RunStage.ENDED: {},
}


class BadTransition(Exception):
    """A state was told of something that cannot happen in it; a bug."""


S = TypeVar("S")
E = TypeVar("E")


def next_stage(table: Mapping[S, Mapping[E, S]], stage: S, event: E) -> S:
    """Return the state that follows; raise :class:`BadTransition` for what the table does not list."""
    following = table[stage].get(event)
    if following is None:
        raise BadTransition(f"state {stage}: unexpected event: {event}")
    return following


class Runs:
    """The stage of each run of one pod's containers, by container id. Runs that have ended are not kept."""

    __slots__ = ("_stages",)

    def __init__(self) -> None:
        self._stages: MutableMapping[str, RunStage] = Few()

    def begin(self, container_id: str, *, hook: bool) -> None:
        """A program has been started; with ``hook``, its postStart hook is next."""
        self._stages[container_id] = RunStage.STARTING if hook else RunStage.RUNNING

    def move(self, container_id: str, event: RunEvent) -> None:
        """Something has happened to a run; nothing comes of it when that has ended or was another process's."""
        stage = self._stages.get(container_id)
        if stage is None:
            return
        following = next_stage(RUN_STAGES, stage, event)
        if following is RunStage.ENDED:
            del self._stages[container_id]
        else:
            self._stages[container_id] = following

    def stage(self, container_id: str) -> RunStage:
        return self._stages.get(container_id, RunStage.ENDED)

    @property
    def starting(self) -> frozenset[str]:
        """The ids of the runs whose postStart hook has not come to an end."""
        return frozenset(key for key, stage in self._stages.items() if stage is RunStage.STARTING)
