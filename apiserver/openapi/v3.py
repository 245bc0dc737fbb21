"""OpenAPI v3: one document for each group version (``/openapi/v3``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apimachinery.schema.bundle import Bundle
from apiserver.openapi.definitions import V3, Definitions
from apiserver.openapi.descriptions import Prose
from apiserver.openapi.paths import Operation, Parameter, paths, tag
from apiserver.registry.resource import ResourceInfo

JSONObject = dict[str, Any]

_CODES = {200: "OK", 201: "Created", 202: "Accepted"}
_ANSWER_TYPES = ("application/json", "application/yaml")


def build(infos: Sequence[ResourceInfo], bundle: Bundle, prose: Mapping[str, Prose]) -> JSONObject:
    """Return the document of one group version."""
    definitions = Definitions(bundle, V3, prose)
    found: JSONObject = {}
    for info in sorted(infos, key=lambda info: info.plural):
        for path in paths(info):
            item: JSONObject = {}
            for operation in path.operations:
                item[operation.method] = _operation(info, operation, definitions)
            item["parameters"] = [_parameter(entry) for entry in path.parameters]
            found[path.path] = item
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"{bundle.version}.0"},
        "paths": dict(sorted(found.items())),
        "components": {"schemas": dict(sorted(definitions.found.items()))},
    }


def _parameter(found: Parameter) -> JSONObject:
    schema: JSONObject = {"type": found.type, "uniqueItems": True}
    required = {"required": True} if found.place == "path" else {}
    return {"name": found.name, "in": found.place, **required, "schema": schema}


def _operation(info: ResourceInfo, operation: Operation, definitions: Definitions) -> JSONObject:
    answer = definitions.of_operation(info, operation, operation.answer)
    types = ("*/*",) if operation.answer == "text" else _ANSWER_TYPES
    written: JSONObject = {
        "tags": [tag(info)],
        "operationId": operation.id,
        "parameters": [_parameter(entry) for entry in operation.parameters],
        "responses": {
            str(code): {"description": _CODES[code], "content": {media: {"schema": answer} for media in types}}
            for code in operation.codes
        },
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {
            "group": operation.group,
            "version": operation.version,
            "kind": operation.kind,
        },
    }
    if operation.body:
        body = definitions.of_operation(info, operation, operation.body)
        written["requestBody"] = {
            "content": {media: {"schema": body} for media in operation.consumes},
            **({} if operation.body == "options" else {"required": True}),
        }
    return written
