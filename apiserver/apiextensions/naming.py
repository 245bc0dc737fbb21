"""Which names a definition gets, and what its conditions say.

``apiextensions-apiserver/pkg/controller/{status,establish,apiapproval}``, v0.36.
"""

from dataclasses import dataclass, field
from typing import Any

from apiserver.apiextensions.definition_checks import Approval, approval, is_protected

JSONObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """The names in a group that are others' already."""

    resources: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def add(self, names: JSONObject) -> None:
        """Take the names that a definition was granted."""
        self.resources.update((names.get("plural", ""), names.get("singular", ""), *(names.get("shortNames") or ())))
        self.kinds.update((names.get("kind", ""), names.get("listKind", "")))


def set_condition(definition: JSONObject, kind: str, status: bool, reason: str, message: str, now: str) -> None:
    """Set a condition; its transition time changes only with its status."""
    conditions = definition.setdefault("status", {}).setdefault("conditions", [])
    wanted = "True" if status else "False"
    found = next((entry for entry in conditions if entry.get("type") == kind), None)
    if found is None:
        found = {"type": kind, "lastTransitionTime": now}
        conditions.append(found)
    elif found.get("status") != wanted:
        found["lastTransitionTime"] = now
    found |= {"status": wanted, "reason": reason, "message": message}


def settle_names(definition: JSONObject, taken: Taken, now: str) -> None:
    """Decide about the names that a definition wishes, and say so in its status.

    ``taken`` holds none of the definition's own. Names that were accepted once are kept when the newly wished ones
    are taken.
    """
    wished, status = definition["spec"]["names"], definition.setdefault("status", {})
    accepted = dict(status.get("acceptedNames") or {})
    problem: tuple[str, str] | None = None
    for key, others, reason in (
        ("plural", taken.resources, "PluralConflict"),
        ("singular", taken.resources, "SingularConflict"),
        ("shortNames", taken.resources, "ShortNamesConflict"),
        ("kind", taken.kinds, "KindConflict"),
        ("listKind", taken.kinds, "ListKindConflict"),
    ):
        value = wished.get(key) or ([] if key == "shortNames" else "")
        clash = [name for name in (value if isinstance(value, list) else [value]) if name in others]
        if clash:
            # Every name is looked at; the last complaint is the one that is told.
            texts = [f'"{name}" is already in use' for name in dict.fromkeys(clash)]
            problem = (reason, texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
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
    by_type = {entry.get("type"): entry for entry in definition["status"]["conditions"]}
    if by_type.get("Established", {}).get("status") == "True":
        return
    if by_type["NamesAccepted"]["status"] == "True":
        message = "the initial names have been accepted"
        set_condition(definition, "Established", True, "InitialNamesAccepted", message, now)
    else:
        set_condition(definition, "Established", False, "NotAccepted", "not all names are accepted", now)


def _note_approval(definition: JSONObject, now: str) -> None:
    """Say how the definition of a protected group stands to its review (``nonapprovedcondition``'s counterpart)."""
    if not is_protected(definition["spec"]["group"]):
        return
    kind, (state, message) = "KubernetesAPIApprovalPolicyConformant", approval(definition)
    reason = {
        Approval.INVALID: "InvalidAnnotation",
        Approval.APPROVED: "ApprovedAnnotation",
        Approval.BYPASSED: "UnapprovedAnnotation",
        Approval.MISSING: "MissingAnnotation",
    }[state]
    set_condition(definition, kind, state is Approval.APPROVED, reason, message, now)
