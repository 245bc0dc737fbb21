"""Where types come from (``k8s.io/kube-openapi/pkg/schemaconv``); what they are is in ``types``.

There are three ways to get one::

    of_struct(bundle, bundle.kind("apps/v1", "Deployment"))    # a built-in kind
    of_structural_schema(version["schema"]["openAPIV3Schema"])  # a custom resource with a schema
    deduced()                                                   # anything: maps merge, the rest is atomic

The first is cached with the bundle and costs nothing until it is asked for; keep what the second returns for as long
as the schema is served.
"""

from functools import cache
from typing import Any

from apimachinery.schema.bundle import Bundle, Field, Struct, load_bundle
from apimachinery.structured_merge.types import DEDUCED, UNTYPED, ListType, MapType, SchemaType

JSONObject = dict[str, Any]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"


def deduced() -> SchemaType:
    """Return the type of an object without a schema: its maps merge, its lists and scalars are owned whole."""
    return DEDUCED


_FREE_FORM = SchemaType(map=MapType(None, DEDUCED))
_SIMPLE = {
    "string": SchemaType("string"),
    "bytes": SchemaType("string"),
    "bool": SchemaType("boolean"),
    "int32": SchemaType("numeric"),
    "int64": SchemaType("numeric"),
    "double": SchemaType("numeric"),
    "quantity": SchemaType(UNTYPED),
    "intorstring": SchemaType(UNTYPED),
    "time": SchemaType(UNTYPED),
    "microtime": SchemaType(UNTYPED),
    "any": DEDUCED,
    "object": _FREE_FORM,
}


# Built-in kinds


def of_struct(bundle: Bundle, struct: Struct) -> SchemaType:
    """Return the type of a built-in kind, or of any struct of it; the same object for the same arguments."""
    return _builder(bundle.version).struct(struct.name)


@cache
def _builder(version: str) -> "_BuiltIn":
    return _BuiltIn(load_bundle(version))


# Structs that are no pointers in Go, so that an object has them from the start though they are optional.
_PRESENT = {
    "io.k8s.api.apps.v1.DaemonSetSpec": {"template", "updateStrategy"},
    "io.k8s.api.apps.v1.DeploymentSpec": {"template", "strategy"},
    "io.k8s.api.apps.v1.ReplicaSetSpec": {"template"},
    "io.k8s.api.apps.v1.StatefulSetSpec": {"template", "updateStrategy"},
    "io.k8s.api.batch.v1.CronJobSpec": {"jobTemplate"},
    "io.k8s.api.batch.v1.JobSpec": {"template"},
    "io.k8s.api.batch.v1.JobTemplateSpec": {"metadata", "spec"},
    "io.k8s.api.core.v1.NodeDaemonEndpoints": {"kubeletEndpoint"},
    "io.k8s.api.core.v1.NodeStatus": {"daemonEndpoints", "nodeInfo"},
    "io.k8s.api.core.v1.PersistentVolumeClaimSpec": {"resources"},
    "io.k8s.api.core.v1.PodTemplateSpec": {"metadata", "spec"},
    "io.k8s.api.core.v1.ServiceStatus": {"loadBalancer"},
    "io.k8s.api.networking.v1.IngressStatus": {"loadBalancer"},
}
_TOP_LEVEL = {"metadata", "spec", "status"}

# Go's zero stands for a required key that was left out; these optional ones have a default of their own.
_KEY_DEFAULTS = {
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.ServicePort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.LocalObjectReference", "name"): "",
}


