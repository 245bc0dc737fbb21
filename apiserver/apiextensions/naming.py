"""Which names a definition gets, and what its conditions say.

``apiextensions-apiserver/pkg/controller/{status,establish,apiapproval}``, v0.36.
"""

from collections.abc import Iterable
from typing import Any

from apiserver.apiextensions.definition import APPROVED
from apiserver.registry.resource import ResourceInfo

JSONObject = dict[str, Any]


def set_condition(definition: JSONObject, kind: str, status: bool, reason: str, message: str, now: str) -> None:
    """Set a condition; its transition time changes only with its status."""
    conditions = definition["status"].setdefault("conditions", [])
    wanted = "True" if status else "False"
    found = next((entry for entry in conditions if entry["type"] == kind), None)
    if found is None:
        found = {"type": kind, "lastTransitionTime": now}
        conditions.append(found)
    elif found["status"] != wanted:
        found["lastTransitionTime"] = now
    found |= {"status": wanted, "reason": reason, "message": message}


def settle_names(definition: JSONObject, others: Iterable[ResourceInfo], now: str) -> None:
    """Decide about the names that a definition wishes, and say so in its status.

    ``others`` are the resources of the same group that are not the definition's own. Names that were accepted once are
    kept when the newly wished ones are taken.
    """
    wished, status = definition["spec"]["names"], definition.setdefault("status", {})
    accepted = dict(status.get("acceptedNames") or {})
    taken_resources: set[str] = set()
    taken_kinds: set[str] = set()
    for info in others:
        taken_resources |= {info.plural, info.singular, *info.short_names}
        taken_kinds |= {info.kind, info.list_kind}
    problem: tuple[str, str] | None = None
    for key, taken, reason in (
        ("plural", taken_resources, "PluralConflict"),
        ("singular", taken_resources, "SingularConflict"),
        ("shortNames", taken_resources, "ShortNamesConflict"),
        ("kind", taken_kinds, "KindConflict"),
        ("listKind", taken_kinds, "ListKindConflict"),
    ):
        value = wished.get(key) or ([] if key == "shortNames" else "")
        clash = [name for name in (value if isinstance(value, list) else [value]) if name in taken]
        if clash:
            problem = problem or (reason, f'"{clash[0]}" is already in use')
        elif value:
            accepted[key] = value
        else:
            accepted.pop(key, None)
    if wished.get("categories"):
        accepted["categories"] = wished["categories"]
    else:
        accepted.pop("categories", None)
    status["acceptedNames"] = {"plural": "", "kind": "", **accepted}
    if problem:
        set_condition(definition, "NamesAccepted", False, *problem, now)
    else:
        set_condition(definition, "NamesAccepted", True, "NoConflicts", "no conflicts found", now)
    _establish(definition, now)
    _note_approval(definition, now)


def _establish(definition: JSONObject, now: str) -> None:
    """A definition is established once its names have been accepted, and stays so."""
    by_type = {entry["type"]: entry for entry in definition["status"]["conditions"]}
    if by_type.get("Established", {}).get("status") == "True":
        return
    if by_type["NamesAccepted"]["status"] == "True":
        message = "the initial names have been accepted"
        set_condition(definition, "Established", True, "InitialNamesAccepted", message, now)
    else:
        set_condition(definition, "Established", False, "NotAccepted", "not all names are accepted", now)


def _note_approval(definition: JSONObject, now: str) -> None:
    group = definition["spec"]["group"]
    if not group.endswith((".k8s.io", ".kubernetes.io")):
        return
    value = definition["metadata"].get("annotations", {}).get(APPROVED, "")
    kind = "KubernetesAPIApprovalPolicyConformant"
    if value.startswith("unapproved"):
        message = f'not approved: "{value}"'
        set_condition(definition, kind, False, "UnapprovedAnnotation", message, now)
    else:
        set_condition(definition, kind, True, "ApprovedAnnotation", f"approved in {value}", now)
