"""What may change of a pod that exists (``ValidatePodUpdate`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

import copy
from typing import Any

from apiserver.json_fields import keep
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

MAX_ACTIVE_DEADLINE = 2**31 - 1
_IMMUTABLE_TEXT = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def validate_pod_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check which parts of a pod's spec a write touches; that the new spec is right by itself is checked elsewhere."""
    causes: Causes = []
    new_spec, old_spec = new["spec"], old["spec"]
    for key in ("containers", "initContainers"):
        if len(new_spec.get(key, [])) != len(old_spec.get(key, [])):
            causes.append(field.forbidden(f"spec.{key}", "pod updates may not add or remove containers"))
            return causes
    causes += _deadline_update(new_spec.get("activeDeadlineSeconds"), old_spec.get("activeDeadlineSeconds"))
    causes += _toleration_update(new_spec.get("tolerations", []), old_spec.get("tolerations", []))
    causes += _gates_update(new_spec.get("schedulingGates", []), old_spec.get("schedulingGates", []))
    # What may change is made alike; whatever differs after that may not.
    alike = copy.deepcopy(new_spec)
    for key in ("containers", "initContainers"):
        for mine, theirs in zip(alike.get(key, []), old_spec.get(key, []), strict=True):
            mine["image"] = theirs.get("image", "")
    for key in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        keep(alike, old_spec, key)
    if old_spec["terminationGracePeriodSeconds"] < 0 and alike["terminationGracePeriodSeconds"] == 1:
        alike["terminationGracePeriodSeconds"] = old_spec["terminationGracePeriodSeconds"]
    if old_spec.get("schedulingGates"):
        causes += _placement_update(alike, old_spec)
    if alike != old_spec:
        causes.append(field.forbidden("spec", _IMMUTABLE_TEXT))
    return causes


def _deadline_update(new: int | None, old: int | None) -> Causes:
    path = "spec.activeDeadlineSeconds"
    if new is not None and not 0 <= new <= MAX_ACTIVE_DEADLINE:
        return [field.invalid(path, new, f"must be between 0 and {MAX_ACTIVE_DEADLINE}, inclusive")]
    if old is not None and new is None:
        return [field.invalid(path, None, "must not update from a positive integer to nil value")]
    if old is not None and new is not None and new > old:
        return [field.invalid(path, new, "must be less than or equal to previous value")]
    return []


def _toleration_update(new: list[JSONObject], old: list[JSONObject]) -> Causes:
    def without_seconds(toleration: JSONObject) -> JSONObject:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [without_seconds(toleration) for toleration in new]
    if any(without_seconds(toleration) not in kept for toleration in old):
        return [
            field.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")
        ]
    return []


def _gates_update(new: list[JSONObject], old: list[JSONObject]) -> Causes:
    before = {gate.get("name") for gate in old}
    return [
        field.forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name', '')}'",
        )
        for index, gate in enumerate(new)
        if gate.get("name") not in before
    ]


def _placement_update(alike: JSONObject, old: JSONObject) -> Causes:
    """Check that a pod behind a gate is only placed more narrowly, and undo that it is."""
    causes: Causes = []
    before, after = old.get("nodeSelector") or {}, alike.get("nodeSelector") or {}
    if not before.items() <= after.items():
        detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        causes.append(field.invalid("spec.nodeSelector", after, detail))
    keep(alike, old, "nodeSelector")
    affinity: JSONObject = alike.setdefault("affinity", {})
    causes += _node_affinity_update(
        affinity.get("nodeAffinity") or {}, (old.get("affinity") or {}).get("nodeAffinity") or {}
    )
    keep(affinity, old.get("affinity") or {}, "nodeAffinity")
    if not affinity and "affinity" not in old:
        del alike["affinity"]
    return causes


def _node_affinity_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check what is required of nodes; what is preferred may change as it likes."""
    before = (old.get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    after = (new.get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    path = f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
    if not before:
        return []
    if len(before) != len(after):
        # Terms are alternatives: one more would let in more nodes.
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [field.invalid(path, after, detail)]
    return [
        field.invalid(f"{path}[{index}]", mine, "only additions are allowed (no mutations or deletions)")
        for index, (mine, theirs) in enumerate(zip(after, before, strict=True))
        if not _only_adds(mine, theirs)
    ]


def _only_adds(new: JSONObject, old: JSONObject) -> bool:
    """Whether a term demands all that it did, in the same order, and perhaps more; one that selects nothing stays."""
    keys = ("matchExpressions", "matchFields")
    if not any(old.get(key) for key in keys):
        return not any(new.get(key) for key in keys)
    return all((new.get(key) or [])[: len(old.get(key) or [])] == (old.get(key) or []) for key in keys)
