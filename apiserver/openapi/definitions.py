"""Types as schemas: of the built-in kinds from the bundle, of custom resources from their definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apimachinery.schema.bundle import Bundle, Field, Struct
from apiserver.openapi.custom import to_v2
from apiserver.openapi.descriptions import NOTHING, Prose
from apiserver.openapi.paths import Operation
from apiserver.registry.resource import ResourceInfo

JSONObject = dict[str, Any]

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
OBJECT_META = f"{META}.ObjectMeta"
LIST_META = f"{META}.ListMeta"
STATUS = f"{META}.Status"
DELETE_OPTIONS = f"{META}.DeleteOptions"
PATCH = f"{META}.Patch"
_OBJECT = "io.k8s.api.core.v1.ConfigMap"
_LIST = "io.k8s.api.core.v1.ConfigMapList"

_NAMED = {
    "quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "intorstring": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "time": f"{META}.Time",
    "microtime": f"{META}.MicroTime",
}
_PLAIN: dict[str, JSONObject] = {
    "string": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
    "any": {},
    "object": {"type": "object"},
}
_ZERO: dict[str, Any] = {"string": "", "bool": False, "int32": 0, "int64": 0, "double": 0}
_TIME = {"type": "string", "format": "date-time"}
_HALVES = frozenset({"metadata", "spec", "status"})
"""Fields that upstream's types hold by value, never by pointer, wherever they stand."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the two versions differ in the writing of schemas."""

    root: str
    """What references begin with."""
    nothing_beside_references: bool
    defaults: bool
    """Whether schemas say what a value is when it is left out."""
    scalars: Mapping[str, JSONObject]
    """The definitions of the types that have a name but no fields."""


