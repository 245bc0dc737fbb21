"""Discovery page by page: ``/api``, ``/apis`` and what is below (``apiserver/pkg/endpoints/discovery``, v0.36)."""

import base64
import hashlib
from typing import Any

from apimachinery.errors import NotFound
from apiserver.discovery import order
from apiserver.registry.resource import Registry, ResourceInfo

JSONObject = dict[str, Any]


def api_versions(server_address: str) -> JSONObject:
    """``GET /api``."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}],
    }


def api_group(registry: Registry, group: str) -> JSONObject:
    """``GET /apis/GROUP``."""
    versions = order.groups(registry).get(group)
    if not group or not versions:
        raise NotFound("the server could not find the requested resource")
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)}


def api_group_list(registry: Registry) -> JSONObject:
    """``GET /apis``."""
    groups = [_group(group, versions) for group, versions in order.groups(registry).items() if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group(group: str, versions: list[str]) -> JSONObject:
    served = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": served, "preferredVersion": served[0]}


def api_resource_list(registry: Registry, group: str, version: str) -> JSONObject:
    """``GET /api/v1`` and ``GET /apis/GROUP/VERSION``."""
    served = registry.of_version(group, version)
    if not served:
        raise NotFound("the server could not find the requested resource")
    resources: list[JSONObject] = []
    for info in sorted(served, key=lambda info: info.plural):
        resources += _entries(info)
    if not group:
        # The oldest of the pages is still written as it was before lists had a version.
        return {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}",
        "resources": resources,
    }


def storage_version_hash(info: ResourceInfo) -> str:
    """Return what changes when objects are stored in another version (``discovery.StorageVersionHash``)."""
    stored = info.stored
    digest = hashlib.sha256(f"{stored.group}/{stored.version}/{stored.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _entries(info: ResourceInfo) -> list[JSONObject]:
    entry: JSONObject = {
        "name": info.plural,
        "singularName": info.singular,
        "namespaced": info.namespaced,
        "kind": info.kind,
        "verbs": list(info.verbs),
    }
    if "get" in info.verbs:
        entry["storageVersionHash"] = storage_version_hash(info)
    if info.short_names:
        entry["shortNames"] = list(info.short_names)
    if info.categories:
        entry["categories"] = list(info.categories)
    entries = [entry]
    for subresource in sorted(info.subresources, key=lambda subresource: subresource.name):
        nested: JSONObject = {
            "name": f"{info.plural}/{subresource.name}",
            "singularName": "",
            "namespaced": info.namespaced,
        }
        if subresource.group:
            nested |= {"group": subresource.group, "version": subresource.version}
        entries.append(nested | {"kind": subresource.kind, "verbs": sorted(subresource.verbs)})
    return entries
