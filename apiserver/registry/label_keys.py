"""``matchLabelKeys`` and ``mismatchLabelKeys`` of new pods, put into the label selectors beside them.

What such a key stands for is the pod's own value of that label when it is created; the scheduler then needs to know
nothing of them. Follows ``applyMatchLabelKeysAndMismatchLabelKeys`` (``pkg/registry/core/pod/strategy.go``, v1.36).
"""

from collections.abc import Iterator
from typing import Any

JSONObject = dict[str, Any]


def merge_label_keys(pod: JSONObject) -> None:
    """Extend the selectors of a pod's affinity terms and spread constraints; those without a selector stay so."""
    labels = pod["metadata"].get("labels") or {}
    for asking in (*_affinity_terms(pod["spec"]), *(pod["spec"].get("topologySpreadConstraints") or ())):
        selector = asking.get("labelSelector")
        if selector is None:
            continue
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")):
            for key in asking.get(field) or ():
                if key in labels:
                    entry = {"key": key, "operator": operator, "values": [labels[key]]}
                    selector.setdefault("matchExpressions", []).append(entry)


def _affinity_terms(spec: JSONObject) -> Iterator[JSONObject]:
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        yield from rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for preferred in rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield preferred.get("podAffinityTerm") or {}