V2 = Dialect(
    "#/definitions/",
    False,
    False,
    {
        _NAMED["quantity"]: {"type": "string"},
        _NAMED["intorstring"]: {"type": "string", "format": "int-or-string"},
        _NAMED["time"]: _TIME,
        _NAMED["microtime"]: _TIME,
        PATCH: {"type": "object"},
    },
)
V3 = Dialect(
    "#/components/schemas/",
    True,
    True,
    {
        _NAMED["quantity"]: {"oneOf": [{"type": "string"}, {"type": "number"}]},
        _NAMED["intorstring"]: {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"},
        _NAMED["time"]: _TIME,
        _NAMED["microtime"]: _TIME,
        PATCH: {"type": "object"},
    },
)


def custom_name(info: ResourceInfo, kind: str = "") -> str:
    """Return a custom resource's type name: ``com.example.stable.v1.CronTab``."""
    return ".".join([*reversed(info.group.split(".")), info.version, kind or info.kind])


class Definitions:
    """Collects the definitions that a document needs; :attr:`found` holds them by name."""

    def __init__(self, bundle: Bundle, dialect: Dialect, prose: Mapping[str, Prose]) -> None:
        self.found: JSONObject = {}
        self._bundle = bundle
        self._dialect = dialect
        self._prose = prose
        self._kinds: dict[str, list[JSONObject]] = {}
        for text, name in bundle.kinds.items():
            api_version, _, kind = text.rpartition("/")
            group, _, version = api_version.rpartition("/")
            self._kinds.setdefault(name, []).append({"group": group, "version": version, "kind": kind})

    def reference(self, name: str) -> JSONObject:
        """Return a reference to a type of the bundle, which is defined along with what it refers to itself."""
        if name not in self.found:
            self._define(name)
        return {"$ref": self._dialect.root + name}

    def of_kind(self, api_version: str, kind: str) -> JSONObject | None:
        """Return a reference to a kind's type; ``None`` when the bundle has no such kind."""
        name = self._bundle.kinds.get(f"{api_version}/{kind}")
        return None if name is None else self.reference(name)

    def of_resource(self, info: ResourceInfo) -> JSONObject:
        if info.struct is not None:
            return self.reference(info.struct.name)
        name = custom_name(info)
        if name not in self.found:
            self.found[name] = self._custom(info)
        return {"$ref": self._dialect.root + name}

    def of_operation(self, info: ResourceInfo, operation: Operation, what: str) -> JSONObject:
        """Return the schema of what an operation takes or gives; ``what`` is its ``body`` or ``answer``."""
        match what:
            case "object":
                return self.of_resource(info)
            case "list":
                return self.of_list(info)
            case "subresource":
                group = f"{operation.group}/" if operation.group else ""
                return self.of_kind(f"{group}{operation.version}", operation.kind) or self.of_resource(info)
            case "options":
                return self.reference(DELETE_OPTIONS)
            case "status":
                return self.reference(STATUS)
            case "patch":
                return self.reference(PATCH)
        return {"type": "string"}

    def of_list(self, info: ResourceInfo) -> JSONObject:
        if info.struct is not None:
            found = self.of_kind(info.api_version, info.list_kind)
            if found is not None:
                return found
        name = custom_name(info, info.list_kind)
        if name not in self.found:
            self.found[name] = {
                "type": "object",
                "required": ["items"],
                "properties": {
                    **self._type_meta(),
                    "metadata": self._beside(self.reference(LIST_META), self._described(_LIST, "metadata")),
                    "items": {"type": "array", "items": self.of_resource(info)},
                },
                "x-kubernetes-group-version-kind": [
                    {"group": info.group, "version": info.version, "kind": info.list_kind}
                ],
            }
        return {"$ref": self._dialect.root + name}

    def _type_meta(self) -> JSONObject:
        return {key: {"type": "string", **self._described(_OBJECT, key)} for key in ("apiVersion", "kind")}

    def _metadata(self) -> JSONObject:
        return self._beside(self.reference(OBJECT_META), self._described(_OBJECT, "metadata"))

    def _described(self, name: str, key: str) -> JSONObject:
        """Return what upstream says about a field that kinds have in common, in the words of one of them."""
        text = self._prose.get(name, NOTHING).fields.get(key, "")
        return {"description": text} if text else {}

    def _custom(self, info: ResourceInfo) -> JSONObject:
        """Return a custom resource's schema (``apiextensions-apiserver/pkg/controller/openapi/builder``, v0.36)."""
        kind = [{"group": info.group, "version": info.version, "kind": info.kind}]
        schema = info.openapi_schema or {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        if self._dialect is V2:
            if schema.get("x-kubernetes-preserve-unknown-fields"):
                return {"type": "object", "x-kubernetes-group-version-kind": kind}
            schema = to_v2(schema)
        found = self._embedding(schema)
        found["properties"] = {**(found.get("properties") or {}), **self._type_meta(), "metadata": self._metadata()}
        found["x-kubernetes-group-version-kind"] = kind
        return found

    def _embedding(self, schema: JSONObject) -> JSONObject:
        """Return a copy in which objects inside objects have the fields that every object has."""
        found = dict(schema)
        if isinstance(schema.get("properties"), dict):
            found["properties"] = {key: self._embedding(value) for key, value in schema["properties"].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                found[key] = self._embedding(schema[key])
        open_ended = self._dialect is V2 and schema.get("x-kubernetes-preserve-unknown-fields")
        if schema.get("x-kubernetes-embedded-resource") and not open_ended:
            found["properties"] = {**found.get("properties", {}), **self._type_meta(), "metadata": self._metadata()}
            required = schema.get("required", [])
            found["required"] = [*required, *(key for key in ("kind", "apiVersion") if key not in required)]
        return found

    def _define(self, name: str) -> None:
        if name in self._dialect.scalars:
            self.found[name] = dict(self._dialect.scalars[name])
            if text := self._prose.get(name, NOTHING).text:
                self.found[name]["description"] = text
            return
        struct = self._bundle.struct(name)
        if struct is None:
            self.found[name] = dict(self._type(self._bundle.alias(name)))
            return
        self.found[name] = schema = {"type": "object"}
        schema |= self._struct(struct)

    def _struct(self, struct: Struct) -> JSONObject:
        prose = self._prose.get(struct.name, NOTHING)
        schema: JSONObject = {}
        if prose.text:
            schema["description"] = prose.text
        schema["properties"] = {
            name: self._field(declared, prose.fields.get(name, ""), by_value=name in struct.required or name in _HALVES)
            for name, declared in struct.fields.items()
        }
        if struct.required:
            schema["required"] = sorted(struct.required)
        if struct.map_type:
            schema["x-kubernetes-map-type"] = struct.map_type
        if kinds := self._kinds.get(struct.name):
            schema["x-kubernetes-group-version-kind"] = kinds
        return schema

    def _field(self, declared: Field, description: str, *, by_value: bool) -> JSONObject:
        extras: JSONObject = {"description": description} if description else {}
        if by_value:
            extras |= self._default(declared.type)
        if declared.merge_key:
            extras["x-kubernetes-patch-merge-key"] = declared.merge_key
        if declared.patch_strategy:
            extras["x-kubernetes-patch-strategy"] = ",".join(declared.patch_strategy)
        if declared.list_type:
            extras["x-kubernetes-list-type"] = declared.list_type
        if declared.list_map_keys:
            extras["x-kubernetes-list-map-keys"] = list(declared.list_map_keys)
        if declared.map_type:
            extras["x-kubernetes-map-type"] = declared.map_type
        return self._beside(self._type(declared.type), extras)

    def _default(self, text: str) -> JSONObject:
        """Return what a value that is never absent is when it is not given: its type's zero value."""
        if not self._dialect.defaults:
            return {}
        if text.startswith("#"):
            return {} if self._bundle.struct(text[1:]) is None else {"default": {}}
        return {"default": _ZERO[text]} if text in _ZERO else {}

    def _beside(self, schema: JSONObject, extras: JSONObject) -> JSONObject:
        """Return a schema with more said about it; OpenAPI 3.0 allows nothing beside a reference itself."""
        if "$ref" in schema and extras and self._dialect.nothing_beside_references:
            return {"allOf": [schema], **extras}
        return {**schema, **extras}

    def _type(self, text: str) -> JSONObject:
        if text.startswith("[]"):
            return {"type": "array", "items": self._beside(self._type(text[2:]), self._default(text[2:]))}
        if text.startswith("{}"):
            inner = self._beside(self._type(text[2:]), self._default(text[2:]))
            return {"type": "object", "additionalProperties": inner}
        if text.startswith("#"):
            return self.reference(text[1:])
        if text in _NAMED:
            return self.reference(_NAMED[text])
        return dict(_PLAIN[text])
