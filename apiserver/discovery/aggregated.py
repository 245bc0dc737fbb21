"""Discovery all at once: ``apidiscovery.k8s.io`` ``APIGroupDiscoveryList``.

``k8s.io/apiserver/pkg/endpoints/discovery/aggregated``, v0.36.
"""

from typing import Any

from apiserver.registry.resource import Registry, ResourceInfo, Subresource

JSONObject = dict[str, Any]

VERSIONS = ("v2", "v2beta1")


def group_discovery_list(registry: Registry, version: str, *, core: bool) -> JSONObject:
    """Return the core group (``/api``) or all others (``/apis``); ``version`` is that of the answer itself."""
    groups = registry.groups()
    chosen = [""] if core else [group for group in groups if group]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [_group(registry, group, groups[group]) for group in chosen],
    }


def _group(registry: Registry, group: str, versions: list[str]) -> JSONObject:
    return {
        "metadata": {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None},
        "versions": [
            {
                "version": version,
                "resources": [
                    _resource(info)
                    for info in sorted(registry.of_version(group, version), key=lambda info: info.plural)
                ],
                "freshness": "Current",
            }
            for version in versions
        ],
    }


def _resource(info: ResourceInfo) -> JSONObject:
    entry: JSONObject = {
        "resource": info.plural,
        # Group and version are left empty where they are those of the list.
        "responseKind": {"group": "", "version": "", "kind": info.kind},
        "scope": "Namespaced" if info.namespaced else "Cluster",
        "singularResource": info.singular,
        "verbs": sorted(info.verbs),
    }
    if info.short_names:
        entry["shortNames"] = list(info.short_names)
    if info.categories:
        entry["categories"] = list(info.categories)
    if info.subresources:
        entry["subresources"] = [
            _subresource(found) for found in sorted(info.subresources, key=lambda found: found.name)
        ]
    return entry


def _subresource(found: Subresource) -> JSONObject:
    return {
        "subresource": found.name,
        "responseKind": {"group": found.group, "version": found.version, "kind": found.kind},
        "verbs": sorted(found.verbs),
    }


def wanted_version(accept: str) -> str:
    """Return the version of the list that the first servable clause asks for; empty for the old form."""
    for clause in accept.split(","):
        media_type, *attributes = [part.strip() for part in clause.split(";")]
        if media_type not in {"application/json", "application/*", "*/*", ""}:
            continue
        wanted = dict(attribute.partition("=")[::2] for attribute in attributes)
        if "as" not in wanted:
            return ""
        if (wanted["as"], wanted.get("g")) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io"):
            version = wanted.get("v", "")
            if version in VERSIONS:
                return version
    return ""
