"""Entries of managed fields: there and back, and how conflicts are told."""

from typing import Any

import pytest

from apimachinery.structured_merge.fieldpath import fields_path
from apimachinery.structured_merge.updater import FieldConflict
from apiserver.fieldmanager.entries import conflict_status, decode, encode, identifier, identity_of, is_reset

JSONObject = dict[str, Any]


def entry(manager: str = "m", operation: str = "Update", version: str = "v1", **fields: Any) -> JSONObject:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": version,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:a": {}},
        **fields,
    }


def test_there_and_back() -> None:
    given = [
        entry("a", "Apply", time="2026-01-02T00:00:00Z"),
        entry("b", "Update", "v1", time="2026-01-01T00:00:00Z"),
        entry("a", "Update", "v1", time="2026-01-02T00:00:00Z"),
        entry("a", "Update", "v2", time="2026-01-02T00:00:00Z"),
        entry("a", "Update", "v2", time="2026-01-02T00:00:00Z", subresource="status"),
    ]
    assert encode(decode(given)) == given
    assert encode(decode(list(reversed(given)), trusted=True)) == given, "the order is upstream's"


def test_an_applier_has_one_entry_for_all_versions() -> None:
    assert identifier("a", "Apply", "v1", "") == identifier("a", "Apply", "v2", "")
    assert identifier("a", "Update", "v1", "") != identifier("a", "Update", "v2", "")
    assert identity_of(identifier("", "Update", "v1", "s")) == ("unknown", "Update", "v1", "s")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param(entry(operation="Own"), "operation must be `Apply` or `Update`", id="operation"),
        pytest.param(entry(version=""), "apiVersion must not be empty", id="version"),
        pytest.param(entry(fieldsType=""), "missing fieldsType in managed fields entry 0", id="no-type"),
        pytest.param(entry(fieldsType="V2"), 'invalid fieldsType "V2" in managed fields entry 0', id="type"),
        pytest.param(entry(fieldsV1={"x": {}}), "key must be 2 characters long:", id="fields"),
    ],
)
def test_what_is_no_entry(given: JSONObject, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        decode([given])
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("given", "reset"),
    [([], True), ([{}], True), ([{}, {}], False), ([entry()], False), (None, False)],
)
def test_reset(given: Any, reset: bool) -> None:
    assert is_reset(given) is reset


def test_conflicts_are_told_as_upstream_does() -> None:
    mine = identifier("kubectl", "Update", "apps/v1", "scale")
    theirs = identifier("helm", "Apply", "", "")
    one = conflict_status([FieldConflict(mine, fields_path("spec", "replicas"))])
    assert one.message == (
        'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas'
    )
    both = conflict_status(
        [FieldConflict(mine, fields_path("a")), FieldConflict(theirs, fields_path("b"))], "autoscaling/v1"
    )
    assert both.message == (
        'Apply failed with 2 conflicts: conflicts with "helm":\n- .b\n'
        'conflicts with "kubectl" with subresource "scale" using autoscaling/v1:\n- .a'
    )
    assert [cause.to_dict() for cause in both.causes] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl" with subresource "scale" using autoscaling/v1',
            "field": ".a",
        },
        {"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".b"},
    ]
