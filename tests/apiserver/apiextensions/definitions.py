"""Definitions for tests."""

import copy
from typing import Any

JSONObject = dict[str, Any]

SCHEMA: JSONObject = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["cronSpec"],
            "properties": {
                "cronSpec": {"type": "string", "minLength": 3},
                "image": {"type": "string"},
                "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 2},
            },
        },
        "status": {
            "type": "object",
            "properties": {"replicas": {"type": "integer"}, "labelSelector": {"type": "string"}},
        },
    },
}


def version(name: str = "v1", *, storage: bool = True, served: bool = True, **parts: Any) -> JSONObject:
    schema = copy.deepcopy(parts.pop("schema", SCHEMA))
    return {"name": name, "served": served, "storage": storage, "schema": {"openAPIV3Schema": schema}, **parts}


def definition(
    *versions: JSONObject, plural: str = "crontabs", group: str = "stable.example.com", **spec: Any
) -> JSONObject:
    kind = plural.capitalize().removesuffix("s")
    names = {"plural": plural, "kind": kind, **spec.pop("names", {})}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": names,
            "versions": list(versions) or [version()],
            **spec,
        },
    }
