"""Whatever a client may send, no strategy fails over it: it has an opinion, or it has none."""

import copy
import random
from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apimachinery.schema.decoder import DecodeError, FieldValidation
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import ResourceInfo
from apiserver.registry.strategy import Strategy

JSONObject = dict[str, Any]

BUNDLE = load_bundle()
KINDS = [info for info in builtin_registry(BUNDLE) if info.struct is not None and "update" in info.verbs]
SUBRESOURCES = ("", "approval", "ephemeralcontainers", "resize")
CHECKED_ONLY = ("pods", "customresourcedefinitions")
"""Kinds whose strategies rely on what is stored being valid; the others are given odd objects even as that."""
ROUNDS = 25
TIME = "2024-01-01T00:00:00Z"

# Much of what some check somewhere asks for, and what it does not expect.
TEXTS = (
    "", "a", "A_b", "..", "é", "*", "/a", "x/y", "!!", "eA==", "50%", "None", "10.0.0.1", "fd00::1", "10.0.0.0/8",
    "ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "ClientIP", "Cluster", "Local", "TCP", "IPv4", "IPv6",
    "SingleStack", "RequireDualStack", "In", "Exists", "Terminating", "PriorityClass", "Pod", "Container", "Bound",
    "PersistentVolumeClaim", "Recycle", "Limited", "https://a/b", "http://[", "Approved", "True", "Role", "User",
    "Namespace", "Exact", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "system-node-critical", "Always",
    "Never", "RollingUpdate", "Recreate", "Indexed", "* * * * *",
)  # fmt: skip
KEYS = ("a", "", "a b", "x/y", "cpu", "memory", "storage", "pods", "hugepages-2Mi", "tls.crt", ".dockerconfigjson")
SCALARS: dict[str, tuple[Any, ...]] = {
    "string": TEXTS,
    "bytes": TEXTS,
    "bool": (True, False),
    "int32": (-1, 0, 1, 80, 30000, 2**31 - 1),
    "int64": (-1, 0, 1, 600, 2**62),
    "double": (1.5,),
    "any": (1, "a", [], {}),
    "object": ({},),
    "quantity": ("0", "1", "-1", "1Gi", "500m", "1e3"),
    "intorstring": (-1, 0, 80, "http", "50%", "-"),
    "time": (TIME,),
    "microtime": ("2024-01-01T00:00:00.000000Z",),
}


def value(rng: random.Random, kind: str, depth: int = 0) -> Any:
    """Return something of a type of the schema: fields are there or not, and hold what they might."""
    if kind.startswith("[]"):
        return [value(rng, kind[2:], depth + 1) for _ in range(rng.randrange(3))]
    if kind.startswith("{}"):
        return {rng.choice(KEYS): value(rng, kind[2:], depth + 1) for _ in range(rng.randrange(3))}
    if not kind.startswith("#"):
        return copy.copy(rng.choice(SCALARS[kind]))
    struct = BUNDLE.struct(kind[1:])
    if struct is None:
        return value(rng, BUNDLE.alias(kind[1:]), depth)
    if depth > 7:
        return {}
    share = rng.choice((0.3, 0.6, 0.9)) if depth < 4 else 0.3
    return {
        name: value(rng, field.type, depth + 1)
        for name, field in struct.fields.items()
        if rng.random() < share and name != "managedFields"
    }


def decoded(rng: random.Random, info: ResourceInfo) -> JSONObject | None:
    """Return an object as the handlers have it, in its stored form; ``None`` for one that does not decode."""
    assert info.struct is not None
    raw = value(rng, f"#{info.struct.name}")
    try:
        obj = info.to_stored(info.decoder.decode({**raw, "kind": info.kind}, FieldValidation.STRICT).object)
    except DecodeError:
        return None
    metadata = obj.setdefault("metadata", {})
    metadata |= {"name": metadata.get("name") or "a", "uid": "u", "creationTimestamp": TIME}
    return obj


def create(info: ResourceInfo, strategy: Strategy, obj: JSONObject) -> bool:
    """Do what is done to a new object; return whether it would be stored."""
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    causes = strategy.validate_metadata(obj["metadata"], namespaced=info.namespaced) + strategy.validate(obj)
    info.stored.strategy.fields(obj)
    return not causes


@pytest.mark.parametrize("info", [pytest.param(info, id=f"{info.qualified} {info.version}") for info in KINDS])
def test_no_object_is_too_odd(info: ResourceInfo) -> None:
    rng = random.Random(info.qualified)
    strategy = info.strategy
    for _ in range(ROUNDS):
        old, new = decoded(rng, info), decoded(rng, info)
        if old is None or new is None:
            continue
        if not create(info, strategy, old) and info.plural in CHECKED_ONLY:
            continue
        if rng.random() < 0.5:
            new = {**copy.deepcopy(old), **{key: part for key, part in new.items() if rng.random() < 0.4}}
        for name in SUBRESOURCES:
            treated, changed = strategy.of_subresource(name), copy.deepcopy(new)
            treated.default(changed)
            treated.prepare_for_update(changed, old)
            treated.validate_update(changed, old)
        strategy.default(new)
        strategy.prepare_for_status_update(new, old)
        strategy.validate_status_update(new, old)
