"""Defaults of namespaces and nodes (``pkg/apis/core/v1/defaults.go``, v1.36)."""

from typing import Any

JSONObject = dict[str, Any]


def default_namespace(namespace: JSONObject) -> None:
    metadata = namespace["metadata"]
    if name := metadata.get("name"):
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = name
    status = namespace.setdefault("status", {})
    status["phase"] = status.get("phase") or "Active"


def default_node(node: JSONObject) -> None:
    status = node.setdefault("status", {})
    if "allocatable" not in status and "capacity" in status:
        status["allocatable"] = dict(status["capacity"])
