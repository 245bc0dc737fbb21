"""The two algorithms of field ownership: update and apply (``merge/update.go``, v6).

*Update*: who writes a field owns it from then on, and nobody else does. *Apply*: who applies a configuration owns
exactly what it names, together with others as long as they want the same value; what it does not name any more goes,
unless somebody else owns it too; and what somebody else owns with another value is a conflict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from apimachinery.structured_merge.compare import Comparison, compare, identical
from apimachinery.structured_merge.fieldpath import LEAF, MEMBER, FieldSet, Path, Tree, path_text
from apimachinery.structured_merge.merge import merge, remove
from apimachinery.structured_merge.typed import to_field_set
from apimachinery.structured_merge.types import SchemaType

JSONObject = dict[str, Any]


class VersionedSet(NamedTuple):
    """What one manager owns, as fields of one version of the object."""

    fields: FieldSet
    api_version: str
    applied: bool


Managers = dict[str, VersionedSet]
"""By an identifier of the caller's choosing, which conflicts name."""


@dataclass(frozen=True, slots=True)
class FieldConflict:
    manager: str
    path: Path


class Conflicts(Exception):
    """An apply would change fields that others own; in order of managers, then of paths."""

    def __init__(self, conflicts: list[FieldConflict]) -> None:
        super().__init__("; ".join(f"conflict with {entry.manager}: {path_text(entry.path)}" for entry in conflicts))
        self.conflicts = conflicts


class Versions(Protocol):
    """What the algorithms ask about the versions in which managers have written."""

    def type_of(self, api_version: str) -> SchemaType | None:
        """Return the type of a version; ``None`` when it is not served any more."""

    def convert(self, obj: JSONObject, api_version: str, to: str) -> JSONObject:
        """Return an object of one version in another one that is served; ``obj`` is not changed."""


class OneVersion:
    """The versions of a kind that has just one."""

    def __init__(self, api_version: str, kind: SchemaType) -> None:
        self._api_version = api_version
        self._kind = kind

    def type_of(self, api_version: str) -> SchemaType | None:
        return self._kind if api_version == self._api_version else None

    def convert(self, obj: JSONObject, api_version: str, to: str) -> JSONObject:
        return obj


FieldFilter = Callable[[FieldSet], FieldSet]
"""Picks the fields that are tracked at all; a subresource, say, leaves out what it cannot write."""


def track_all(fields: FieldSet) -> FieldSet:
    return fields


