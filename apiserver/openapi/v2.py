"""OpenAPI v2, also called Swagger: one document for everything (``/openapi/v2``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apimachinery.schema.bundle import Bundle
from apiserver.openapi.definitions import V2, Definitions
from apiserver.openapi.descriptions import Prose
from apiserver.openapi.pages import Page, pages
from apiserver.openapi.paths import Operation, Parameter, paths, tag
from apiserver.registry.resource import ResourceInfo
from componentbase.version import git_version

JSONObject = dict[str, Any]

_CODES = {200: "OK", 201: "Created", 202: "Accepted"}
_ANSWER_TYPES = ["application/json", "application/yaml"]


def build(infos: Sequence[ResourceInfo], bundle: Bundle, prose: Mapping[str, Prose]) -> JSONObject:
    """Return the document of everything that is served."""
    definitions = Definitions(bundle, V2, prose)
    found: JSONObject = {page.path: {"get": _page(page, definitions)} for page in pages(infos)}
    for info in infos:
        for path in paths(info):
            item: JSONObject = {entry.method: _operation(info, entry, definitions) for entry in path.operations}
            item["parameters"] = [_parameter(entry) for entry in path.parameters]
            found[path.path] = item
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": git_version()},
        "paths": dict(sorted(found.items())),
        "definitions": dict(sorted(definitions.found.items())),
    }


def _parameter(found: Parameter) -> JSONObject:
    required = {"required": True} if found.place == "path" else {}
    return {"name": found.name, "in": found.place, **required, "type": found.type, "uniqueItems": True}


def _page(page: Page, definitions: Definitions) -> JSONObject:
    return {
        "tags": [page.tag],
        "operationId": page.id,
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "schemes": ["http"],
        "responses": {"200": {"description": "OK", "schema": definitions.reference(page.type)}},
    }


def _operation(info: ResourceInfo, operation: Operation, definitions: Definitions) -> JSONObject:
    answer = definitions.of_operation(info, operation, operation.answer)
    parameters = [_parameter(entry) for entry in operation.parameters]
    if operation.body:
        required = {} if operation.body == "options" else {"required": True}
        schema = definitions.of_operation(info, operation, operation.body)
        parameters.insert(0, {"name": "body", "in": "body", **required, "schema": schema})
    produces = [*(operation.produces or (*_ANSWER_TYPES, *operation.streams))]
    return {
        "tags": [tag(info)],
        "operationId": operation.id,
        "consumes": list(operation.consumes) or ["*/*"],
        "produces": produces,
        "schemes": ["http"],
        "parameters": parameters,
        "responses": {str(code): {"description": _CODES[code], "schema": answer} for code in operation.codes},
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {
            "group": operation.group,
            "version": operation.version,
            "kind": operation.kind,
        },
    }
