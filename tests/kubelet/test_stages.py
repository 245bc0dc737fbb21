"""The state machines of pods and runs."""

import pytest

from kubelet.stages import (
    POD_STAGES,
    RUN_STAGES,
    BadTransition,
    PodEvent,
    RunEvent,
    Runs,
    RunStage,
    Stage,
    next_stage,
)


def test_every_state_has_its_row() -> None:
    assert set(POD_STAGES) == set(Stage)
    assert set(RUN_STAGES) == set(RunStage)


def test_what_comes_from_outside_may_come_at_any_time() -> None:
    """The API server does not wait for the worker, nor does the end of a pod for its disappearance."""
    for stage, row in POD_STAGES.items():
        assert {PodEvent.DELETED, PodEvent.VANISHED} <= set(row), stage
        assert PodEvent.FINISHED in row or stage is Stage.GONE


def test_a_pod_never_goes_back() -> None:
    order = list(Stage)
    for stage, row in POD_STAGES.items():
        for following in row.values():
            assert order.index(following) >= order.index(stage)


def test_an_unlisted_transition_names_state_and_event() -> None:
    with pytest.raises(BadTransition, match="state running: unexpected event: cleaned up"):
        next_stage(POD_STAGES, Stage.RUNNING, PodEvent.CLEANED_UP)
    runs = Runs()
    runs.begin("id", hook=False)
    with pytest.raises(BadTransition, match="state running: unexpected event: postStart hook done"):
        runs.move("id", RunEvent.HOOK_DONE)


def test_a_run() -> None:
    runs = Runs()
    runs.begin("id", hook=True)
    assert runs.stage("id") is RunStage.STARTING
    runs.move("id", RunEvent.HOOK_DONE)
    runs.move("id", RunEvent.STOP)
    runs.move("id", RunEvent.STOP)
    assert runs.stage("id") is RunStage.STOPPING
    runs.move("id", RunEvent.EXITED)
    runs.move("id", RunEvent.STOP)
    assert runs.stage("id") is RunStage.ENDED, "what comes late is about nothing"
