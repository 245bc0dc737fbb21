"""CustomResourceDefinitions: defaults, checks, what an update may change.

``apiextensions-apiserver/pkg/apis/apiextensions/{v1/defaults,validation/validation}.go`` and
``pkg/registry/customresourcedefinition/strategy.go``, v0.36.
"""

import re
from typing import Any

from apimachinery import names
from apiserver.apiextensions.jsonpath import JSONPathError, parse
from apiserver.apiextensions.structural import compiles, validate_schema
from apiserver.registry.strategy import COMMON_FIELDS, Strategy, keep
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
APPROVED = "api-approved.kubernetes.io"
_APPROVAL_RULES = "https://github.com/kubernetes/enhancements/pull/1111"

_KUBE_VERSION = re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SELECTABLE_TYPES = ("boolean", "integer", "string")
_LARGEST_SELECTABLE = 8
_IMMUTABLE = (("spec.group", ("spec", "group")), ("spec.names.plural", ("spec", "names", "plural")))
_IMMUTABLE_WHEN_ESTABLISHED = (
    ("spec.scope", ("spec", "scope")),
    ("spec.names.kind", ("spec", "names", "kind")),
)


class DefinitionStrategy(Strategy):
    selectable_fields = COMMON_FIELDS[:1]

    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        given = spec.setdefault("names", {})
        kind = given.get("kind", "")
        given["singular"] = given.get("singular") or kind.lower()
        given["listKind"] = given.get("listKind") or (f"{kind}List" if kind else "")
        spec["conversion"] = spec.get("conversion") or {"strategy": "None"}

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": []}
        obj["status"]["conditions"] = []
        _note_stored_version(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        keep(new, old, "status")
        if "status" in new:
            new["status"] = {**new["status"], "storedVersions": list(new["status"].get("storedVersions", ()))}
        _note_stored_version(new)

    def begin_deletion(self, obj: JSONObject) -> None:
        """Have the instances go first (``etcd.go``'s ``Delete``)."""
        metadata = obj["metadata"]
        if FINALIZER not in metadata.get("finalizers", ()):
            metadata["finalizers"] = [*metadata.get("finalizers", ()), FINALIZER]

    def validate(self, obj: JSONObject) -> Causes:
        return validate_definition(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        causes: Causes = []
        immutable = list(_IMMUTABLE)
        if is_established(old):
            immutable += _IMMUTABLE_WHEN_ESTABLISHED
        for path, keys in immutable:
            before, after = _dig(old, keys), _dig(new, keys)
            if before != after:
                causes.append(field.invalid(path, after, "field is immutable"))
        served = {version.get("name") for version in new["spec"].get("versions", ())}
        for index, name in enumerate(new.get("status", {}).get("storedVersions", ())):
            if name not in served:
                detail = "must appear in spec.versions"
                causes.append(field.invalid(f"status.storedVersions[{index}]", name, detail))
        return causes + validate_definition(new)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        causes: Causes = []
        served = {version.get("name") for version in new["spec"].get("versions", ())}
        stored = new.get("status", {}).get("storedVersions") or []
        if not stored:
            causes.append(field.invalid("status.storedVersions", stored, "must have at least one stored version"))
        for index, name in enumerate(stored):
            if name not in served:
                causes.append(field.invalid(f"status.storedVersions[{index}]", name, "must appear in spec.versions"))
        current = next((entry["name"] for entry in new["spec"].get("versions", ()) if entry.get("storage")), "")
        if stored and current not in stored:
            detail = f"must have the storage version {current}"
            causes.append(field.invalid("status.storedVersions", stored, detail))
        return causes

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {"metadata.name": obj["metadata"]["name"]}


def _dig(obj: JSONObject, keys: tuple[str, ...]) -> Any:
    found: Any = obj
    for key in keys:
        found = found.get(key, {})
    return found


def is_established(definition: JSONObject) -> bool:
    return any(
        entry.get("type") == "Established" and entry.get("status") == "True"
        for entry in definition.get("status", {}).get("conditions") or ()
    )


def _note_stored_version(obj: JSONObject) -> None:
    """Remember which versions objects may be stored in."""
    stored = obj.setdefault("status", {}).setdefault("storedVersions", [])
    for version in obj["spec"].get("versions", ()):
        if version.get("storage") and version.get("name") not in stored:
            stored.append(version.get("name"))


def validate_definition(obj: JSONObject) -> Causes:
    """Return everything that is wrong with a definition (``ValidateCustomResourceDefinition``)."""
    spec = obj.get("spec", {})
    given, causes = spec.get("names", {}), Causes()
    group, plural = spec.get("group", ""), given.get("plural", "")
    name = obj["metadata"].get("name", "")
    if name and name != f"{plural}.{group}":
        detail = 'must be spec.names.plural+"."+spec.group'
        causes.append(field.invalid("metadata.name", name, detail))
    if not group:
        causes.append(field.required("spec.group"))
    elif messages := names.dns_subdomain(group):
        causes += field.problems("spec.group", group, messages)
    elif "." not in group:
        causes.append(field.invalid("spec.group", group, "should be a domain with at least one dot"))
    if spec.get("scope") not in {"Cluster", "Namespaced"}:
        if spec.get("scope"):
            causes.append(field.not_supported("spec.scope", spec["scope"], ["Cluster", "Namespaced"]))
        else:
            causes.append(field.required("spec.scope"))
    if spec.get("preserveUnknownFields"):
        detail = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        causes.append(field.invalid("spec.preserveUnknownFields", True, detail))
    causes += _approval(obj, group)
    causes += _names(given)
    causes += _conversion(spec.get("conversion", {}))
    causes += _versions(spec.get("versions") or [])
    return causes


def _approval(obj: JSONObject, group: str) -> Causes:
    """Groups of the Kubernetes project need a word that the API has been reviewed."""
    if not (group.endswith((".k8s.io", ".kubernetes.io")) or group in {"k8s.io", "kubernetes.io"}):
        return []
    value = obj["metadata"].get("annotations", {}).get(APPROVED, "")
    path = f"metadata.annotations[{APPROVED}]"
    if not value:
        return [
            field.required(
                path,
                'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
            )
        ]
    if value.startswith(("http://", "https://")) or value.startswith("unapproved"):
        return []
    return [
        field.invalid(
            path,
            value,
            f'protected groups must have approval annotation "{APPROVED}" with either a URL or a reason starting with '
            f'"unapproved", see {_APPROVAL_RULES}',
        )
    ]


def _names(given: JSONObject) -> Causes:
    causes: Causes = []
    for key in ("plural", "singular", "kind", "listKind"):
        path, value = f"spec.names.{key}", given.get(key, "")
        if not value:
            causes.append(field.required(path))
            continue
        # A kind is written with capitals, and otherwise is a label too.
        checked = value.lower() if key in {"kind", "listKind"} else value
        causes += field.problems(path, value, names.dns_label_1035(checked))
    for key in ("shortNames", "categories"):
        for index, value in enumerate(given.get(key) or ()):
            causes += field.problems(f"spec.names.{key}[{index}]", value, names.dns_label_1035(value))
    if given.get("kind") and given.get("kind") == given.get("listKind"):
        causes.append(field.invalid("spec.names.listKind", given["listKind"], "kind and listKind may not be the same"))
    return causes


def _conversion(conversion: JSONObject) -> Causes:
    strategy = conversion.get("strategy", "")
    if not strategy:
        return [field.required("spec.conversion.strategy")]
    if strategy == "None":
        if conversion.get("webhook"):
            return [
                field.forbidden("spec.conversion.webhook", 'should not be set when strategy is not set to "Webhook"')
            ]
        return []
    if strategy == "Webhook":
        return [field.forbidden("spec.conversion.strategy", "conversion by webhook is not provided by this server")]
    return [field.not_supported("spec.conversion.strategy", strategy, ["None", "Webhook"])]


def _versions(versions: list[JSONObject]) -> Causes:
    path, causes = "spec.versions", Causes()
    if not versions:
        return [field.invalid(path, [], "must have exactly one version marked as storage version")]
    seen: set[str] = set()
    for index, version in enumerate(versions):
        place, name = f"{path}[{index}]", version.get("name", "")
        if not name:
            causes.append(field.required(f"{place}.name"))
        else:
            causes += field.problems(f"{place}.name", name, names.dns_label_1035(name))
        if name in seen:
            causes.append(
                field.invalid(path, [entry.get("name") for entry in versions], "must contain unique version names")
            )
        seen.add(name)
        causes += _version(version, place)
    if sum(bool(version.get("storage")) for version in versions) != 1:
        shown = [version.get("name") for version in versions]
        causes.append(field.invalid(path, shown, "must have exactly one version marked as storage version"))
    if not any(version.get("served") for version in versions):
        shown = [version.get("name") for version in versions]
        causes.append(field.invalid(path, shown, "must have at least one version marked as served"))
    return causes


def _version(version: JSONObject, path: str) -> Causes:
    causes: Causes = []
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    place = f"{path}.schema.openAPIV3Schema"
    if schema is None:
        causes.append(field.required(place, "schemas are required"))
    else:
        causes += compiles(schema, place) or validate_schema(schema, place)
    if version.get("deprecationWarning") is not None and not version.get("deprecated"):
        causes.append(
            field.invalid(
                f"{path}.deprecationWarning", version["deprecationWarning"], "can only be set for deprecated versions"
            )
        )
    causes += _columns(version.get("additionalPrinterColumns") or [], f"{path}.additionalPrinterColumns")
    causes += _subresources(version.get("subresources") or {}, f"{path}.subresources")
    causes += _selectable(version.get("selectableFields") or [], schema or {}, f"{path}.selectableFields")
    return causes


def _path_problem(path: str, text: str) -> Causes:
    try:
        parse(text)
    except JSONPathError as error:
        return [field.invalid(path, text, str(error))]
    return []


def _columns(columns: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    for index, column in enumerate(columns):
        place = f"{path}[{index}]"
        if not column.get("name"):
            causes.append(field.required(f"{place}.name"))
        kind = column.get("type", "")
        if not kind:
            causes.append(field.required(f"{place}.type", "must be one of " + ",".join(_COLUMN_TYPES)))
        elif kind not in _COLUMN_TYPES:
            causes.append(field.invalid(f"{place}.type", kind, "must be one of " + ",".join(_COLUMN_TYPES)))
        if column.get("format") and column["format"] not in _COLUMN_FORMATS:
            detail = "must be one of " + ",".join(_COLUMN_FORMATS)
            causes.append(field.invalid(f"{place}.format", column["format"], detail))
        if not column.get("jsonPath"):
            causes.append(field.required(f"{place}.JSONPath"))
        else:
            causes += _path_problem(f"{place}.JSONPath", column["jsonPath"])
    return causes


def _subresources(subresources: JSONObject, path: str) -> Causes:
    scale = subresources.get("scale")
    if scale is None:
        return []
    causes: Causes = []
    for key, root, needed in (
        ("specReplicasPath", ".spec.", True),
        ("statusReplicasPath", ".status.", True),
        ("labelSelectorPath", (".spec.", ".status."), False),
    ):
        place, value = f"{path}.scale.{key}", scale.get(key) or ""
        if not value:
            if needed:
                causes.append(field.required(place))
            continue
        if not value.startswith(root):
            roots = root if isinstance(root, str) else " or ".join(root)
            causes.append(field.invalid(place, value, f"should be a json path under {roots.rstrip('.')}"))
        elif "[" in value or _path_problem(place, value):
            causes.append(field.invalid(place, value, "should be a simple json path without array notation"))
    return causes


def _selectable(entries: list[JSONObject], schema: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if len(entries) > _LARGEST_SELECTABLE:
        causes.append(field.too_many(path, len(entries), _LARGEST_SELECTABLE))
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place, text = f"{path}[{index}].jsonPath", entry.get("jsonPath") or ""
        if not text:
            causes.append(field.required(place))
            continue
        if text in seen:
            causes.append(field.duplicate(place, text))
        seen.add(text)
        problem = _path_problem(place, text)
        found = None if problem else parse(text).names
        if problem or found is None:
            causes += problem or [field.invalid(place, text, "must be a simple path of fields")]
            continue
        if found[0] == "metadata":
            causes.append(field.invalid(place, text, "must not point to fields in metadata"))
            continue
        declared: JSONObject | None = schema
        for name in found:
            declared = ((declared or {}).get("properties") or {}).get(name)
        if declared is None or declared.get("type") not in _SELECTABLE_TYPES:
            detail = (
                "must point to a field of type string, boolean or integer. "
                "Enum string fields and strings with formats are allowed."
            )
            causes.append(field.invalid(place, text, detail))
    return causes
