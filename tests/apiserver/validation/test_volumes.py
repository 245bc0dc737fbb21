"""PersistentVolumes and claims that are refused, and in which words."""

import copy
from typing import Any

import pytest

from apiserver.registry.volumes import PersistentVolumeClaimStrategy, PersistentVolumeStrategy
from tests.apiserver.objects import JSONObject, with_field
from tests.apiserver.validation.causes import lines

VOLUMES = PersistentVolumeStrategy()
CLAIMS = PersistentVolumeClaimStrategy()


def volume(**spec: Any) -> JSONObject:
    obj: JSONObject = {
        "metadata": {"name": "v", "creationTimestamp": "2024-01-01T00:00:00Z"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"},
            "hostPath": {"path": "/data"},
            **spec,
        },
    }
    obj["spec"] = {key: value for key, value in obj["spec"].items() if value is not ...}
    VOLUMES.default(obj)
    VOLUMES.prepare_for_create(obj)
    return obj


def claim(**spec: Any) -> JSONObject:
    obj: JSONObject = {
        "metadata": {"name": "c"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec},
    }
    CLAIMS.default(obj)
    CLAIMS.prepare_for_create(obj)
    return obj


MODES = 'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"accessModes": []}, ["spec.accessModes: Required value"], id="no modes"),
        pytest.param({"accessModes": ["Any"]}, [f'spec.accessModes: Unsupported value: "Any": {MODES}'], id="mode"),
        pytest.param(
            {"accessModes": ["ReadWriteOncePod", "ReadWriteOnce"]},
            ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
            id="one pod and more",
        ),
        pytest.param(
            {"capacity": {"storage": "0"}},
            ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
            id="no room",
        ),
        pytest.param(
            {"capacity": {"cpu": "1"}},
            ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
            id="another resource",
        ),
        pytest.param({"hostPath": ...}, ["spec: Required value: must specify a volume type"], id="no source"),
        pytest.param(
            {"nfs": {"server": "s", "path": "/"}},
            ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
            id="two sources",
        ),
        pytest.param(
            {"hostPath": {"path": "/a/../b"}},
            ["spec.hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"],
            id="a way up",
        ),
        pytest.param(
            {"hostPath": ..., "local": {"path": "/a"}},
            ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
            id="local anywhere",
        ),
        pytest.param(
            {"persistentVolumeReclaimPolicy": "Keep"},
            [
                'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": '
                'supported values: "Delete", "Recycle", "Retain"'
            ],
            id="policy",
        ),
        pytest.param(
            {"persistentVolumeReclaimPolicy": "Recycle", "hostPath": {"path": "/"}},
            ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
            id="recycled root",
        ),
    ],
)
def test_volumes(spec: JSONObject, expected: list[str]) -> None:
    assert lines(VOLUMES.validate(volume(**spec))) == expected


def test_a_new_volume_is_pending_and_retained() -> None:
    obj = volume()
    assert obj["status"] == {"phase": "Pending", "lastPhaseTransitionTime": "2024-01-01T00:00:00Z"}
    assert (obj["spec"]["persistentVolumeReclaimPolicy"], obj["spec"]["volumeMode"]) == ("Retain", "Filesystem")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        pytest.param("spec.storageClassName", "fast", [], id="class"),
        pytest.param(
            "spec.hostPath.path",
            "/other",
            ["spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"],
            id="source",
        ),
        pytest.param("spec.volumeMode", "Block", ['volumeMode: Invalid value: "Block": field is immutable'], id="mode"),
    ],
)
def test_changed_volumes(path: str, value: Any, expected: list[str]) -> None:
    old = volume()
    assert lines(VOLUMES.validate_update(with_field(old, path, value), old)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"accessModes": []}, ["spec.accessModes: Required value: at least 1 access mode is required"], id="no modes"
        ),
        pytest.param({"resources": {}}, ["spec.resources[storage]: Required value"], id="no size"),
        pytest.param(
            {"resources": {"requests": {"storage": "-1"}}},
            ['spec.resources[storage]: Invalid value: "-1": must be greater than zero'],
            id="negative size",
        ),
        pytest.param(
            {"volumeMode": "Tape"},
            ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
            id="mode",
        ),
        pytest.param(
            {"dataSource": {"kind": "Snapshot", "name": "s"}},
            [
                f'spec.{key}: Invalid value: "Snapshot": '
                "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
                for key in ("dataSource", "dataSourceRef")
            ],
            id="source of no group",
        ),
    ],
)
def test_claims(spec: JSONObject, expected: list[str]) -> None:
    assert lines(CLAIMS.validate(claim(**spec))) == expected


IMMUTABLE = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
    "bound claims"
)


def changed_claim(old: JSONObject, path: str, value: Any) -> list[str]:
    new = with_field(old, path, value)
    CLAIMS.default(new)
    CLAIMS.prepare_for_update(new, old)
    return lines(CLAIMS.validate_update(new, old))


@pytest.mark.parametrize(
    ("phase", "path", "value", "expected"),
    [
        pytest.param("Pending", "spec.volumeName", "v", [], id="bound once"),
        pytest.param("Pending", "spec.storageClassName", "fast", [], id="class given late"),
        pytest.param("Pending", "spec.resources.requests.storage", "2Gi", [IMMUTABLE], id="grows too early"),
        pytest.param("Bound", "spec.resources.requests.storage", "2Gi", [], id="grows"),
        pytest.param("Bound", "spec.accessModes", ["ReadWriteMany"], [IMMUTABLE], id="modes"),
        pytest.param("Bound", "spec.resources.requests.storage", "800Mi", [], id="back above what there is"),
        pytest.param(
            "Bound",
            "spec.resources.requests.storage",
            "500Mi",
            ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"],
            id="below what there is",
        ),
        pytest.param("Bound", "spec.volumeAttributesClassName", "gold", [], id="attributes"),
    ],
)
def test_changed_claims(phase: str, path: str, value: Any, expected: list[str]) -> None:
    old = claim()
    old["status"] = {"phase": phase, "capacity": {"storage": "600Mi"}}
    assert changed_claim(old, path, value) == expected


def test_a_bound_claim_stays_with_its_volume() -> None:
    old = claim(volumeName="v")
    assert changed_claim(old, "spec.volumeName", "w") == [IMMUTABLE]


def test_both_fields_for_the_source_of_data_say_the_same() -> None:
    source = {"kind": "PersistentVolumeClaim", "name": "other"}
    assert claim(dataSource=source)["spec"]["dataSourceRef"] == source
    assert claim(dataSourceRef=source)["spec"]["dataSource"] == source
    assert "dataSource" not in claim(dataSourceRef={**source, "namespace": "n"})["spec"]


def test_status_of_claims() -> None:
    old = claim()
    new = copy.deepcopy(old)
    new["status"] = {"capacity": {"storage": "-1"}, "allocatedResources": {"cpu": "1"}}
    assert lines(CLAIMS.validate_status_update(new, old)) == [
        'status.capacity[storage]: Invalid value: "-1": must be a valid resource quantity',
        'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ]
