"""One valid manifest of every kind that can be created, and of what goes to subresources."""

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from apimachinery.schema.bundle import load_bundle
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import Registry, ResourceInfo, Subresource

JSONObject = dict[str, Any]

NAMESPACE = "default"
_FILE = Path(__file__).with_name("manifests.yaml")

_BODIES: dict[str, JSONObject] = {
    "Binding": {"apiVersion": "v1", "kind": "Binding", "target": {"apiVersion": "v1", "kind": "Node", "name": "node"}},
    "Eviction": {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "deleteOptions": {"gracePeriodSeconds": 0, "preconditions": {"uid": "u"}, "dryRun": ["All"]},
    },
    "Scale": {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 2}},
    "TokenRequest": {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"audiences": ["a"], "expirationSeconds": 3600, "boundObjectRef": {"kind": "Pod", "name": "web"}},
    },
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest with the resource that it is created as."""

    info: ResourceInfo
    obj: JSONObject

    @property
    def id(self) -> str:
        return f"{self.info.api_version}/{self.info.plural}"

    @property
    def stored(self) -> bool:
        """Whether the object is there once it has been created; some are only answered."""
        return "get" in self.info.verbs

    @property
    def name(self) -> str:
        name: str = self.obj.get("metadata", {}).get("name", "")
        return name

    @property
    def collection(self) -> str:
        info = self.info
        root = f"/apis/{info.api_version}" if info.group else f"/api/{info.api_version}"
        return f"{root}/namespaces/{NAMESPACE}/{info.plural}" if info.namespaced else f"{root}/{info.plural}"

    @property
    def target(self) -> str:
        return f"{self.collection}/{self.name}"

    def body_of(self, subresource: Subresource) -> JSONObject:
        """What a subresource takes: most often the whole object."""
        found = _BODIES.get(subresource.kind)
        return self.obj if found is None else {**found, "metadata": {"name": self.name}}


@cache
def registry() -> Registry:
    return builtin_registry(load_bundle())


def manifests() -> list[Manifest]:
    """Return fresh copies of all of them, in the order in which they can be created one after the other."""
    return [Manifest(manifest.info, copy.deepcopy(manifest.obj)) for manifest in _manifests()]


@cache
def _manifests() -> list[Manifest]:
    text = _FILE.read_text(encoding="utf-8").replace("NAMESPACE", NAMESPACE)
    found = []
    for obj in yaml.safe_load_all(text):
        (info,) = [info for info in registry() if (info.api_version, info.kind) == (obj["apiVersion"], obj["kind"])]
        found.append(Manifest(info, obj))
    return found
