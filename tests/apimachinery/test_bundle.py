"""The packaged schema: which kinds it has, and that their merge attributes are upstream's."""

import pytest

from apimachinery.schema.bundle import load_bundle


@pytest.mark.parametrize(
    "kind",
    [
        "v1/Pod",
        "v1/Node",
        "v1/Namespace",
        "v1/Event",
        "apps/v1/ReplicaSet",
        "coordination.k8s.io/v1/Lease",
        "v1/Binding",
    ],
)
def test_kinds(kind: str) -> None:
    struct = load_bundle().kind(*kind.rsplit("/", 1))
    assert struct.short_name == kind.rpartition("/")[2]
    assert struct.fields["metadata"].type.endswith("ObjectMeta")


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_bundle().kind("v1", "Sandwich")


@pytest.mark.parametrize(
    ("kind", "path", "merge_key", "strategy"),
    [
        ("Pod", "spec.containers", "name", ("merge",)),
        ("Pod", "spec.initContainers", "name", ("merge",)),
        ("Pod", "spec.volumes", "name", ("merge", "retainKeys")),
        ("Pod", "spec.tolerations", "", ()),
        ("Pod", "spec.hostAliases", "ip", ("merge",)),
        ("Pod", "status.conditions", "type", ("merge",)),
        ("Pod", "metadata.ownerReferences", "uid", ("merge",)),
        ("Pod", "metadata.finalizers", "", ("merge",)),
        ("Node", "status.conditions", "type", ("merge",)),
        ("Node", "spec.podCIDRs", "", ("merge",)),
    ],
)
def test_merge_attributes(kind: str, path: str, merge_key: str, strategy: tuple[str, ...]) -> None:
    bundle = load_bundle()
    struct, (outer, inner) = bundle.kind("v1", kind), path.split(".")
    nested = bundle.struct(struct.fields[outer].type[1:])
    assert nested is not None
    field = nested.fields[inner]
    assert (field.merge_key, field.patch_strategy) == (merge_key, strategy)


def test_every_type_that_is_named_is_there() -> None:
    bundle = load_bundle()
    for name in bundle.raw:
        struct = bundle.struct(name)
        for field in struct.fields.values() if struct else ():
            inner = field.type.replace("[]", "").replace("{}", "")
            assert not inner.startswith("#") or inner[1:] in bundle.raw, f"{name}: {field.type}"
