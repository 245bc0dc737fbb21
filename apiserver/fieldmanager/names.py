"""What managers are called (``meta/v1/validation`` and ``endpoints/handlers/create.go``, v1.36)."""

from collections.abc import Sequence
from typing import Any

from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

LIMIT = 128
"""How many bytes a manager's name may have."""

_SUBRESOURCE_LIMIT = 256


def of_user_agent(user_agent: str) -> str:
    """Return the manager of a client that names none: what stands before the first ``/``, at most 128 bytes."""
    first = user_agent.partition("/")[0]
    if _is_plain(first):
        return first
    name, size = "", 0
    for character in first:
        if not character.isprintable():
            continue
        size += len(character.encode("utf-8", "replace"))
        if size > LIMIT:
            break
        name += character
    return name


def validate(name: str, path: str = "fieldManager") -> Causes:
    """Check a name that a client has chosen."""
    causes: Causes = []
    encoded = name.encode("utf-8", "replace")
    if len(encoded) > LIMIT:
        causes.append(field.too_long(path, LIMIT))
    if name.isprintable():
        return causes
    position = 0
    for character in name:
        if not character.isprintable():
            detail = f"invalid character U+{ord(character):04X} (at position {position})"
            causes.append(field.invalid(path, name, detail))
        position += len(character.encode("utf-8", "replace"))
    return causes


def validate_entries(entries: Sequence[JSONObject]) -> Causes:
    """Check what a client wrote into ``metadata.managedFields``, as far as it could be read at all."""
    causes: Causes = []
    for place, entry in enumerate(entries):
        if not _is_plain(manager := entry.get("manager", "")):
            causes += validate(manager, f"metadata.managedFields[{place}].manager")
        if len(entry.get("subresource", "")) > _SUBRESOURCE_LIMIT:
            causes.append(field.too_long(f"metadata.managedFields[{place}].subresource", _SUBRESOURCE_LIMIT))
    return causes


def _is_plain(name: str) -> bool:
    """Whether a name is such as nearly all are, in which nothing can be wrong."""
    return name.isascii() and name.isprintable() and len(name) <= LIMIT
