"""Keeps ``metadata.managedFields`` up to date (``managedfields/internal``, v0.36).

One :class:`FieldManager` serves one resource in one version through one subresource. Objects come and go in the
stored form; ownership is recorded in terms of the version that was written.
"""

import logging
from typing import Any

import orjson

from apimachinery.errors import BadRequest
from apimachinery.structured_merge.fieldpath import FieldSet, fields_path
from apimachinery.structured_merge.typed import ValidationError, validate
from apimachinery.structured_merge.types import SchemaType
from apimachinery.structured_merge.updater import Conflicts, Managers, Updater, VersionedSet, reconcile
from apiserver.fieldmanager import last_applied
from apiserver.fieldmanager.entries import (
    APPLY,
    UPDATE,
    Managed,
    conflict_status,
    decode,
    encode,
    identifier,
    is_reset,
)
from apiserver.fieldmanager.tracked import tracked_fields
from apiserver.registry.resource import Registry, ResourceInfo

logger = logging.getLogger(__name__)

JSONObject = dict[str, Any]

MAX_UPDATE_MANAGERS = 10
"""How many entries of updates are kept apart; the oldest beyond that become one."""

_ANCIENT = "ancient-changes"
_BEFORE_FIRST_APPLY = "before-first-apply"

_NEVER_OWNED = FieldSet.of(
    fields_path("apiVersion"),
    fields_path("kind"),
    fields_path("metadata"),
    *(
        fields_path("metadata", name)
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ),
)


class ServedVersions:
    """The versions of a resource that are served right now, and how to get from one to the other."""

    def __init__(self, registry: Registry, info: ResourceInfo) -> None:
        self._registry = registry
        self._info = info
        self._kind = info.merge_type

    def _find(self, api_version: str) -> ResourceInfo | None:
        if api_version == self._info.api_version:
            return self._info
        group, _, version = api_version.rpartition("/")
        return self._registry.find(group, version, self._info.plural)

    def type_of(self, api_version: str) -> SchemaType | None:
        if api_version == self._info.api_version:
            return self._kind
        info = self._find(api_version)
        return info.merge_type if info else None

    def convert(self, obj: JSONObject, api_version: str, to: str) -> JSONObject:
        one, other = self._find(api_version), self._find(to)
        assert one is not None
        assert other is not None
        copy: JSONObject = orjson.loads(orjson.dumps(obj))
        converted = other.from_stored(one.to_stored(copy))
        converted["apiVersion"] = to
        return converted