class _BuiltIn:
    """Makes types of the bundle's structs, each once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._structs: dict[str, SchemaType] = {}

    def struct(self, name: str) -> SchemaType:
        found = self._structs.get(name)
        if found is None:
            struct = self._bundle.struct(name)
            found = self._of_text(self._bundle.alias(name)) if struct is None else SchemaType(map=self._map(struct))
            self._structs[name] = found
        return found

    def _map(self, struct: Struct, map_type: str = "") -> MapType:
        is_kind = {"apiVersion", "kind", "metadata"} <= set(struct.fields)
        present = {
            name
            for name, field in struct.fields.items()
            if (field.type.startswith(("#", "[]")) and name in struct.required)
            or (field.type.startswith("#") and is_kind and name in _TOP_LEVEL)
        }
        return MapType(
            lambda: {name: self._field(field) for name, field in struct.fields.items()},
            atomic=(map_type or struct.map_type) == "atomic",
            present=frozenset(present | _PRESENT.get(struct.name, set())),
        )

    def _field(self, field: Field) -> SchemaType:
        text = field.type
        if text.startswith("[]"):
            return SchemaType(list=self._list(field))
        if text.startswith("{}"):
            element = self._of_text(text[2:])
            return SchemaType(map=MapType(None, element, atomic=field.map_type == "atomic"))
        if field.map_type and (struct := self._bundle.struct(text[1:])):
            return SchemaType(map=self._map(struct, field.map_type))
        return self._of_text(text)

    def _list(self, field: Field) -> ListType:
        inner = field.type[2:]
        element = self._of_text(inner)
        if field.list_type == "map":
            keys = field.list_map_keys
        elif field.list_type == "set":
            keys = ()
        elif not field.list_type and "merge" in field.patch_strategy:
            keys = (field.merge_key,) if field.merge_key else ()
        else:
            return ListType(element)
        struct = self._bundle.struct(inner[1:]) if inner.startswith("#") else None
        defaults = {name: default for name in keys if struct and (default := _key_default(struct, name)) is not None}
        return ListType(element, associative=True, keys=keys, defaults=defaults)

    def _of_text(self, text: str) -> SchemaType:
        if text.startswith("[]"):
            return SchemaType(list=ListType(self._of_text(text[2:])))
        if text.startswith("{}"):
            return SchemaType(map=MapType(None, self._of_text(text[2:])))
        return self.struct(text[1:]) if text.startswith("#") else _SIMPLE[text]


def _key_default(struct: Struct, name: str) -> Any:
    given = _KEY_DEFAULTS.get((struct.name, name))
    if given is not None or name not in struct.required:
        return given
    return {"string": "", "int32": 0, "int64": 0, "bool": False}.get(struct.fields[name].type)


# Custom resources


def of_structural_schema(schema: JSONObject) -> SchemaType:
    """Return the type of a custom resource, from the ``openAPIV3Schema`` of one of its versions.

    Follows ``x-kubernetes-list-type``, ``-list-map-keys``, ``-map-type``, ``-preserve-unknown-fields`` and
    ``-embedded-resource``, and the defaults of list keys. ``metadata`` is that of every object, whatever the schema
    says of it. A schema that says nothing (none, or preserve-unknown-fields alone) lets any field merge.
    """
    return _structural(schema, preserve=False, whole_object=True)


def _structural(schema: JSONObject, *, preserve: bool, whole_object: bool = False) -> SchemaType:
    preserve = preserve or schema.get("x-kubernetes-preserve-unknown-fields") is True
    declared = schema.get("type", "object" if whole_object else "")
    embedded = whole_object or schema.get("x-kubernetes-embedded-resource") is True
    if declared == "object":
        return SchemaType(map=_structural_map(schema, preserve, embedded))
    if declared == "array":
        return SchemaType(list=_structural_list(schema, preserve))
    if declared in {"integer", "number"}:
        return SchemaType("numeric")
    if declared == "boolean":
        return SchemaType("boolean")
    if declared == "string":
        return SchemaType("string" if schema.get("format", "") in {"", "byte"} else UNTYPED)
    return SchemaType(UNTYPED, _structural_list(schema, preserve), _structural_map(schema, preserve, embedded))


def _structural_map(schema: JSONObject, preserve: bool, embedded: bool) -> MapType:
    properties: JSONObject = schema.get("properties") or {}
    additional = schema.get("additionalProperties")

    def fields() -> dict[str, SchemaType]:
        found = {name: _structural(member, preserve=preserve) for name, member in properties.items()}
        if embedded:
            meta = load_bundle().struct(f"{_META}.ObjectMeta")
            assert meta is not None
            found |= {
                "apiVersion": _SIMPLE["string"],
                "kind": _SIMPLE["string"],
                "metadata": of_struct(load_bundle(), meta),
            }
        return found

    element: SchemaType | None = None
    if isinstance(additional, dict):
        element = _structural(additional, preserve=preserve)
    elif additional or (additional is None and (preserve or not properties)):
        element = DEDUCED
    return MapType(
        fields if properties or embedded else None,
        element,
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        present=frozenset({"metadata"}) if embedded else frozenset(),
    )


def _structural_list(schema: JSONObject, preserve: bool) -> ListType:
    items = schema.get("items")
    element = _structural(items, preserve=preserve) if isinstance(items, dict) else DEDUCED
    relation = schema.get("x-kubernetes-list-type", "atomic")
    if relation == "set":
        return ListType(element, associative=True)
    if relation != "map":
        return ListType(element)
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    properties: JSONObject = (items or {}).get("properties") or {}
    defaults = {name: properties[name]["default"] for name in keys if "default" in properties.get(name, {})}
    return ListType(element, associative=True, keys=keys, defaults=defaults)
