"""``matchLabelKeys`` and ``mismatchLabelKeys`` (``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


def validate_label_keys(asking: JSONObject, path: str) -> Causes:
    """Check the keys of an affinity term or a spread constraint, which :func:`merge_label_keys` has been through."""
    matched, mismatched = asking.get("matchLabelKeys") or [], asking.get("mismatchLabelKeys") or []
    if not matched and not mismatched:
        return []
    selector, causes = asking.get("labelSelector"), Causes()
    for name, keys in (("matchLabelKeys", matched), ("mismatchLabelKeys", mismatched)):
        if keys and selector is None:
            causes.append(field.forbidden(f"{path}.{name}", "must not be specified when labelSelector is not set"))
            continue
        for index, key in enumerate(keys):
            causes += field.problems(f"{path}.{name}[{index}]", key, names.qualified_name(key))
    if selector is not None:
        # One requirement with such a key is the one that the key itself has become.
        seen = set(selector.get("matchLabels") or ())
        for expression in selector.get("matchExpressions") or ():
            key = expression.get("key", "")
            if key in matched and key in seen:
                detail = "exists in both matchLabelKeys and labelSelector"
                causes.append(field.invalid(f"{path}[{matched.index(key)}]", key, detail))
            seen.add(key)
    for index, key in enumerate(matched):
        if key in mismatched:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            causes.append(field.invalid(f"{path}.matchLabelKeys[{index}]", key, detail))
    return causes