class FieldManager:
    """Works out the managed fields of writes; nothing here waits or reads a clock."""

    shown_version = ""
    """The version that conflicts name, where that is not the one of the manager in conflict."""

    def __init__(self, registry: Registry, info: ResourceInfo, subresource: str) -> None:
        self.info = info
        self._subresource = subresource
        self._kind = info.merge_type
        self._versions = ServedVersions(registry, info)
        self._updater = Updater(self._versions, tracked_fields(info, subresource))

    def update(self, live: JSONObject | None, new: JSONObject, manager: str, now: str) -> None:
        """Record a write of any kind but apply in ``new``; ``live`` is ``None`` for a new object.

        What a client has put into ``managedFields`` counts when it can be read, through the object itself. Nothing
        is tracked of an object whose managed fields have been reset, until it is applied. Never refuses: where
        ownership cannot be worked out it stays as it was.
        """
        metadata = new["metadata"]
        given = metadata.pop("managedFields", None)
        entries: list[JSONObject] = (live["metadata"].get("managedFields") if live else None) or []
        managed = self._known(entries, given)
        if live is not None and not managed.fields:
            return
        try:
            name = self._identifier(manager, UPDATE)
            if live is not None:
                self._record(_content(self._shown(live)), _content(self._shown(new)), managed, name, now)
            elif managed.fields:
                self._record({}, new, managed, name, now)
            else:
                self._claim(new, managed, name, now)
        except (ValueError, RecursionError, orjson.JSONEncodeError) as error:
            kind = self.info.kind
            logger.warning("managed fields of %s %s are left as they were: %s", kind, metadata.get("name"), error)
        else:
            entries = encode(managed)
        if entries:
            metadata["managedFields"] = entries

    def _known(self, before: list[JSONObject], given: Any) -> Managed:
        """Return the managers before a write: those that the client has sent, or else those of the store."""
        if given is None or self._subresource or given == before:
            return self._decoded(before)
        if is_reset(given):
            return Managed()
        try:
            managed = decode(given)
        except (ValueError, RecursionError):
            managed = Managed()
        return managed if managed.fields else self._decoded(before)

    def _decoded(self, entries: list[JSONObject]) -> Managed:
        managed = decode(entries, trusted=True)
        if self.info.struct is None:
            # The schema of a custom resource may have changed since; those of the built-in kinds do not.
            for name, owned in managed.fields.items():
                if kind := self._versions.type_of(owned.api_version):
                    fields = reconcile(owned.fields, kind)
                    managed.fields[name] = VersionedSet(fields, owned.api_version, owned.applied)
        return managed

    def _shown(self, obj: JSONObject) -> JSONObject:
        """Return an object in the version that is written."""
        if self.info.conversion is None:
            return obj
        copy: JSONObject = orjson.loads(orjson.dumps(obj))
        return self.info.from_stored(copy)

    def _identifier(self, manager: str, operation: str) -> str:
        return identifier(manager, operation, self.info.api_version, self._subresource)

    def _record(self, live: JSONObject, new: JSONObject, managed: Managed, name: str, now: str) -> None:
        """Give ``name`` what this write has added or modified; its time moves when that is anything at all."""
        known = name in managed.fields
        fields, written = self._updater.update(live, new, self.info.api_version, managed.fields, name)
        managed.fields = fields
        own = _stripped(fields.pop(name, None))
        if own is not None:
            fields[name] = own
            if not known or written.difference(_NEVER_OWNED):
                managed.times[name] = now
            _cap(managed)

    def _claim(self, new: JSONObject, managed: Managed, name: str, now: str) -> None:
        """Give ``name`` all of an object that nobody else owns a part of."""
        fields = self._updater.written_anew(new, self.info.api_version).difference(_NEVER_OWNED)
        if fields:
            managed.fields[name] = VersionedSet(fields, self.info.api_version, applied=False)
            managed.times[name] = now

    def apply(self, live: JSONObject | None, config: JSONObject, manager: str, *, force: bool, now: str) -> JSONObject:
        """Return what applying ``config`` makes of ``live`` (``None``: of nothing), in the version that is written.

        The result has its managed fields, but no defaults, and may share parts with both. Raises 409 for conflicts
        and 400 for a configuration that is not of its kind.
        """
        self._check(config)
        shown: JSONObject = {} if live is None else self._shown(live)
        entries = (shown.get("metadata") or {}).get("managedFields") or []
        managed = self._decoded(entries)
        name = self._identifier(manager, APPLY)
        try:
            if live is not None and not managed.fields:
                first = self._identifier(_BEFORE_FIRST_APPLY, UPDATE)
                self._claim(shown, managed, first, now)
            base = _without_managed_fields(shown)
            merged, fields = self._merge(base, config, managed.fields, name, manager, force=force)
        except Conflicts as error:
            raise conflict_status(error.conflicts, self.shown_version) from error
        except ValueError as error:
            raise BadRequest(f"failed to create typed live object ({self._described(shown)}): {error}") from error
        if merged is not None:
            managed.times[name] = now
        own = _stripped(fields.pop(name, None))
        if own is not None:
            fields[name] = own
        managed.fields = fields
        result = dict(base if merged is None else merged)
        result["metadata"] = dict(result.get("metadata") or {})
        if manager == last_applied.MANAGER:
            last_applied.keep_up_to_date(result, config)
        if written := encode(managed):
            result["metadata"]["managedFields"] = written
        return result

    @staticmethod
    def check_kind(config: JSONObject, *expected: str) -> None:
        """Refuse a configuration of another group, version or kind than ``expected``."""
        group, _, version = str(config.get("apiVersion") or "").rpartition("/")
        if (group, version, config.get("kind")) != expected:
            raise BadRequest(f"invalid object type: {group}/{version}, Kind={config.get('kind') or ''}")

    def _check(self, config: JSONObject) -> None:
        self.check_kind(config, self.info.group, self.info.version, self.info.kind)
        metadata = config.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
            raise BadRequest("metadata.managedFields must be nil")
        try:
            validate(config, self._kind)
        except ValidationError as error:
            # Upstream has 500 here, though it is the client's doing (kubernetes#139253).
            described = self._described(config)
            raise BadRequest(f"failed to create typed patch object ({described}): {error}") from error

    def _described(self, obj: JSONObject) -> str:
        metadata = obj.get("metadata")
        if not isinstance(metadata, dict):
            metadata = {}
        namespace, name = metadata.get("namespace") or "", metadata.get("name") or ""
        return f"{namespace}/{name}; {self.info.group}/{self.info.version}, Kind={self.info.kind}"

    def _merge(
        self, live: JSONObject, config: JSONObject, managers: Managers, name: str, manager: str, *, force: bool
    ) -> tuple[JSONObject | None, Managers]:
        api_version = self.info.api_version
        try:
            return self._updater.apply(live, config, api_version, managers, name, force=force)
        except Conflicts as error:
            if manager != last_applied.MANAGER:
                raise
            allowed = last_applied.allowed_conflicts(live, self._kind, api_version)
            if allowed is None:
                raise
            if others := [entry for entry in error.conflicts if entry.path not in allowed]:
                raise Conflicts(others) from error
        return self._updater.apply(live, config, api_version, managers, name, force=True)


