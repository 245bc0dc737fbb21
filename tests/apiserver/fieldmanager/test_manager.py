"""The field manager by itself: times, caps, filters, schema changes, broken objects."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from apimachinery.errors import BadRequest, Conflict
from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.fieldpath import FieldSet, fields_path
from apimachinery.structured_merge.schema import of_structural_schema
from apiserver.fieldmanager.last_applied import ANNOTATION, keep_up_to_date
from apiserver.fieldmanager.manager import FieldManager, keep_times
from apiserver.fieldmanager.managers import FieldManagers
from apiserver.fieldmanager.scale import ScaleFieldManager
from apiserver.fieldmanager.tracked import tracked_fields
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import Registry, ResourceInfo

JSONObject = dict[str, Any]

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


@pytest.fixture
def registry() -> Registry:
    return builtin_registry(load_bundle())


def info_of(registry: Registry, plural: str, group: str = "", version: str = "v1") -> ResourceInfo:
    found = registry.find(group, version, plural)
    assert found is not None
    return found


def manager_of(registry: Registry, plural: str = "configmaps", group: str = "", subresource: str = "") -> FieldManager:
    return FieldManager(registry, info_of(registry, plural, group), subresource)


def config_map(**data: str) -> JSONObject:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}


def written(manager: FieldManager, live: JSONObject | None, new: JSONObject, name: str, now: str) -> JSONObject:
    """Return ``new`` as an update by ``name`` has left it; ``live`` is not changed."""
    before, new = copy.deepcopy(live), copy.deepcopy(new)
    if live is not None:
        new["metadata"] = {**new["metadata"], "uid": "u"}
    manager.update(live, new, name, now)
    assert live == before
    return new


def times(obj: JSONObject) -> dict[str, str]:
    return {entry["manager"]: entry["time"] for entry in obj["metadata"]["managedFields"]}


def test_a_time_moves_when_its_manager_writes(registry: Registry) -> None:
    manager = manager_of(registry)
    one = written(manager, None, config_map(x="1", y="1"), "a", NOW)
    two = written(manager, one, config_map(x="1", y="2"), "b", LATER)
    assert times(two) == {"a": NOW, "b": LATER}
    three = written(manager, two, config_map(x="1"), "c", "2026-01-03T00:00:00Z")
    assert times(three) == {"a": NOW}, "who has only removed owns nothing"
    four = written(manager, three, config_map(x="2"), "a", LATER)
    assert times(four) == {"a": LATER}


def test_times_alone_are_no_change(registry: Registry) -> None:
    manager = manager_of(registry)
    old = written(manager, None, config_map(x="1"), "a", NOW)
    same = written(manager, None, config_map(x="1"), "a", LATER)
    keep_times(same, old)
    assert same == old
    other = written(manager, None, config_map(x="2"), "a", LATER)
    keep_times(other, old)
    assert times(other) == {"a": LATER}
    another = written(manager, None, config_map(x="1"), "b", LATER)
    keep_times(another, old)
    assert times(another) == {"b": LATER}


def test_what_tells_an_object_from_others_is_never_owned(registry: Registry) -> None:
    obj = config_map(x="1")
    obj["metadata"] |= {"namespace": "n", "uid": "u", "resourceVersion": "1", "generation": 1, "generateName": "c-"}
    obj["metadata"] |= {"creationTimestamp": NOW, "selfLink": "/x"}
    (entry,) = written(manager_of(registry), None, obj, "a", NOW)["metadata"]["managedFields"]
    assert entry["fieldsV1"] == {"f:data": {".": {}, "f:x": {}}, "f:metadata": {"f:generateName": {}}}


def test_the_oldest_updates_become_one(registry: Registry) -> None:
    manager = manager_of(registry)
    obj = written(manager, None, config_map(x0="1"), "m0", "2026-01-01T00:00:00Z")
    for number in range(1, 12):
        data = {**obj["data"], f"x{number}": "1"}
        obj = written(manager, obj, config_map(**data), f"m{number}", f"2026-01-{number + 1:02}T00:00:00Z")
    found = {entry["manager"]: entry for entry in obj["metadata"]["managedFields"]}
    assert found.keys() == {"ancient-changes", *(f"m{number}" for number in range(3, 12))}
    assert found["ancient-changes"]["fieldsV1"] == {"f:data": {".": {}, "f:x0": {}, "f:x1": {}, "f:x2": {}}}
    assert found["ancient-changes"]["time"] == "2026-01-03T00:00:00Z"


def test_subresources_do_not_touch_managed_fields_by_hand(registry: Registry) -> None:
    manager = manager_of(registry, "deployments", "apps", "status")
    live: JSONObject = {"metadata": {"name": "d"}, "spec": {"replicas": 1}}
    manager_of(registry, "deployments", "apps").update(None, live, "a", NOW)
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"] = []
    new["status"] = {"replicas": 1}
    manager.update(live, new, "s", LATER)
    assert times(new) == {"a": NOW, "s": LATER}


@pytest.mark.parametrize(
    ("plural", "group", "subresource", "owned"),
    [
        pytest.param("pods", "", "", ["metadata.labels", "metadata.ownerReferences", "spec.nodeName"], id="pod"),
        pytest.param("pods", "", "status", ["metadata.labels", "status.phase"], id="pod-status"),
        pytest.param("pods", "", "ephemeralcontainers", ["spec.ephemeralContainers"], id="ephemeral"),
        pytest.param("deployments", "apps", "status", ["metadata.ownerReferences", "status.phase"], id="deployment"),
        pytest.param("deployments", "apps", "scale", ["spec.replicas"], id="scale"),
        pytest.param("nodes", "", "status", ["metadata.labels", "metadata.ownerReferences", "status.phase"], id="node"),
    ],
)
def test_what_a_subresource_may_own(
    registry: Registry, plural: str, group: str, subresource: str, owned: list[str]
) -> None:
    names = ("metadata.labels", "metadata.ownerReferences", "spec.nodeName", "spec.replicas", "status.phase")
    paths = [fields_path(*name.split(".")) for name in (*names, "spec.ephemeralContainers")]
    kept = tracked_fields(info_of(registry, plural, group), subresource)(FieldSet.of(*paths))
    shown = [".".join(element[2:] for element in path) for path in kept]
    assert set(owned) <= set(shown)
    assert all(name.split(".")[0] in {entry.split(".")[0] for entry in owned} for name in shown)


def test_managers_are_made_once_and_anew_for_another_resource(registry: Registry) -> None:
    managers = FieldManagers(registry)
    info = info_of(registry, "deployments", "apps")
    assert managers.of(info) is managers.of(info)
    assert managers.of(info) is not managers.of(info, "status")
    assert isinstance(managers.of(info, "scale"), ScaleFieldManager)
    assert managers.of(replace(info)) is not managers.of(info)


def custom(info: ResourceInfo, schema: JSONObject) -> ResourceInfo:
    return replace(info, struct=None, schema_type=of_structural_schema(schema), group="x", version="v1")


MAP = {"type": "object", "additionalProperties": {"type": "string"}}
ATOMIC = {**MAP, "x-kubernetes-map-type": "atomic"}


def test_a_schema_may_make_a_map_atomic(registry: Registry) -> None:
    base = info_of(registry, "configmaps")
    before = custom(base, {"type": "object", "properties": {"data": MAP}})
    after = custom(base, {"type": "object", "properties": {"data": ATOMIC}})
    obj: JSONObject = {"metadata": {"name": "c"}, "data": {"x": "1"}}
    FieldManager(registry, before, "").update(None, obj, "a", NOW)
    manager = FieldManager(registry, after, "")
    config = {"apiVersion": "x/v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"y": "1"}}
    with pytest.raises(Conflict, match=r"\.data$"):
        manager.apply(obj, config, "b", force=False, now=NOW)
    assert manager.apply(obj, config, "b", force=True, now=NOW)["data"] == {"y": "1"}


def test_an_object_that_does_not_fit_its_schema_any_more(registry: Registry) -> None:
    """Ownership stays as it was; an apply is refused."""
    keyed = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["id"],
        "items": {"type": "object", "properties": {"id": {"type": "string"}, "v": {"type": "string"}}},
    }
    info = custom(info_of(registry, "configmaps"), {"type": "object", "properties": {"list": keyed}})
    manager = FieldManager(registry, info, "")
    entry = {"manager": "a", "operation": "Update", "apiVersion": "x/v1", "time": NOW}
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": {"f:list": {}}}
    live = {"metadata": {"name": "c", "managedFields": [entry]}, "list": [{"v": "1"}]}
    new = {"metadata": {"name": "c"}, "list": [{"v": "2"}]}
    manager.update(live, new, "b", LATER)
    assert new["metadata"]["managedFields"] == [entry]
    config = {"apiVersion": "x/v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "list": [{"id": "1"}]}
    with pytest.raises(BadRequest, match="failed to create typed live object"):
        manager.apply(live, config, "b", force=False, now=NOW)


def test_the_annotation_is_kept_up_to_date() -> None:
    obj: JSONObject = {"metadata": {"annotations": {ANNOTATION: "{}", "a": "1"}}}
    config = {"kind": "ConfigMap", "metadata": {"annotations": {ANNOTATION: "old", "b": "2"}}, "data": {"x": "1"}}
    keep_up_to_date(obj, config)
    assert obj["metadata"]["annotations"] == {
        "a": "1",
        ANNOTATION: '{"data":{"x":"1"},"kind":"ConfigMap","metadata":{"annotations":{"b":"2"}}}\n',
    }
    keep_up_to_date(obj, {"data": {"x": "y" * 300_000}})
    assert obj["metadata"]["annotations"] == {"a": "1"}, "an annotation that has grown too long goes"
    keep_up_to_date(obj, config)
    assert obj["metadata"]["annotations"] == {"a": "1"}
