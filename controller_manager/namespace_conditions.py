"""How far a namespace's deletion is, as its conditions tell it.

Types, reasons and messages are those of ``pkg/controller/namespace/deletion/status_condition_utils.go`` (v1.36).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.types.base import Condition

# Type, reason and message while nothing is wrong.
_FINE = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
)


@dataclass(slots=True)
class Progress:
    """What one round of emptying a namespace found."""

    remaining: Counter[str] = field(default_factory=Counter)
    """How many objects are left, by ``plural.group``."""

    finalizers: Counter[str] = field(default_factory=Counter)
    """How many of those each finalizer holds."""

    discovery_failures: dict[str, str] = field(default_factory=dict)
    """Which groups could not be asked, by ``group/version``."""

    delete_failures: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the namespace holds nothing any more, for certain."""
        return not (self.remaining.total() or self.discovery_failures or self.delete_failures)


def conditions(current: Sequence[Condition], progress: Progress, now: datetime) -> list[Condition]:
    """Return the namespace's conditions brought up to date; entries that say what they said stay the same."""
    wrong = _wrong(progress)
    known = {entry.type: entry for entry in current}
    result = [entry for entry in current if entry.type not in {kind for kind, _, _ in _FINE}]
    for kind, fine_reason, fine_message in _FINE:
        reason, message = wrong.get(kind, (fine_reason, fine_message))
        status = "True" if kind in wrong else "False"
        old = known.get(kind)
        changed_at = old.last_transition_time if old is not None and old.status == status else now
        result.append(
            Condition(type=kind, status=status, reason=reason, message=message, last_transition_time=changed_at)
        )
    return result


def _wrong(progress: Progress) -> dict[str, tuple[str, str]]:
    """Return reason and message of each condition that holds."""
    found: dict[str, tuple[str, str]] = {}
    if progress.discovery_failures:
        groups = ", ".join(f"{group}: {error}" for group, error in sorted(progress.discovery_failures.items()))
        text = f"unable to retrieve the complete list of server APIs: {groups}"
        count = len(progress.discovery_failures)
        message = f"Discovery failed for some groups, {count} failing: {text}"
        found["NamespaceDeletionDiscoveryFailure"] = ("DiscoveryFailed", message)
    if progress.delete_failures:
        count, errors = len(progress.delete_failures), ", ".join(sorted(progress.delete_failures))
        message = f"Failed to delete all resource types, {count} remaining: {errors}"
        found["NamespaceDeletionContentFailure"] = ("ContentDeletionFailed", message)
    if progress.remaining:
        left = ", ".join(f"{kind} has {count} resource instances" for kind, count in sorted(progress.remaining.items()))
        found["NamespaceContentRemaining"] = ("SomeResourcesRemain", f"Some resources are remaining: {left}")
    if progress.finalizers:
        held = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(progress.finalizers.items()))
        message = f"Some content in the namespace has finalizers remaining: {held}"
        found["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", message)
    return found
