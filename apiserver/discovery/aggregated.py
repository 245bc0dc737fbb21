"""Discovery all at once: ``apidiscovery.k8s.io`` ``APIGroupDiscoveryList``.

``k8s.io/apiserver/pkg/endpoints/discovery/aggregated``, v0.36.
"""

from typing import Any

from apiserver.accept import clauses
from apiserver.discovery import order
from apiserver.negotiation import BODY_TYPES, not_acceptable
from apiserver.registry.resource import Registry, ResourceInfo, Subresource

JSONObject = dict[str, Any]

VERSIONS = ("v2", "v2beta1")


def group_discovery_list(registry: Registry, version: str, *, core: bool) -> JSONObject:
    """Return the core group (``/api``) or all others (``/apis``); ``version`` is that of the answer itself."""
    groups = order.groups(registry)
    chosen = [""] if core else [group for group in groups if group]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [_group(registry, group, groups[group]) for group in chosen],
    }


def _group(registry: Registry, group: str, versions: list[str]) -> JSONObject:
    return {
        "metadata": {"name": group} if group else {},
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


def wanted_form(accept: str) -> tuple[str, str]:
    """Return the version of the list that a client would have, empty for the old form, and the media type.

    A clause that asks for another list than there is gives way to the next, so that clients can name several. Raises
    406 when none is left.
    """
    for clause in clauses(accept):
        for offered in BODY_TYPES:
            if not clause.covers(offered):
                continue
            wanted = clause.parameters
            if "as" not in wanted:
                return "", offered
            known = (wanted["as"], wanted.get("g")) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io")
            if known and wanted.get("v") in VERSIONS:
                return wanted["v"], offered
    raise not_acceptable(BODY_TYPES)
