"""OpenAPI v3: one document for each group version, and a few for what is beside them (``/openapi/v3``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apimachinery.schema.bundle import Bundle
from apiserver.openapi.definitions import V3, Definitions
from apiserver.openapi.descriptions import Prose
from apiserver.openapi.pages import Page, resources_page
from apiserver.openapi.paths import Operation, Parameter, paths, tag
from apiserver.registry.resource import ResourceInfo
from componentbase.version import git_version

JSONObject = dict[str, Any]

_CODES = {200: "OK", 201: "Created", 202: "Accepted"}
_ANSWER_TYPES = ("application/json", "application/yaml")


def build(infos: Sequence[ResourceInfo], bundle: Bundle, prose: Mapping[str, Prose]) -> JSONObject:
    """Return the document of one group version."""
    definitions = Definitions(bundle, V3, prose)
    found: JSONObject = {}
    for info in sorted(infos, key=lambda info: info.plural):
        if info.struct is not None:
            page = resources_page(info)
            found[page.path] = {"get": _page(page, definitions)}
        for path in paths(info):
            item: JSONObject = {entry.method: _operation(info, entry, definitions) for entry in path.operations}
            item["parameters"] = [_parameter(entry) for entry in path.parameters]
            found[path.path] = item
    return _document(found, definitions)


def build_page(page: Page, bundle: Bundle, prose: Mapping[str, Prose]) -> JSONObject:
    """Return the document of a page that belongs to no group version."""
    definitions = Definitions(bundle, V3, prose)
    return _document({page.path: {"get": _page(page, definitions)}}, definitions)


def _document(found: JSONObject, definitions: Definitions) -> JSONObject:
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": git_version()},
        "paths": dict(sorted(found.items())),
        "components": {"schemas": dict(sorted(definitions.found.items()))},
    }


def _parameter(found: Parameter) -> JSONObject:
    schema: JSONObject = {"type": found.type, "uniqueItems": True}
    required = {"required": True} if found.place == "path" else {}
    return {"name": found.name, "in": found.place, **required, "schema": schema}


def _page(page: Page, definitions: Definitions) -> JSONObject:
    content = {"application/json": {"schema": definitions.reference(page.type)}}
    return {
        "tags": [page.tag],
        "operationId": page.id,
        "responses": {"200": {"description": "OK", "content": content}},
    }


def _operation(info: ResourceInfo, operation: Operation, definitions: Definitions) -> JSONObject:
    answer = definitions.of_operation(info, operation, operation.answer)
    types = operation.produces or (*_ANSWER_TYPES, *operation.streams)
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