class Updater:
    """Works out who owns what after a write. Objects and managers that are passed in are not changed."""

    def __init__(self, versions: Versions, tracked: FieldFilter) -> None:
        self._versions = versions
        self._tracked = tracked

    def update(
        self, live: JSONObject, new: JSONObject, api_version: str, managers: Mapping[str, VersionedSet], manager: str
    ) -> tuple[Managers, FieldSet]:
        """Return who owns what once ``manager`` has made ``new`` of ``live``, and the fields that it has written."""
        result, changes = self._settle(live, new, api_version, dict(managers), manager, force=True)
        before = result.get(manager)
        owned = changes.written
        if before:
            owned = self._tracked(before.fields.difference(changes.removed).union(owned))
        if owned:
            result[manager] = VersionedSet(owned, api_version, applied=False)
        else:
            result.pop(manager, None)
        return result, changes.written

    def written_anew(self, new: JSONObject, api_version: str) -> FieldSet:
        """Return the fields of an object that has not been there before: all of them are its writer's."""
        kind = self._versions.type_of(api_version)
        assert kind is not None, f"{api_version} is not served"
        return self._tracked(compare({}, new, kind).added)

    def apply(
        self,
        live: JSONObject,
        config: JSONObject,
        api_version: str,
        managers: Mapping[str, VersionedSet],
        manager: str,
        *,
        force: bool,
    ) -> tuple[JSONObject | None, Managers]:
        """Return the object with ``config`` applied, ``None`` when that changes nothing, and who owns what then.

        Raises :class:`Conflicts` unless ``force`` is set.
        """
        kind = self._versions.type_of(api_version)
        assert kind is not None, f"{api_version} is not served"
        merged = merge(live, config, kind)
        last = managers.get(manager)
        owned = self._tracked(to_field_set(config, kind))
        result: Managers = {**managers, manager: VersionedSet(owned, api_version, applied=True)}
        if last is not None and last.fields:
            merged = self._prune(merged, api_version, result, last)
        result, _ = self._settle(live, merged, api_version, result, manager, force=force)
        return (None if identical(live, merged) else merged), result

    def _settle(
        self, old: JSONObject, new: JSONObject, api_version: str, managers: Managers, writer: str, *, force: bool
    ) -> tuple[Managers, Comparison]:
        """Take from all others what ``writer`` has changed or removed; raise when it may not."""
        kind = self._versions.type_of(api_version)
        assert kind is not None, f"{api_version} is not served"
        own = compare(old, new, kind).filtered(self._tracked)
        changes: dict[str, Comparison | None] = {api_version: own}
        conflicts: list[FieldConflict] = []
        result: Managers = {}
        for name, owned in managers.items():
            if name == writer:
                result[name] = owned
                continue
            version = owned.api_version
            if version not in changes:
                changes[version] = self._changes(old, new, api_version, version)
            change = changes[version]
            if change is None:
                # Nobody can write that version any more, so nobody owns fields of it.
                continue
            taken = owned.fields.intersection(change.written)
            if taken and not force:
                conflicts += [FieldConflict(name, path) for path in taken]
            left = owned.fields.difference(taken).difference(change.removed)
            if left:
                result[name] = owned if left is owned.fields else owned._replace(fields=left)
        if conflicts:
            raise Conflicts(sorted(conflicts, key=lambda entry: entry.manager))
        if writer in result and not result[writer].fields:
            del result[writer]
        return result, own

    def _changes(self, old: JSONObject, new: JSONObject, api_version: str, version: str) -> Comparison | None:
        kind = self._versions.type_of(version)
        if kind is None:
            return None
        before = self._versions.convert(old, api_version, version)
        after = self._versions.convert(new, api_version, version)
        return compare(before, after, kind).filtered(self._tracked)

    def _prune(self, merged: JSONObject, api_version: str, managers: Managers, last: VersionedSet) -> JSONObject:
        """Remove what the applier owned and has left out now, unless somebody else owns it too."""
        version = last.api_version
        kind = self._versions.type_of(version)
        if kind is None:
            return merged
        converted = merged if version == api_version else self._versions.convert(merged, api_version, version)
        gone = named_fields_are_members(last.fields, kind)
        pruned = remove(converted, gone, kind)
        owned: dict[str, FieldSet] = {}
        for entry in managers.values():
            owned[entry.api_version] = owned.get(entry.api_version, FieldSet()).union(entry.fields)
        # The version of what is pruned comes first: conversion to another may need what is added back there.
        for other in sorted(owned, key=lambda name: (name != version, name)):
            converted, pruned, version = self._add_back(converted, pruned, version, other, owned[other])
        if version != last.api_version:
            converted = self._versions.convert(converted, version, last.api_version)
            pruned = self._versions.convert(pruned, version, last.api_version)
        lost = self._fields(converted, kind).difference(self._fields(pruned, kind)).intersection(gone)
        pruned = remove(converted, lost, kind)
        if last.api_version == api_version:
            return pruned
        return self._versions.convert(pruned, last.api_version, api_version)

    def _add_back(
        self, merged: JSONObject, pruned: JSONObject, version: str, other: str, owned: FieldSet
    ) -> tuple[JSONObject, JSONObject, str]:
        """Return both objects in the version ``other``, what somebody owns there being part of the pruned one again."""
        kind = self._versions.type_of(other)
        if kind is None:
            return merged, pruned, version
        if other != version:
            merged = self._versions.convert(merged, version, other)
            pruned = self._versions.convert(pruned, version, other)
        kept = self._fields(pruned, kind).union(named_fields_are_members(owned, kind))
        return merged, remove(merged, self._fields(merged, kind).difference(kept), kind), other

    @staticmethod
    def _fields(obj: JSONObject, kind: SchemaType) -> FieldSet:
        return named_fields_are_members(to_field_set(obj, kind), kind)


def named_fields_are_members(fields: FieldSet, kind: SchemaType) -> FieldSet:
    """Return the set with the declared fields on the way to its paths, which it does not name as a rule."""
    return FieldSet(_with_named(fields.tree, kind))


def _with_named(tree: Tree, kind: SchemaType | None) -> Tree:
    result: Tree = {}
    for element, below in tree.items():
        if element == MEMBER or not below:
            result[element] = below
            continue
        inner: SchemaType | None = None
        named = False
        if kind is not None and element.startswith("f:") and kind.map is not None:
            inner = kind.map.type_of(element[2:])
            named = element[2:] in kind.map.fields
        elif kind is not None and element.startswith("k:") and kind.list is not None:
            inner = kind.list.element
        deeper = _with_named(below, inner)
        result[element] = {MEMBER: LEAF, **deeper} if named and MEMBER not in deeper else deeper
    return result


def reconcile(fields: FieldSet, kind: SchemaType) -> FieldSet:
    """Bring a set that was made under another schema in line with this one.

    What has become atomic since is owned whole by everybody who owned a part of it. What was atomic and is granular
    now stays as it is.
    """
    tree = _reconciled(fields.tree, kind)
    return fields if tree is fields.tree else FieldSet(tree)


def _reconciled(tree: Tree, kind: SchemaType) -> Tree:
    result: Tree | None = None
    for element, below in tree.items():
        if element == MEMBER or not below:
            continue
        inner: SchemaType | None = None
        if element.startswith("f:") and kind.map is not None:
            inner = kind.map.type_of(element[2:])
        elif kind.list is not None and not element.startswith("f:"):
            inner = kind.list.element
        if inner is None or (inner.scalar and inner.map is not None):
            # Unknown, or deduced: there is nothing to be in line with.
            continue
        deeper = LEAF if inner.always_leaf and (inner.map or inner.list) else _reconciled(below, inner)
        if deeper is not below:
            result = dict(tree) if result is None else result
            result[element] = deeper
    return tree if result is None else result
