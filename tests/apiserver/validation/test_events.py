"""Events that are refused, and in which words."""

from typing import Any

import pytest

from apiserver.validation import events
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

MISMATCH = 'involvedObject.namespace: Invalid value: "{}": does not match event.namespace'
NEW = {
    "eventTime": "2024-01-01T00:00:00.000000Z",
    "reportingComponent": "example.com/controller",
    "reportingInstance": "controller-1",
    "action": "Test",
    "reason": "Testing",
    "type": "Normal",
}


def event(namespace: str = "n", involved: str = "n", **fields: Any) -> JSONObject:
    return {"metadata": {"namespace": namespace}, "involvedObject": {"namespace": involved}, **fields}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(event(), [], id="fine"),
        pytest.param(event("default", ""), [], id="about something of no namespace"),
        pytest.param(event("n", ""), [MISMATCH.format("")], id="about something of no namespace, in one"),
        pytest.param(event("n", "m"), [MISMATCH.format("m")], id="about something elsewhere"),
        pytest.param(event(**NEW), [], id="newer"),
        pytest.param(
            event(eventTime=NEW["eventTime"]),
            [f"{key}: Required value" for key in ("reportingComponent", "reportingInstance", "action", "reason")],
            id="newer, saying nothing",
        ),
        pytest.param(
            event(**{**NEW, "message": "x" * 1025}),
            ['message: Invalid value: "": can have at most 1024 characters'],
            id="newer, saying too much",
        ),
    ],
)
def test_of_any_version(obj: JSONObject, expected: list[str]) -> None:
    assert lines(events.validate_event(obj)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"eventTime": None}, ["eventTime: Required value"], id="no time"),
        pytest.param({"type": "Odd"}, ['type: Invalid value: "": has invalid value: Odd'], id="type"),
        pytest.param(
            {"count": 2, "source": {"component": "c"}},
            ['count: Invalid value: "": needs to be unset', 'source: Invalid value: "": needs to be unset'],
            id="older fields",
        ),
        pytest.param(
            {"series": {"count": 1}},
            ['series.count: Invalid value: "": should be at least 2', "series.lastObservedTime: Required value"],
            id="series",
        ),
        pytest.param(
            {"reportingComponent": ""}, ["reportingController: Required value"], id="no controller, by its newer name"
        ),
    ],
)
def test_of_the_newer_version(fields: JSONObject, expected: list[str]) -> None:
    assert lines(events.validate_new_event(event(**{**NEW, **fields}))) == expected


def test_what_has_happened_stays() -> None:
    old = event(**NEW)
    series = {"count": 2, "lastObservedTime": "2024-01-01T00:00:01.000000Z"}
    assert lines(events.validate_new_event_update(event(**NEW, series=series, source={}), old)) == []
    changed = event(**{**NEW, "reason": "Other", "reportingComponent": "other"})
    assert lines(events.validate_new_event_update(changed, old)) == [
        'reason: Invalid value: "Other": field is immutable',
        'reportingController: Invalid value: "other": field is immutable',
    ]
