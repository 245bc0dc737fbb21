"""The entries of ``metadata.managedFields`` (``managedfields/internal/managedfields.go``, v0.36)."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from apimachinery.errors import Cause, Conflict
from apimachinery.structured_merge.fieldpath import FieldSet, path_text
from apimachinery.structured_merge.updater import FieldConflict, Managers, VersionedSet

JSONObject = dict[str, Any]

APPLY = "Apply"
UPDATE = "Update"


class Identity(NamedTuple):
    """What tells one entry from another. An applier has one entry, whichever version it applied last."""

    manager: str
    operation: str
    api_version: str
    subresource: str


@lru_cache(maxsize=1024)
def identifier(manager: str, operation: str, api_version: str, subresource: str) -> str:
    """Return the key under which an entry's fields are kept while they are worked on."""
    identity = {"manager": manager or "unknown", "operation": operation}
    if operation == UPDATE:
        identity["apiVersion"] = api_version
    if subresource:
        identity["subresource"] = subresource
    return orjson.dumps(identity).decode()


@lru_cache(maxsize=1024)
def identity_of(identifier: str) -> Identity:
    found = orjson.loads(identifier)
    return Identity(found["manager"], found["operation"], found.get("apiVersion", ""), found.get("subresource", ""))


@dataclass(slots=True)
class Managed:
    """Who owns which fields, and when each has last changed that (RFC 3339); by identifier."""

    fields: Managers = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)


def is_reset(entries: Any) -> bool:
    """Whether a client asks to forget all managers: by an empty list, or by a single empty entry."""
    return entries in ([], [{}])


def decode(entries: list[JSONObject], *, trusted: bool = False) -> Managed:
    """Read entries; raise ``ValueError`` for what is none.

    ``trusted`` entries come out of the store, where nothing but :func:`encode` puts any.
    """
    managed = Managed()
    for place, entry in enumerate(entries):
        operation, api_version = entry.get("operation", ""), entry.get("apiVersion", "")
        if not trusted:
            _check(place, entry)
        tree = entry.get("fieldsV1") or {}
        name = identifier(entry.get("manager", ""), operation, api_version, entry.get("subresource", ""))
        fields = FieldSet(tree) if trusted else FieldSet.parse(tree)
        managed.fields[name] = VersionedSet(fields, api_version, applied=operation == APPLY)
        if time := entry.get("time"):
            managed.times[name] = time
    return managed


def _check(place: int, entry: JSONObject) -> None:
    if entry.get("operation") not in {APPLY, UPDATE}:
        raise ValueError("operation must be `Apply` or `Update`")
    if not entry.get("apiVersion"):
        raise ValueError("apiVersion must not be empty")
    fields_type = entry.get("fieldsType", "")
    if not fields_type:
        raise ValueError(f"missing fieldsType in managed fields entry {place}")
    if fields_type != "FieldsV1":
        raise ValueError(f'invalid fieldsType "{fields_type}" in managed fields entry {place}')


def encode(managed: Managed) -> list[JSONObject]:
    """Return the entries in upstream's order: appliers first, then by time, manager, version and subresource."""
    entries = [_entry(name, owned, managed.times.get(name)) for name, owned in managed.fields.items()]
    if len(entries) > 1:
        entries.sort(key=_order)
    return entries


def _entry(name: str, owned: VersionedSet, time: str | None) -> JSONObject:
    identity = identity_of(name)
    entry: JSONObject = {
        "manager": identity.manager,
        "operation": APPLY if owned.applied else identity.operation,
        "apiVersion": owned.api_version,
    }
    if time:
        entry["time"] = time
    entry["fieldsType"] = "FieldsV1"
    entry["fieldsV1"] = owned.fields.tree
    if identity.subresource:
        entry["subresource"] = identity.subresource
    return entry


def _order(entry: JSONObject) -> tuple[str, ...]:
    return (
        entry["operation"],
        entry.get("time", ""),
        entry["manager"],
        entry["apiVersion"],
        entry.get("subresource", ""),
    )


def conflict_status(conflicts: list[FieldConflict], version: str = "") -> Conflict:
    """Return the 409 for these conflicts, worded as ``NewConflictError``.

    ``version`` is named in place of those in which the managers have written.
    """
    causes = [
        Cause("FieldManagerConflict", f"conflict with {_shown(entry.manager, version)}", path_text(entry.path))
        for entry in conflicts
    ]
    if len(conflicts) == 1:
        only = conflicts[0]
        message = f"Apply failed with 1 conflict: conflict with {_shown(only.manager, version)}: {path_text(only.path)}"
        return Conflict(message, causes=causes)
    lines: list[str] = []
    for manager in sorted({entry.manager for entry in conflicts}):
        lines.append(f"conflicts with {_shown(manager, version)}:")
        lines += [f"- {path_text(entry.path)}" for entry in conflicts if entry.manager == manager]
    return Conflict(f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines), causes=causes)


def _shown(name: str, version: str) -> str:
    identity = identity_of(name)
    shown = orjson.dumps(identity.manager).decode()
    if identity.subresource:
        shown += f' with subresource "{identity.subresource}"'
    return f"{shown} using {version or identity.api_version}" if identity.operation == UPDATE else shown
