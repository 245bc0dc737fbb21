"""What a CustomResourceDefinition may say.

``apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go``, v0.36. Upstream checks a form in which what
all versions have in common stands once, beside the versions; refusals name the places of that form
(``spec.validation.openAPIV3Schema``, ``spec.subresources``), and so do these.
"""

import enum
from typing import Any
from urllib.parse import urlsplit

from apimachinery import names
from apiserver.apiextensions.version_checks import PARTS, validate_parts
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

APPROVED = "api-approved.kubernetes.io"

_APPROVAL_RULES = "see https://github.com/kubernetes/enhancements/pull/1111"
_LONGEST_WARNING = 256


class Approval(enum.Enum):
    """What the annotation ``api-approved.kubernetes.io`` says."""

    INVALID = enum.auto()
    APPROVED = enum.auto()
    BYPASSED = enum.auto()
    MISSING = enum.auto()


def is_protected(group: str) -> bool:
    """Whether a group is the Kubernetes project's own, whose APIs are reviewed."""
    return group in {"k8s.io", "kubernetes.io"} or group.endswith((".k8s.io", ".kubernetes.io"))


def approval(definition: JSONObject) -> tuple[Approval, str]:
    """Return what a definition says about its review, and that in words."""
    said = definition["metadata"].get("annotations", {}).get(APPROVED, "")
    if not said:
        return Approval.MISSING, f'protected groups must have approval annotation "{APPROVED}", {_APPROVAL_RULES}'
    if said.startswith("unapproved"):
        return Approval.BYPASSED, f'not approved: "{said}"'
    try:
        parts = urlsplit(said)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme and parts.netloc:
        return Approval.APPROVED, f"approved in {said}"
    return (
        Approval.INVALID,
        f'protected groups must have approval annotation "{APPROVED}" with either a URL or a reason starting with '
        f'"unapproved", {_APPROVAL_RULES}',
    )


def validate_definition(obj: JSONObject, old: JSONObject | None = None) -> Causes:
    """Return everything that is wrong with a definition, less what only a comparison with ``old`` would show."""
    spec, name = obj["spec"], obj["metadata"].get("name", "")
    causes: Causes = []
    if name and name != f"{spec['names'].get('plural', '')}.{spec.get('group', '')}":
        causes.append(field.invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    causes += _spec(spec)
    causes += validate_status(obj)
    causes += _stored_versions(obj)
    causes += _approval(obj, old)
    if spec.get("preserveUnknownFields"):
        detail = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        causes.append(field.invalid("spec.preserveUnknownFields", True, detail))
    return causes


def validate_status(obj: JSONObject) -> Causes:
    return _names(obj.get("status", {}).get("acceptedNames") or {}, "status.acceptedNames")


def _stored_versions(obj: JSONObject) -> Causes:
    path, stored = "status.storedVersions", obj.get("status", {}).get("storedVersions") or []
    if not stored:
        return [field.invalid(path, stored, "must have at least one stored version")]
    versions = obj["spec"].get("versions") or []
    causes = [
        field.invalid(path, stored, f"must have the storage version {version.get('name', '')}")
        for version in versions
        if version.get("storage") and version.get("name") not in stored
    ]
    there = {version.get("name") for version in versions}
    for index, name in enumerate(stored):
        if name not in there:
            detail = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                "spec.versions until a storage migration ensures no data remains persisted in "
                f"{name} and removes {name} from status.storedVersions"
            )
            causes.append(field.invalid(f"{path}[{index}]", name, detail))
    return causes


def _approval(obj: JSONObject, old: JSONObject | None) -> Causes:
    if not is_protected(obj["spec"].get("group", "")):
        return []
    state, reason = approval(obj)
    if old is not None and approval(old)[0] is state:
        return []
    path = f"metadata.annotations[{APPROVED}]"
    if state is Approval.MISSING:
        return [field.required(path, reason)]
    if state is Approval.INVALID:
        return [field.invalid(path, obj["metadata"]["annotations"][APPROVED], reason)]
    return []


def _label(path: str, value: str) -> Causes:
    messages = names.dns_label_1035(value)
    return [field.invalid(path, value, ",".join(messages))] if messages else []


def _spec(spec: JSONObject) -> Causes:
    causes: Causes = []
    group = spec.get("group", "")
    if not group:
        causes.append(field.required("spec.group"))
    elif messages := names.dns_subdomain(group):
        causes.append(field.invalid("spec.group", group, ",".join(messages)))
    elif "." not in group:
        causes.append(field.invalid("spec.group", group, "should be a domain with at least one dot"))
    causes += _one_of("spec.scope", spec.get("scope") or "", ["Cluster", "Namespaced"])
    versions = spec.get("versions") or []
    causes += _versions(versions)
    for key in ("plural", "singular", "kind", "listKind"):
        if not spec["names"].get(key):
            causes.append(field.required(f"spec.names.{key}"))
    causes += _names(spec["names"], "spec.names")
    if versions:
        status = any("status" in (version.get("subresources") or {}) for version in versions)
        causes += validate_parts(
            versions[0], _in_common(versions), path="spec", schema_key="validation", status_enabled=status
        )
    causes += _conversion(spec.get("conversion") or {})
    return causes


def _one_of(path: str, value: str, accepted: list[str]) -> Causes:
    if not value:
        return [field.required(path)]
    return [] if value in accepted else [field.not_supported(path, value, accepted)]


def _names(given: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("plural", "singular"):
        if value := given.get(key):
            causes += _label(f"{path}.{key}", value)
    for key in ("kind", "listKind"):
        value = given.get(key) or ""
        if value and (messages := names.dns_label_1035(value.lower())):
            detail = "may have mixed case, but should otherwise match: " + ",".join(messages)
            causes.append(field.invalid(f"{path}.{key}", value, detail))
    for index, value in enumerate(given.get("shortNames") or ()):
        causes += _label(f"{path}.shortNames[{index}]", value)
    if given.get("kind") and given["kind"] == given.get("listKind"):
        causes.append(field.invalid(f"{path}.listKind", given["listKind"], "kind and listKind may not be the same"))
    for index, value in enumerate(given.get("categories") or ()):
        causes += _label(f"{path}.categories[{index}]", value)
    return causes


def _conversion(conversion: JSONObject) -> Causes:
    path, strategy = "spec.conversion", conversion.get("strategy") or ""
    if strategy == "Webhook":
        return [field.forbidden(f"{path}.strategy", "conversion by webhook is not provided by this server")]
    causes = _one_of(f"{path}.strategy", strategy, ["None", "Webhook"])
    webhook = conversion.get("webhook") or {}
    for key, inner in (("webhookClientConfig", "clientConfig"), ("conversionReviewVersions",) * 2):
        if webhook.get(inner):
            causes.append(field.forbidden(f"{path}.{key}", "should not be set when strategy is not set to Webhook"))
    return causes


def _versions(versions: list[JSONObject]) -> Causes:
    path, causes = "spec.versions", Causes()
    for index, version in enumerate(versions):
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            causes.append(field.required(f"{path}[{index}].schema.openAPIV3Schema", "schemas are required"))
    named = [version.get("name") or "" for version in versions]
    own = PARTS - _in_common(versions) if versions else PARTS
    for index, version in enumerate(versions):
        causes += _label(f"{path}[{index}].name", named[index])
        causes += _deprecation(version, f"{path}[{index}].deprecationWarning")
        causes += validate_parts(
            version,
            own,
            path=f"{path}[{index}]",
            schema_key="schema",
            status_enabled="status" in (version.get("subresources") or {}),
        )
    if len(set(named)) != len(named):
        causes.append(field.invalid(path, named, "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        causes.append(field.invalid(path, named, "must have exactly one version marked as storage version"))
    if versions and not any(version.get("served") for version in versions):
        causes.append(field.invalid(path, named, "must have at least one version marked as served"))
    return causes


def _deprecation(version: JSONObject, path: str) -> Causes:
    text = version.get("deprecationWarning")
    if text is None:
        return []
    if not version.get("deprecated"):
        return [field.invalid(path, text, "can only be set for deprecated versions")]
    messages = []
    if len(text.encode()) > _LONGEST_WARNING:
        messages.append(f"must be <= {_LONGEST_WARNING} characters long")
    if not text:
        messages.append("must not be an empty string")
    unprintable = next((index for index, letter in enumerate(text) if not letter.isprintable()), None)
    if unprintable is not None:
        found = f"non-printable character found at index {len(text[:unprintable].encode())}"
        messages.append(f"must only contain printable UTF-8 characters; {found}")
    return [field.invalid(path, text, message) for message in messages]


def _in_common(versions: list[JSONObject]) -> frozenset[str]:
    """Return which parts are the same in all versions."""
    found = {
        key for key in PARTS if all((entry.get(key) or None) == (versions[0].get(key) or None) for entry in versions)
    }
    return frozenset(found if "schema" in found else found - {"selectableFields"})
