"""Label selectors inside objects (``k8s.io/apimachinery/pkg/apis/meta/v1/validation``, v0.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_labels

JSONObject = dict[str, Any]


def validate_label_selector(selector: JSONObject, path: str) -> Causes:
    causes: Causes = validate_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, requirement in enumerate(selector.get("matchExpressions", [])):
        here = f"{path}.matchExpressions[{index}]"
        operator, values = requirement.get("operator", ""), requirement.get("values", [])
        if operator in {"In", "NotIn"}:
            if not values:
                causes.append(field.required(f"{here}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
        elif operator in {"Exists", "DoesNotExist"}:
            if values:
                causes.append(
                    field.forbidden(
                        f"{here}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                    )
                )
        else:
            causes.append(field.invalid(f"{here}.operator", operator, "not a valid selector operator"))
        key = requirement.get("key", "")
        causes += field.problems(f"{here}.key", key, names.qualified_name(key))
        for value in values:
            causes += field.problems(f"{here}.values", value, names.label_value(value))
    return causes
