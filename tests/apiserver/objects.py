"""Small JSON objects for the API server's tests."""

import copy
from typing import Any

JSONObject = dict[str, Any]


def meta(name: str = "", **fields: Any) -> JSONObject:
    return {"name": name, **fields} if name else fields


def container(name: str = "main", **fields: Any) -> JSONObject:
    return {"name": name, "image": "registry.k8s.io/pause:3.10", **fields}


def pod(name: str = "", *, labels: dict[str, str] | None = None, **spec: Any) -> JSONObject:
    """A pod of one container; ``spec`` adds to its spec or replaces ``containers``."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(name, **({"labels": labels} if labels else {})),
        "spec": {"containers": [container()], **spec},
    }


def replica_set(name: str, *, replicas: int | None = 1, **spec: Any) -> JSONObject:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container()]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": meta(name),
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": {"app": name}},
            "template": template,
            **spec,
        },
    }


def with_field(obj: JSONObject, path: str, value: Any) -> JSONObject:
    """Return a copy with the value at a path such as ``spec.containers.0.image``; ``...`` deletes."""
    changed = copy.deepcopy(obj)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = changed
    for part in parents:
        place = place[part] if isinstance(part, int) else place.setdefault(part, {})
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed
