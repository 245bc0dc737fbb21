"""Roles and their bindings (``pkg/apis/rbac/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

GROUP = "rbac.authorization.k8s.io"


def validate_role(role: JSONObject) -> Causes:
    return _rules(role, namespaced=True)


def validate_cluster_role(role: JSONObject) -> Causes:
    causes = _rules(role, namespaced=False)
    if (aggregation := role.get("aggregationRule")) is not None:
        path, selectors = "aggregationRule.clusterRoleSelectors", aggregation.get("clusterRoleSelectors", [])
        if not selectors:
            detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            causes.append(field.required(path, detail))
        for index, selector in enumerate(selectors):
            causes += validate_label_selector(selector, f"{path}[{index}]")
    return causes


def _rules(role: JSONObject, *, namespaced: bool) -> Causes:
    causes: Causes = []
    for index, rule in enumerate(role.get("rules", [])):
        causes += _rule(rule, f"rules[{index}]", namespaced=namespaced)
    return causes


def _rule(rule: JSONObject, path: str, *, namespaced: bool) -> Causes:
    causes: Causes = []
    if not rule.get("verbs"):
        causes.append(field.required(f"{path}.verbs", "verbs must contain at least one value"))
    if urls := rule.get("nonResourceURLs"):
        here = f"{path}.nonResourceURLs"
        if namespaced:
            causes.append(field.invalid(here, urls, "namespaced rules cannot apply to non-resource URLs"))
        if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            causes.append(field.invalid(here, urls, detail))
        return causes
    for key, what in (("apiGroups", "api group"), ("resources", "resource")):
        if not rule.get(key):
            causes.append(field.required(f"{path}.{key}", f"resource rules must supply at least one {what}"))
    return causes


def validate_role_binding(binding: JSONObject) -> Causes:
    return _binding(binding, kinds=("ClusterRole", "Role"), namespaced=True)


def validate_cluster_role_binding(binding: JSONObject) -> Causes:
    return _binding(binding, kinds=("ClusterRole",), namespaced=False)


def _binding(binding: JSONObject, *, kinds: tuple[str, ...], namespaced: bool) -> Causes:
    reference = binding.get("roleRef", {})
    causes = values.optional_one_of("roleRef.apiGroup", reference.get("apiGroup", ""), (GROUP,))
    causes += values.optional_one_of("roleRef.kind", reference.get("kind", ""), kinds)
    causes += values.named("roleRef.name", reference.get("name", ""), names.path_segment)
    for index, subject in enumerate(binding.get("subjects", [])):
        causes += _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    return causes


def _subject(subject: JSONObject, path: str, *, namespaced: bool) -> Causes:
    kind, name, group = (subject.get(key, "") for key in ("kind", "name", "apiGroup"))
    causes: Causes = [] if name else [field.required(f"{path}.name")]
    match kind:
        case "ServiceAccount":
            if name:
                causes += field.problems(f"{path}.name", name, names.dns_subdomain(name))
            causes += values.optional_one_of(f"{path}.apiGroup", group, ("",))
            if not namespaced and not subject.get("namespace"):
                causes.append(field.required(f"{path}.namespace"))
        case "User" | "Group":
            causes += values.optional_one_of(f"{path}.apiGroup", group, (GROUP,))
        case _:
            causes.append(field.not_supported(f"{path}.kind", kind, ("Group", "ServiceAccount", "User")))
    return causes


def validate_role_ref_update(new: JSONObject, old: JSONObject) -> Causes:
    """A binding is for one role for as long as it lives."""
    if new.get("roleRef") == old.get("roleRef"):
        return []
    return [field.invalid("roleRef", new.get("roleRef"), "cannot change roleRef")]
