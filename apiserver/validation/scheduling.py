"""Tolerations, taints and affinity (``pkg/apis/core/validation/validation.go``, v1.36)."""

import re
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.label_keys import validate_label_keys
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

TAINT_EFFECTS = {"NoSchedule", "PreferNoSchedule", "NoExecute"}
NODE_OPERATORS = {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def validate_tolerations(tolerations: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    for index, toleration in enumerate(tolerations):
        here = f"{path}[{index}]"
        key, operator = toleration.get("key", ""), toleration.get("operator", "")
        value, effect = toleration.get("value", ""), toleration.get("effect", "")
        if key:
            causes += field.problems(f"{here}.key", key, names.qualified_name(key))
        elif operator != "Exists":
            causes.append(
                field.invalid(
                    f"{here}.operator",
                    operator,
                    'operator must be Exists when `key` is empty, which means "match all values and all keys"',
                )
            )
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            causes.append(
                field.invalid(f"{here}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
            )
        if operator in {"Equal", ""}:
            causes += field.problems(f"{here}.operator", value, names.label_value(value))
        elif operator == "Exists":
            if value:
                causes.append(
                    field.invalid(f"{here}.operator", value, "value must be empty when `operator` is 'Exists'")
                )
        elif operator in {"Gt", "Lt"}:
            if not re.fullmatch(r"-?(0|[1-9]\d*)", value):
                causes.append(field.invalid(f"{here}.value", value, "value must be an integer"))
        else:
            causes.append(field.not_supported(f"{here}.operator", operator, {"Equal", "Exists", "Gt", "Lt"}))
        if effect and effect not in TAINT_EFFECTS:
            causes.append(field.not_supported(f"{here}.effect", effect, TAINT_EFFECTS))
    return causes


def validate_taints(taints: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        here = f"{path}[{index}]"
        key, effect = taint.get("key", ""), taint.get("effect", "")
        causes += field.problems(f"{here}.key", key, names.qualified_name(key))
        causes += field.problems(f"{here}.value", taint.get("value", ""), names.label_value(taint.get("value", "")))
        if not effect:
            causes.append(field.required(f"{here}.effect"))
        elif effect not in TAINT_EFFECTS:
            causes.append(field.not_supported(f"{here}.effect", effect, TAINT_EFFECTS))
        if (key, effect) in seen:
            causes.append(field.duplicate(here, taint))
        seen.add((key, effect))
    return causes


def validate_affinity(affinity: JSONObject, path: str) -> Causes:
    causes: Causes = []
    node = affinity.get("nodeAffinity", {})
    if (required := node.get(_REQUIRED)) is not None:
        here = f"{path}.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
        terms = required.get("nodeSelectorTerms", [])
        if not terms:
            causes.append(field.required(here, "must have at least one node selector term"))
        for index, term in enumerate(terms):
            causes += _node_term(term, f"{here}[{index}]")
    for index, preferred in enumerate(node.get(_PREFERRED, [])):
        here = f"{path}.nodeAffinity.{_PREFERRED}[{index}]"
        causes += _weight(preferred, here)
        causes += _node_term(preferred.get("preference", {}), f"{here}.preference")
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind, {})
        for index, term in enumerate(rules.get(_REQUIRED, [])):
            causes += _pod_term(term, f"{path}.{kind}.{_REQUIRED}[{index}]")
        for index, preferred in enumerate(rules.get(_PREFERRED, [])):
            here = f"{path}.{kind}.{_PREFERRED}[{index}]"
            causes += _weight(preferred, here)
            causes += _pod_term(preferred.get("podAffinityTerm", {}), f"{here}.podAffinityTerm")
    return causes


def _weight(preferred: JSONObject, path: str) -> Causes:
    weight = preferred.get("weight", 0)
    return [] if 1 <= weight <= 100 else [field.invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def _node_term(term: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for index, requirement in enumerate(term.get("matchExpressions", [])):
        here = f"{path}.matchExpressions[{index}]"
        causes += _node_requirement(requirement, here)
        key = requirement.get("key", "")
        causes += field.problems(f"{here}.key", key, names.qualified_name(key))
    for index, requirement in enumerate(term.get("matchFields", [])):
        here = f"{path}.matchFields[{index}]"
        operator, values = requirement.get("operator", ""), requirement.get("values", [])
        if operator not in {"In", "NotIn"}:
            causes.append(field.invalid(f"{here}.operator", operator, "not a valid selector operator"))
        elif len(values) != 1:
            causes.append(
                field.required(
                    f"{here}.values",
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
                )
            )
        if requirement.get("key") != "metadata.name":
            causes.append(field.invalid(f"{here}.key", requirement.get("key", ""), "not a valid field selector key"))
    return causes


def _node_requirement(requirement: JSONObject, path: str) -> Causes:
    operator, values = requirement.get("operator", ""), requirement.get("values", [])
    if operator in {"In", "NotIn"}:
        if not values:
            return [field.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")]
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            return [
                field.forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            ]
    elif operator in {"Gt", "Lt"}:
        if len(values) != 1:
            return [field.required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    else:
        return [field.invalid(f"{path}.operator", operator, "not a valid selector operator")]
    return []


def _pod_term(term: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("labelSelector", "namespaceSelector"):
        if (selector := term.get(key)) is not None:
            causes += validate_label_selector(selector, f"{path}.{key}")
    causes += validate_label_keys(term, path)
    for name in term.get("namespaces", []):
        causes += field.problems(f"{path}.namespace", name, names.dns_label(name))
    topology_key = term.get("topologyKey", "")
    if not topology_key:
        causes.append(field.required(f"{path}.topologyKey", "can not be empty"))
    else:
        causes += field.problems(f"{path}.topologyKey", topology_key, names.qualified_name(topology_key))
    return causes
