"""From a stored definition to the entries of the registry that serve it."""

from collections.abc import Sequence
from typing import Any

from apimachinery.schema.bundle import Bundle
from apimachinery.structured_merge.schema import of_structural_schema
from apiserver.apiextensions import objects
from apiserver.apiextensions.decoder import CustomResourceDecoder
from apiserver.apiextensions.jsonpath import JSONPath, parse
from apiserver.apiextensions.printer import CustomResourcePrinter
from apiserver.apiextensions.strategy import CustomResourceStrategy
from apiserver.registry.resource import Conversion, ResourceInfo, ScalePaths, Subresource

JSONObject = dict[str, Any]

_SUBRESOURCE_VERBS = ("get", "patch", "update")


class VersionConversion:
    """Leads between two versions of a custom resource under the strategy ``None``: only ``apiVersion`` differs.

    What is read is brought up to the schema of the version it is read in: fields that the schema does not know are left
    out, defaults that have come since it was written are filled in.
    """

    def __init__(self, stored: str, served: str, schema: JSONObject) -> None:
        self._stored = stored
        self._served = served
        self._schema = schema

    def to_stored(self, obj: JSONObject) -> JSONObject:
        obj["apiVersion"] = self._stored
        return obj

    def from_stored(self, obj: JSONObject) -> JSONObject:
        obj["apiVersion"] = self._served
        objects.prune(obj, self._schema)
        objects.default(obj, self._schema)
        return obj


def resources(bundle: Bundle, definition: JSONObject, *, terminating: bool = False) -> list[ResourceInfo]:
    """Return an entry for each served version of an accepted definition; the stored version's is first.

    A stored version that is not served has no entry, but the others' ``hub`` is what it would be. Raises ``ValueError``
    for a schema that cannot be compiled, which a checked definition does not have.
    """
    spec = definition["spec"]
    versions: list[JSONObject] = spec["versions"]
    stored = next(version for version in versions if version.get("storage"))
    indexed = _selectable(versions)
    # Objects that were all written under the schema of today need no second look when they are read.
    differ = any(version["schema"] != stored["schema"] for version in versions)
    changed = definition["metadata"].get("generation", 1) > 1 or differ
    hub = _entry(bundle, definition, stored, stored, None, indexed, through=changed, terminating=terminating)
    found = [hub] if stored.get("served") else []
    for version in versions:
        if version is not stored and version.get("served"):
            found.append(
                _entry(bundle, definition, version, stored, hub, indexed, through=True, terminating=terminating)
            )
    return found


def _selectable(versions: Sequence[JSONObject]) -> list[JSONPath]:
    texts = {entry["jsonPath"] for version in versions for entry in version.get("selectableFields") or ()}
    return [parse(text) for text in sorted(texts)]


def _entry(
    bundle: Bundle,
    definition: JSONObject,
    version: JSONObject,
    stored: JSONObject,
    hub: ResourceInfo | None,
    indexed: Sequence[JSONPath],
    *,
    through: bool,
    terminating: bool,
) -> ResourceInfo:
    spec = definition["spec"]
    names, group = definition["status"]["acceptedNames"], spec["group"]
    schema: JSONObject = version["schema"]["openAPIV3Schema"]
    declared = version.get("subresources") or {}
    conversion: Conversion | None = None
    if through:
        conversion = VersionConversion(f"{group}/{stored['name']}", f"{group}/{version['name']}", schema)
    scale = _scale_paths(declared.get("scale"))
    subresources = []
    if "status" in declared:
        subresources.append(Subresource("status", _SUBRESOURCE_VERBS, names["kind"]))
    if "scale" in declared:
        subresources.append(Subresource("scale", _SUBRESOURCE_VERBS, "Scale", group="autoscaling", version="v1"))
    return ResourceInfo(
        group=group,
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        namespaced=spec["scope"] == "Namespaced",
        strategy=CustomResourceStrategy(
            schema,
            has_status="status" in declared,
            terminating=terminating,
            scale=scale,
            selectable=[parse(entry["jsonPath"]) for entry in version.get("selectableFields") or ()],
            indexed=indexed,
        ),
        printer=CustomResourcePrinter(version.get("additionalPrinterColumns") or []),
        struct=None,
        decoder=CustomResourceDecoder(bundle, schema),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=tuple(subresources),
        hub=hub,
        conversion=conversion,
        schema_type=of_structural_schema(schema),
        openapi_schema=schema,
        list_kind_name=names.get("listKind", ""),
        scale=scale,
        warning=_warning(group, version, names["kind"]),
    )


def _scale_paths(scale: JSONObject | None) -> ScalePaths | None:
    if scale is None:
        return None

    def names(key: str) -> tuple[str, ...]:
        return parse(scale[key]).names or () if scale.get(key) else ()

    return ScalePaths(names("specReplicasPath"), names("statusReplicasPath"), names("labelSelectorPath"))


def _warning(group: str, version: JSONObject, kind: str) -> str:
    """Return what every answer of a deprecated version warns of."""
    if not version.get("deprecated"):
        return ""
    return version.get("deprecationWarning") or f"{group}/{version['name']} {kind} is deprecated"
