"""Who owns what after updates and applies, with one version and with several."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.fieldpath import FieldSet, excluding, fields_path, path_text
from apimachinery.structured_merge.merge import remove
from apimachinery.structured_merge.schema import deduced, of_struct, of_structural_schema
from apimachinery.structured_merge.typed import to_field_set
from apimachinery.structured_merge.types import SchemaType
from apimachinery.structured_merge.updater import (
    Conflicts,
    Managers,
    OneVersion,
    Updater,
    VersionedSet,
    named_fields_are_members,
    reconcile,
    track_all,
)

BUNDLE = load_bundle()
DEPLOYMENT = of_struct(BUNDLE, BUNDLE.kind("apps/v1", "Deployment"))
V1 = "apps/v1"


class State:
    """A live object and its managers, as a sequence of writes leaves them."""

    def __init__(self, kind: SchemaType = DEPLOYMENT, version: str = V1) -> None:
        self.updater = Updater(OneVersion(version, kind), track_all)
        self.version = version
        self.live: dict[str, Any] = {}
        self.managers: Managers = {}

    def update(self, manager: str, new: dict[str, Any]) -> None:
        self.managers, _ = self.updater.update(self.live, new, self.version, self.managers, manager)
        self.live = new

    def apply(self, manager: str, config: dict[str, Any], *, force: bool = False) -> bool:
        """Apply; return whether the object has changed."""
        before = copy.deepcopy((self.live, config))
        merged, self.managers = self.updater.apply(self.live, config, self.version, self.managers, manager, force=force)
        assert (self.live, config) == before
        if merged is not None:
            self.live = merged
        return merged is not None

    def owned(self, manager: str) -> Any:
        return self.managers[manager].fields.tree


def containers(*items: Any, **spec: Any) -> dict[str, Any]:
    return {"spec": {**spec, "template": {"spec": {"containers": list(items)}}}}


def test_apply_owns_what_it_names() -> None:
    state = State()
    assert state.apply("a", {"spec": {"replicas": 3}})
    assert state.live == {"spec": {"replicas": 3}}
    assert state.managers == {"a": VersionedSet(FieldSet.of(fields_path("spec", "replicas")), V1, applied=True)}


def test_applying_the_same_again_changes_nothing() -> None:
    state = State()
    config = containers({"name": "c", "image": "i"}, replicas=1)
    assert state.apply("a", config)
    managers = state.managers
    assert not state.apply("a", config)
    assert state.managers == managers


def test_an_equal_value_is_shared() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 3}})
    assert not state.apply("b", {"spec": {"replicas": 3}})
    assert set(state.managers) == {"a", "b"}


def test_another_value_is_a_conflict_unless_forced() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 3, "paused": True}})
    with pytest.raises(Conflicts) as caught:
        state.apply("b", {"spec": {"replicas": 4}})
    assert [(entry.manager, path_text(entry.path)) for entry in caught.value.conflicts] == [("a", ".spec.replicas")]
    assert str(caught.value) == "conflict with a: .spec.replicas"
    assert state.apply("b", {"spec": {"replicas": 4}}, force=True)
    assert state.live == {"spec": {"replicas": 4, "paused": True}}
    assert state.owned("a") == {"f:spec": {"f:paused": {}}}
    assert state.owned("b") == {"f:spec": {"f:replicas": {}}}


def test_a_manager_that_loses_all_its_fields_is_gone() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 3}})
    state.apply("b", {"spec": {"replicas": 4}}, force=True)
    assert set(state.managers) == {"b"}


def test_conflicts_come_in_order_of_managers_and_paths() -> None:
    state = State()
    state.apply("b", {"spec": {"replicas": 3, "paused": True}})
    state.apply("a", {"spec": {"replicas": 3, "minReadySeconds": 1}})
    with pytest.raises(Conflicts) as caught:
        state.apply("c", {"spec": {"replicas": 4, "minReadySeconds": 2, "paused": False}})
    assert [(entry.manager, path_text(entry.path)) for entry in caught.value.conflicts] == [
        ("a", ".spec.minReadySeconds"),
        ("a", ".spec.replicas"),
        ("b", ".spec.paused"),
        ("b", ".spec.replicas"),
    ]


def test_what_an_applier_leaves_out_goes() -> None:
    state = State()
    state.apply("a", containers({"name": "x", "image": "1"}, {"name": "y", "image": "2"}, replicas=1, paused=True))
    assert state.apply("a", containers({"name": "y", "image": "2"}, replicas=1))
    assert state.live == containers({"name": "y", "image": "2"}, replicas=1)


def test_what_another_applier_owns_too_stays() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 1, "paused": True}})
    state.apply("b", {"spec": {"replicas": 1}})
    assert state.apply("a", {"spec": {"paused": True}}) is False
    assert state.live == {"spec": {"replicas": 1, "paused": True}}
    assert state.apply("a", {})
    assert state.live == {"spec": {"replicas": 1}}


def test_what_an_updater_owns_too_stays() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 1, "paused": True}})
    state.update("hpa", {"spec": {"replicas": 5, "paused": True}})
    assert state.owned("hpa") == {"f:spec": {"f:replicas": {}}}
    state.apply("a", {"spec": {"paused": True}})
    assert state.live == {"spec": {"replicas": 5, "paused": True}}


def test_an_item_stays_while_somebody_owns_a_part_of_it() -> None:
    state = State()
    state.apply("a", containers({"name": "x", "image": "1"}))
    state.apply("b", containers({"name": "x", "command": ["c"]}))
    state.apply("a", {})
    assert state.live == containers({"name": "x", "command": ["c"]})


def test_an_item_with_a_part_that_nobody_owns_goes_with_its_applier() -> None:
    state = State()
    state.apply("a", containers({"name": "x", "image": "1"}))
    # A default, which no manager has written.
    state.live["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    state.apply("a", containers({"name": "y", "image": "1"}))
    assert state.live == containers({"name": "y", "image": "1"})


def test_a_removed_map_key_leaves_the_others() -> None:
    state = State()
    state.update("u", {"metadata": {"labels": {"mine": "1"}}})
    state.apply("a", {"metadata": {"labels": {"a": "1", "b": "2"}}})
    state.apply("a", {"metadata": {"labels": {"a": "1"}}})
    assert state.live == {"metadata": {"labels": {"mine": "1", "a": "1"}}}


def test_update_takes_what_it_changes_from_everybody() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 1, "paused": True}})
    state.update("u", {"spec": {"replicas": 2, "paused": True}})
    assert state.owned("a") == {"f:spec": {"f:paused": {}}}
    assert state.owned("u") == {"f:spec": {"f:replicas": {}}}
    state.update("w", {"spec": {"replicas": 2}})
    assert set(state.managers) == {"u"}, "what is removed, nobody owns"


def test_an_update_without_a_change_owns_nothing() -> None:
    state = State()
    state.apply("a", {"spec": {"replicas": 1}})
    managers = state.managers
    state.update("u", {"spec": {"replicas": 1}})
    assert state.managers == managers


def test_atomic_values_are_owned_whole() -> None:
    state = State()
    state.apply("a", {"spec": {"selector": {"matchLabels": {"a": "1"}}}})
    assert state.owned("a") == {"f:spec": {"f:selector": {}}}
    with pytest.raises(Conflicts) as caught:
        state.apply("b", {"spec": {"selector": {"matchLabels": {"b": "2"}}}})
    assert path_text(caught.value.conflicts[0].path) == ".spec.selector"


class TwoVersions:
    """``v1`` calls ``count`` what ``v2`` calls ``number``; ``v0`` is not served any more."""

    KIND = of_structural_schema({
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "number": {"type": "integer"},
            "other": {"type": "string"},
        },
    })

    def type_of(self, api_version: str) -> SchemaType | None:
        return self.KIND if api_version in {"v1", "v2"} else None

    def convert(self, obj: dict[str, Any], api_version: str, to: str) -> dict[str, Any]:
        names = {"count": "number"} if to == "v2" else {"number": "count"}
        return {names.get(name, name): value for name, value in obj.items()}


def test_managers_of_other_versions() -> None:
    updater = Updater(TwoVersions(), track_all)
    _, managers = updater.apply({}, {"count": 1, "other": "x"}, "v1", {}, "a", force=False)
    live = {"number": 1, "other": "x"}
    with pytest.raises(Conflicts) as caught:
        updater.apply(live, {"number": 2}, "v2", managers, "b", force=False)
    assert path_text(caught.value.conflicts[0].path) == ".count"
    merged, managers = updater.apply(live, {"number": 2}, "v2", managers, "b", force=True)
    assert merged == {"number": 2, "other": "x"}
    assert managers["a"].fields.tree == {"f:other": {}}
    # The first applier goes over to the other version: what it owned in the old one is pruned by its new name.
    merged, managers = updater.apply({"number": 2, "other": "x"}, {}, "v2", managers, "a", force=False)
    assert merged == {"number": 2}
    assert set(managers) == {"b"}


def test_managers_of_a_version_that_is_gone_are_dropped() -> None:
    updater = Updater(TwoVersions(), track_all)
    old = {"x": VersionedSet(FieldSet.of(("f:count",)), "v0", applied=True)}
    assert updater.update({}, {"count": 1}, "v1", old, "u")[0].keys() == {"u"}
    merged, managers = updater.apply({"count": 1}, {"other": "y"}, "v1", old, "x", force=False)
    assert merged == {"count": 1, "other": "y"}, "what was owned in a version that is gone cannot be pruned"
    assert managers["x"].api_version == "v1"


def test_untracked_fields_are_owned_by_nobody() -> None:
    updater = Updater(OneVersion(V1, DEPLOYMENT), excluding(fields_path("status")))
    managers, written = updater.update({}, {"spec": {"replicas": 1}, "status": {"replicas": 1}}, V1, {}, "u")
    assert managers["u"].fields.tree == written.tree == {"f:spec": {"f:replicas": {}}}
    _, managers = updater.apply({}, {"status": {"replicas": 1}, "spec": {"paused": True}}, V1, {}, "a", force=False)
    assert managers["a"].fields.tree == {"f:spec": {"f:paused": {}}}


def test_named_fields_become_members() -> None:
    fields = FieldSet.of(
        ("f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"a"}', "f:image"),
        fields_path("metadata", "labels", "x"),
    )
    assert named_fields_are_members(fields, DEPLOYMENT).tree == {
        "f:spec": {
            ".": {},
            "f:template": {
                ".": {},
                "f:spec": {".": {}, "f:containers": {".": {}, 'k:{"name":"a"}': {"f:image": {}}}},
            },
        },
        "f:metadata": {".": {}, "f:labels": {".": {}, "f:x": {}}},
    }


def test_what_has_become_atomic_is_owned_whole() -> None:
    kind = of_structural_schema({
        "type": "object",
        "properties": {
            "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}},
            "list": {"type": "array", "items": {"type": "string"}},
            "open": {"x-kubernetes-preserve-unknown-fields": True},
        },
    })
    fields = FieldSet({"f:whole": {"f:a": {}}, "f:list": {'v:"x"': {}}, "f:open": {"f:a": {}}, "f:gone": {"f:b": {}}})
    assert reconcile(fields, kind).tree == {
        "f:whole": {},
        "f:list": {},
        "f:open": {"f:a": {}},
        "f:gone": {"f:b": {}},
    }
    assert reconcile(fields, deduced()) is fields


# Properties

NAMES = st.sampled_from(["a", "b", "c"])
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "labels": st.dictionaries(NAMES, st.sampled_from(["1", "2"]), min_size=1),
                "finalizers": st.lists(NAMES, min_size=1, unique=True),
            },
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "replicas": st.integers(0, 2),
                "paused": st.booleans(),
                "selector": st.fixed_dictionaries({"matchLabels": st.dictionaries(NAMES, NAMES, min_size=1)}),
                "template": st.fixed_dictionaries({
                    "spec": st.fixed_dictionaries({
                        "containers": st.lists(
                            st.fixed_dictionaries(
                                {"name": NAMES}, optional={"image": NAMES, "args": st.lists(NAMES, max_size=2)}
                            ),
                            min_size=1,
                            unique_by=lambda item: item["name"],
                        )
                    })
                }),
            },
        ),
    },
)


@given(CONFIG, CONFIG)
def test_apply_twice_is_apply_once(before: Any, config: Any) -> None:
    state = State()
    state.update("u", before)
    state.apply("a", config, force=True)
    managers = state.managers
    assert not state.apply("a", config)
    assert state.managers == managers


@given(CONFIG, CONFIG)
def test_disjoint_fields_never_conflict(one: Any, other: Any) -> None:
    """What is left of the second configuration without the first one's fields goes beside it."""
    first = to_field_set(one, DEPLOYMENT)
    rest = remove(other, first, DEPLOYMENT)
    state = State()
    state.apply("a", one)
    state.apply("b", rest)
    state.apply("a", one)
    assert state.managers["a"].fields == first if first else "a" not in state.managers


@given(CONFIG, CONFIG, CONFIG)
def test_unapply_removes_what_only_that_manager_owned(one: Any, other: Any, then: Any) -> None:
    state = State()
    state.apply("a", one)
    state.apply("b", other, force=True)
    mine = state.managers["a"].fields if "a" in state.managers else FieldSet()
    theirs = to_field_set(other, DEPLOYMENT)
    state.apply("a", then, force=True)
    left, wanted = to_field_set(state.live, DEPLOYMENT), to_field_set(then, DEPLOYMENT)
    for path in mine:
        if path not in theirs and path not in wanted and path in mine.leaves():
            assert path not in left
    there = named_fields_are_members(left, DEPLOYMENT)
    for path in theirs:
        assert path in there, "what the other owns is still there"