def _without_managed_fields(obj: JSONObject) -> JSONObject:
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "managedFields"}
    return {**obj, "metadata": metadata} if "metadata" in obj else obj


def _stripped(owned: VersionedSet | None) -> VersionedSet | None:
    """Take away what nobody owns: what tells an object from others, and what the server keeps of it."""
    if owned is None:
        return None
    fields = owned.fields.difference(_NEVER_OWNED)
    return VersionedSet(fields, owned.api_version, owned.applied) if fields else None


def _cap(managed: Managed) -> None:
    """Make one entry a version of the oldest updates when there are too many (``capmanagers.go``)."""
    updates = [name for name, owned in managed.fields.items() if not owned.applied]
    excess = len(updates) - MAX_UPDATE_MANAGERS
    if excess <= 0:
        return
    updates.sort(key=lambda name: (managed.times.get(name, ""), name))
    first_of: dict[str, str] = {}
    for name in updates:
        if excess <= 0:
            return
        owned = managed.fields[name]
        bucket = identifier(_ANCIENT, UPDATE, owned.api_version, "")
        first = first_of.setdefault(owned.api_version, name)
        if first == name:
            continue
        if bucket not in managed.fields:
            managed.fields[bucket] = managed.fields.pop(first)
        joined = owned.fields.union(managed.fields[bucket].fields)
        managed.fields[bucket] = VersionedSet(joined, owned.api_version, owned.applied)
        if name != bucket:
            del managed.fields[name]
        excess -= 1
        if name in managed.times:
            managed.times[bucket] = managed.times[name]


def keep_times(new: JSONObject, old: JSONObject) -> None:
    """Put old times back when nothing but times has changed, so that the write changes nothing (``equality.go``)."""
    now, then = new["metadata"].get("managedFields"), old["metadata"].get("managedFields")
    if not now or not then or len(now) != len(then) or now == then:
        return
    for entry, before in zip(now, then, strict=True):
        if {**entry, "time": ""} != {**before, "time": ""}:
            return
    unnamed = {"kind": "", "apiVersion": ""}
    if _content(new) | unnamed == _content(old) | unnamed:
        new["metadata"]["managedFields"] = then


def _content(obj: JSONObject) -> JSONObject:
    """Return an object without what every write changes by itself, so that the metadata of most are equal."""
    metadata = obj["metadata"].copy()
    metadata.pop("managedFields", None)
    metadata.pop("resourceVersion", None)
    return {**obj, "metadata": metadata}
