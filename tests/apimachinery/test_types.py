"""Typed objects: what comes in goes out again, and zero values stay at home."""

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import Field

from apimachinery.types.apps import ReplicaSet
from apimachinery.types.base import Model, Object, ObjectMeta, encode, to_wire
from apimachinery.types.core import Lease, Namespace, Node
from apimachinery.types.pod import Container, EphemeralContainer, Pod, PodSpec
from apimachinery.types.storage import BETA_STORAGE_CLASS, PersistentVolume, PersistentVolumeClaim


def test_unknown_fields_are_kept_at_every_depth() -> None:
    wire = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "managedFields": [{"manager": "x"}]},
        "spec": {"containers": [{"name": "c", "image": "i", "novelty": {"deep": [1]}}], "novelty": 1},
        "novelty": None,
    }
    pod = Pod.model_validate(wire)
    assert pod.spec.containers[0].image == "i"
    assert to_wire(pod) == {key: value for key, value in wire.items() if key != "novelty"}


def test_zero_values_are_left_out() -> None:
    pod = Pod(metadata=ObjectMeta(name="p"), spec=PodSpec(containers=[Container(name="c", image="i")]))
    assert orjson.loads(encode(pod)) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }


def test_names_are_camel_case_outside_and_times_are_whole_seconds() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 750_000, tzinfo=UTC)
    meta = ObjectMeta(name="p", creation_timestamp=moment, deletion_grace_period_seconds=0)
    assert to_wire(meta) == {
        "name": "p",
        "creationTimestamp": "2026-01-31T12:00:00Z",
        "deletionGracePeriodSeconds": 0,
    }


def test_micro_times() -> None:
    lease = Lease.model_validate({"spec": {"renewTime": "2026-01-31T12:00:00.750000Z"}})
    assert to_wire(lease)["spec"] == {"renewTime": "2026-01-31T12:00:00.750000Z"}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(Container(name="c", image="i", args=["x"]), True, id="the same said"),
        pytest.param(Container(name="c", image="i", args=["x"], stdin=False), True, id="with a default said"),
        pytest.param(Container(name="c", image="i", args=["y"]), False, id="another field"),
        pytest.param(Container.model_validate({"name": "c", "image": "i", "args": ["x"], "new": 1}), False, id="more"),
        pytest.param(EphemeralContainer(name="c", image="i", args=["x"]), False, id="another type"),
        pytest.param({"name": "c", "image": "i", "args": ["x"]}, False, id="no model"),
    ],
)
def test_what_is_the_same(other: object, same: bool) -> None:
    assert (Container(name="c", image="i", args=["x"]) == other) is same


@pytest.mark.parametrize(
    ("model", "api_version", "kind"),
    [
        (Pod, "v1", "Pod"),
        (Node, "v1", "Node"),
        (Namespace, "v1", "Namespace"),
        (Lease, "coordination.k8s.io/v1", "Lease"),
        (ReplicaSet, "apps/v1", "ReplicaSet"),
    ],
)
def test_an_item_of_a_list_knows_what_it_is(model: type[Object], api_version: str, kind: str) -> None:
    item = model.model_validate({"metadata": {"name": "x", "namespace": "ns"}})
    assert (item.api_version, item.kind, item.key) == (api_version, kind, "ns/x")
    assert to_wire(item)["kind"] == kind


def test_a_key_without_a_namespace_is_the_name() -> None:
    assert Node(metadata=ObjectMeta(name="n1")).key == "n1"


def test_a_plain_object_is_encoded_as_it_is() -> None:
    assert encode({"a": None, "b": 0}) == b'{"a":null,"b":0}'


@pytest.mark.parametrize(
    ("annotations", "field", "expected"),
    [
        pytest.param({}, None, "", id="none chosen"),
        pytest.param({}, "", "", id="no class"),
        pytest.param({}, "fast", "fast", id="field"),
        pytest.param({BETA_STORAGE_CLASS: "old"}, "fast", "old", id="the annotation goes first"),
        pytest.param({BETA_STORAGE_CLASS: ""}, "fast", "", id="even an empty one"),
    ],
)
def test_storage_class_of_a_claim_and_a_volume(annotations: dict[str, str], field: str | None, expected: str) -> None:
    spec = {} if field is None else {"storageClassName": field}
    obj = {"metadata": {"annotations": annotations}, "spec": spec}
    assert PersistentVolumeClaim.model_validate(obj).storage_class == expected
    assert PersistentVolume.model_validate(obj).storage_class == expected


def test_objects_keep_nothing_that_nobody_asks_for() -> None:
    """Which fields were given is not noted, and unknown fields take room only where there are some."""
    one, other = Pod.model_validate({"metadata": {"name": "a"}}), Pod()
    assert one.model_fields_set is other.metadata.model_fields_set
    assert one.metadata.model_extra is None
    odd = Pod.model_validate({"spec": {"unknown": {"a": 1}}})
    assert to_wire(odd)["spec"] == {"unknown": {"a": 1}}
    assert odd != Pod.model_validate({"spec": {}})


def test_a_validator_is_made_after_those_of_its_parts() -> None:
    """Else each kind with pods in it would have a validator of their specs worked out anew."""

    class Inner(Model):
        names: list[str] = Field(default_factory=list)

    class Outer(Model):
        inner: Inner = Field(default_factory=Inner)

    class Whole(Model):
        outer: Outer = Field(default_factory=Outer)

    def made() -> list[bool]:
        return [model.__pydantic_complete__ for model in (Inner, Outer, Whole)]

    assert made() == [False] * 3
    assert Whole.model_validate({"outer": {"inner": {"names": ["a"]}}}).outer.inner.names == ["a"]
    assert made() == [True] * 3


def test_objects_share_no_lists() -> None:
    first, second = Pod(), Pod.model_validate_json("{}")
    first.spec.containers.append(Container(name="a"))
    first.metadata.finalizers.append("b")
    assert (second.spec.containers, second.metadata.finalizers) == ([], [])
