"""What a status of a Job is refused for, and what finished jobs hold on to."""

from typing import Any

import pytest

from apiserver.validation.job_status import validate_job_status_update
from tests.apiserver.validation.causes import lines

JSONObject = dict[str, Any]

START, END = "2026-01-01T12:00:00Z", "2026-01-01T12:01:00Z"


def conditions(*kinds: str) -> list[JSONObject]:
    return [{"type": kind, "status": "True"} for kind in kinds]


COMPLETE: JSONObject = {
    "conditions": conditions("SuccessCriteriaMet", "Complete"),
    "startTime": START,
    "completionTime": END,
    "succeeded": 1,
}
FAILED: JSONObject = {"conditions": conditions("FailureTarget", "Failed"), "startTime": START, "failed": 7}


def found(new: JSONObject, old: JSONObject | None = None, **spec: Any) -> list[str]:
    return lines(validate_job_status_update({"spec": spec, "status": new}, {"spec": spec, "status": old or {}}))


@pytest.mark.parametrize(
    ("new", "old"),
    [
        pytest.param({"active": 2, "ready": 1, "startTime": START}, {}, id="running"),
        pytest.param(COMPLETE, {"active": 1, "startTime": START}, id="complete"),
        pytest.param(FAILED, {"startTime": START, "failed": 6}, id="failed"),
        pytest.param({"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["b"]}}, {}, id="uncounted"),
        pytest.param({"active": -1, "failed": 1}, {"active": -1}, id="wrong before as well"),
    ],
)
def test_statuses_that_are_right(new: JSONObject, old: JSONObject) -> None:
    assert found(new, old) == []


BY_ITSELF = [
    pytest.param({"active": -1}, "status.active: Invalid value: -1: must be greater than or equal to 0", id="negative"),
    pytest.param(
        {"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["a"]}},
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
        id="counted twice",
    ),
    pytest.param(
        {"uncountedTerminatedPods": {"failed": [""]}},
        'status.uncountedTerminatedPods.failed[0]: Invalid value: "": must not be empty',
        id="uncounted nobody",
    ),
    pytest.param(
        {**COMPLETE, "conditions": conditions("Complete")},
        "status.conditions: Invalid value: cannot set Complete=True condition without the "
        "SuccessCriteriaMet=true condition",
        id="complete out of the blue",
    ),
    pytest.param(
        {**FAILED, "conditions": conditions("Failed")},
        "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition",
        id="failed out of the blue",
    ),
    pytest.param(
        {"completionTime": END},
        f'status.completionTime: Invalid value: "{END}": '
        "cannot set completionTime when there is no Complete=True condition",
        id="end of what goes on",
    ),
    pytest.param(
        {key: value for key, value in COMPLETE.items() if key != "completionTime"},
        "status.completionTime: Required value: completionTime is required for Complete jobs",
        id="no end",
    ),
    pytest.param(
        {**COMPLETE, "startTime": "2026-01-02T00:00:00Z"},
        f'status.completionTime: Invalid value: "{END}": completionTime cannot be set before startTime',
        id="end before start",
    ),
    pytest.param(
        {key: value for key, value in FAILED.items() if key != "startTime"},
        "status.startTime: Required value: startTime is required for finished job",
        id="no start",
    ),
    pytest.param(
        {**COMPLETE, "active": 1},
        "status.active: Invalid value: 1: active>0 is invalid for finished job",
        id="active in the end",
    ),
    pytest.param(
        {**FAILED, "terminating": 1},
        "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job",
        id="terminating in the end",
    ),
    pytest.param(
        {"active": 1, "ready": 2},
        "status.ready: Invalid value: 2: cannot set more ready pods than active",
        id="more ready than active",
    ),
    pytest.param(
        {"completedIndexes": "1"},
        'status.completedIndexes: Invalid value: "1": '
        "cannot set non-empty completedIndexes when non-indexed completion mode",
        id="indexes of none",
    ),
    pytest.param(
        {"failedIndexes": ""},
        'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
        id="failed indexes of none",
    ),
]


@pytest.mark.parametrize(("new", "line"), BY_ITSELF)
def test_statuses_that_are_refused(new: JSONObject, line: str) -> None:
    assert found(new) == [line]


def test_a_job_does_not_both_complete_and_fail() -> None:
    both = {**COMPLETE, "conditions": conditions("SuccessCriteriaMet", "Complete", "FailureTarget", "Failed")}
    assert found(both)[0] == "status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions"


@pytest.mark.parametrize(
    ("new", "old", "line"),
    [
        pytest.param(
            {**COMPLETE, "conditions": []} | {"completionTime": None},
            COMPLETE,
            "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
            id="condition",
        ),
        pytest.param(
            {"failed": 1},
            {"failed": 2},
            "status.failed: Invalid value: 1: cannot decrease the failed counter",
            id="failed",
        ),
        pytest.param(
            {"succeeded": 1},
            {"succeeded": 2},
            "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter",
            id="succeeded",
        ),
        pytest.param(
            {**COMPLETE, "completionTime": "2026-01-01T12:02:00Z"},
            COMPLETE,
            'status.completionTime: Invalid value: "2026-01-01T12:02:00Z": completionTime cannot be mutated',
            id="end",
        ),
        pytest.param(
            {},
            {"startTime": START},
            "status.startTime: Required value: startTime cannot be removed for unsuspended job",
            id="start",
        ),
        pytest.param(
            {"startTime": END},
            {"startTime": START},
            f'status.startTime: Invalid value: "{END}": startTime cannot be updated for unsuspended job',
            id="another start",
        ),
    ],
)
def test_what_stays(new: JSONObject, old: JSONObject, line: str) -> None:
    assert line in found(new, old)


def test_a_suspended_job_forgets_when_it_started() -> None:
    assert found({}, {"startTime": START}, suspend=True) == []


INDEXED: JSONObject = {"completionMode": "Indexed", "completions": 5, "backoffLimitPerIndex": 1}


@pytest.mark.parametrize(
    ("status", "line"),
    [
        pytest.param(
            {"completedIndexes": "7"},
            'status.completedIndexes: Invalid value: "7": error parsing completedIndexes: too large index: "7"',
            id="completed",
        ),
        pytest.param(
            {"failedIndexes": "1,1"},
            'status.failedIndexes: Invalid value: "1,1": error parsing failedIndexes: '
            "non-increasing order, previous: 1, current: 1",
            id="failed",
        ),
        pytest.param(
            {"completedIndexes": "0-2", "failedIndexes": "2,4"},
            'status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 2',
            id="both",
        ),
    ],
)
def test_indexes(status: JSONObject, line: str) -> None:
    assert found(status, **INDEXED) == [line]


def test_indexes_that_are_right() -> None:
    assert found({"completedIndexes": "0,2-3", "failedIndexes": "1"}, **INDEXED) == []
