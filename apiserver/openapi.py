"""``/openapi/v3``: the schema as kubectl reads it, to learn that the server validates and to explain fields.

Built from the schema bundle; names, types and merge keys, no prose.
"""

import hashlib
from functools import cached_property
from typing import Any

import orjson

from apimachinery.errors import NotFound
from apimachinery.schema.bundle import Bundle, Field, Struct
from apiserver.handlers.update import PATCH_TYPES
from apiserver.registry.resource import Registry, ResourceInfo

JSONObject = dict[str, Any]

_SIMPLE: dict[str, JSONObject] = {
    "string": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
    "any": {},
    "object": {"type": "object"},
    "quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "intorstring": {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"},
    "time": {"type": "string", "format": "date-time"},
    "microtime": {"type": "string", "format": "date-time"},
}
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation")


class OpenAPI:
    """The documents of one registry, built when first asked for."""

    def __init__(self, registry: Registry, bundle: Bundle) -> None:
        self._registry = registry
        self._bundle = bundle
        self._documents: dict[str, bytes] = {}

    @cached_property
    def index(self) -> JSONObject:
        """``GET /openapi/v3``: where each group version's document is, its hash in the URL."""
        paths = {}
        for group, versions in self._registry.groups().items():
            for version in versions:
                path = f"apis/{group}/{version}" if group else f"api/{version}"
                digest = hashlib.sha512(self.document(path)).hexdigest().upper()
                paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
        return {"paths": paths}

    def document(self, path: str) -> bytes:
        """Return the JSON of ``api/v1`` or ``apis/GROUP/VERSION``; raise 404."""
        found = self._documents.get(path)
        if found is None:
            parts = path.split("/")
            group, version = (
                ("", parts[1]) if len(parts) == 2 else (parts[1], parts[2]) if len(parts) == 3 else ("", "")
            )
            infos = self._registry.of_version(group, version)
            if not infos:
                raise NotFound("the server could not find the requested resource")
            found = self._documents[path] = orjson.dumps(self._build(path, infos))
        return found

    def _build(self, root: str, infos: list[ResourceInfo]) -> JSONObject:
        schemas: JSONObject = {}
        paths: JSONObject = {}
        for info in infos:
            if info.struct is None:
                continue
            self._collect(info.struct, schemas)
            schemas[info.struct.name]["x-kubernetes-group-version-kind"] = [_gvk(info)]
            paths |= _paths(root, info, info.struct)
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": self._bundle.version},
            "paths": paths,
            "components": {"schemas": schemas},
        }

    def _collect(self, struct: Struct, schemas: JSONObject) -> None:
        if struct.name in schemas:
            return
        schema: JSONObject = {"type": "object", "properties": {}}
        schemas[struct.name] = schema
        if struct.required:
            schema["required"] = sorted(struct.required)
        for name, declared in struct.fields.items():
            schema["properties"][name] = self._field(declared, schemas)

    def _field(self, declared: Field, schemas: JSONObject) -> JSONObject:
        schema = self._type(declared.type, schemas)
        extras: JSONObject = {}
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
        if extras and "$ref" in schema:
            # Nothing may stand beside a reference.
            return {"allOf": [schema], **extras}
        return {**schema, **extras}

    def _type(self, text: str, schemas: JSONObject) -> JSONObject:
        if text.startswith("[]"):
            return {"type": "array", "items": self._type(text[2:], schemas)}
        if text.startswith("{}"):
            return {"type": "object", "additionalProperties": self._type(text[2:], schemas)}
        if not text.startswith("#"):
            return _SIMPLE[text]
        struct = self._bundle.struct(text[1:])
        if struct is None:
            return self._type(self._bundle.alias(text[1:]), schemas)
        self._collect(struct, schemas)
        return {"$ref": f"#/components/schemas/{struct.name}"}


def _gvk(info: ResourceInfo) -> JSONObject:
    return {"group": info.group, "version": info.version, "kind": info.kind}


def _parameter(name: str, place: str = "query") -> JSONObject:
    return {
        "name": name,
        "in": place,
        "schema": {"type": "string", "uniqueItems": True},
        **({"required": True} if place == "path" else {}),
    }


def _paths(root: str, info: ResourceInfo, struct: Struct) -> JSONObject:
    """Return the collection's and the object's paths with their operations."""
    scope = "/namespaces/{namespace}" if info.namespaced else ""
    collection = f"/{root}{scope}/{info.plural}"
    in_path = [_parameter("namespace", "path")] if info.namespaced else []
    reference = {"$ref": f"#/components/schemas/{struct.name}"}
    return {
        collection: {
            "get": _operation(info, "list", [], reference),
            "post": _operation(info, "post", ["application/json"], reference),
            "parameters": in_path,
        },
        f"{collection}/{{name}}": {
            "get": _operation(info, "get", [], reference),
            "put": _operation(info, "put", ["application/json"], reference),
            "patch": _operation(info, "patch", list(PATCH_TYPES), reference),
            "delete": _operation(info, "delete", [], reference),
            "parameters": [_parameter("name", "path"), *in_path],
        },
    }


def _operation(info: ResourceInfo, action: str, media_types: list[str], schema: JSONObject) -> JSONObject:
    operation: JSONObject = {
        "operationId": f"{action}{info.group.title().replace('.', '')}{info.version.title()}{info.kind}",
        "parameters": [_parameter(name) for name in (_WRITE_PARAMETERS if media_types else ())],
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(info),
    }
    if media_types:
        body = {"type": "object"} if action == "patch" else schema
        operation["requestBody"] = {"content": {media_type: {"schema": body} for media_type in media_types}}
    return operation
