"""Objects in the store: keys, encoding, and the errors a client may see (``k8s.io/apiserver`` ``registry/generic``).

An object is encoded once, when it is written; ``metadata.resourceVersion`` is left as a gap that the store fills
with the revision (see :class:`store.interface.Draft`).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol
from zlib import adler32

import orjson

from apimachinery.errors import (
    AlreadyExists,
    BadRequest,
    Cause,
    Conflict,
    Expired,
    InternalError,
    NotFound,
    ServerTimeout,
)
from apiserver.registry.resource import ResourceInfo
from store.errors import Compacted, FutureRevision, KeyExists, KeyNotFound, RevisionMismatch
from store.interface import Draft, ListOptions, ListResult, Record, Store

JSONObject = dict[str, Any]
Change = Callable[[JSONObject], Awaitable[JSONObject]]

_LEADING = ("name", "generateName", "namespace", "uid")
_GAP = b'"resourceVersion":"'
_NO_LABELS: dict[str, str] = {}


def draft(info: ResourceInfo, obj: JSONObject) -> Draft:
    """Encode an object in its stored form, leaving out its resource version; nothing of ``obj`` is changed.

    The gap is found by its key. Only the name, namespace and uid stand before it, none of which can contain
    that text unescaped, so the first place found is the right one.
    """
    stored, metadata = info.stored, obj["metadata"]
    first = {key: metadata[key] for key in _LEADING if key in metadata}
    first["resourceVersion"] = ""
    # What stands on the left decides on the order, what stands on the right on the values.
    head = {"kind": stored.kind, "apiVersion": stored.api_version, "metadata": first | metadata | first}
    try:
        encoded = orjson.dumps(head | obj | head)
    except orjson.JSONEncodeError as error:
        # Lone surrogates survive JSON's \\u escapes but have no encoding.
        raise BadRequest(f"the object cannot be encoded: {error}") from error
    gap = encoded.index(_GAP) + len(_GAP)
    return Draft(encoded[:gap], encoded[gap:], metadata.get("labels") or _NO_LABELS, stored.strategy.fields(obj))


def identity(record: Record) -> JSONObject:
    """Return as much of an object as tells it from others: kind, name, namespace and uid, which stand before the gap.

    The rest of it is not read.
    """
    found: JSONObject = orjson.loads(record.value[: record.value.index(_GAP) - len(b",")] + b"}}")
    return found


def not_found(info: ResourceInfo, name: str) -> NotFound:
    return NotFound(f'{info.qualified} "{name}" not found', name=name, group=info.group, kind=info.plural)


def conflict(info: ResourceInfo, name: str, why: str) -> Conflict:
    return conflict_of(info.group, info.plural, info.qualified, name, why)


def conflict_of(group: str, plural: str, qualified: str, name: str, why: str) -> Conflict:
    """Return the conflict about what is no resource of this server's, or is not called by its resource."""
    message = f'Operation cannot be fulfilled on {qualified} "{name}": {why}'
    return Conflict(message, name=name, group=group, kind=plural)


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
_TRIES = 50


class Reservation(Protocol):
    """What a write has been given out of a pool, until it is known what came of the write."""

    def commit(self) -> None: ...

    def revert(self) -> None: ...


class Allocator(Protocol):
    """Gives out what only one object of a kind may have, such as addresses."""

    def reserve(self, new: JSONObject, old: JSONObject | None, *, dry_run: bool) -> Reservation:
        """Fill in what an object that is about to be written lacks, and keep it from others; raise 422 or 500.

        ``old`` is the state that is replaced. Exactly one of the reservation's methods is called, after the write.
        """
        ...

    def release(self, obj: JSONObject) -> None:
        """Take back all that an object had, which is gone."""
        ...


class _Nothing:
    def commit(self) -> None:
        """Nothing was given out."""

    revert = commit


_NOTHING = _Nothing()


def _anything(info: ResourceInfo, obj: JSONObject) -> None:
    """Take any object."""


class Objects:
    """Reads and writes objects of any resource, in their stored form."""

    def __init__(self, store: Store, allocators: Mapping[tuple[str, str], Allocator] | None = None) -> None:
        """``allocators`` are by group and plural."""
        self.store = store
        self.check_new: Callable[[ResourceInfo, JSONObject], None] = _anything
        """Is shown each object that is about to be created, and its resource; raises what it is refused with."""
        self._allocators = allocators or {}

    async def get(self, info: ResourceInfo, namespace: str, name: str) -> Record:
        try:
            return await self.store.get(info.key(namespace, name))
        except KeyNotFound:
            raise not_found(info, name) from None

    async def list(self, info: ResourceInfo, namespace: str, options: ListOptions) -> ListResult:
        try:
            return await self.store.list(info.prefix(namespace if info.namespaced else ""), options)
        except Compacted as error:
            raise Expired(
                "The provided continue parameter is too old to display a consistent list result. "
                "You can start a new list without the continue parameter."
            ) from error
        except FutureRevision as error:
            raise too_large(error.revision, error.current_revision) from error

    async def create(self, info: ResourceInfo, namespace: str, obj: JSONObject, *, dry_run: bool = False) -> Record:
        """Write a new object; raise :class:`~apimachinery.errors.AlreadyExists`."""
        name = obj["metadata"]["name"]
        key = info.key(namespace, name)
        self.check_new(info, obj)
        reservation = self._reserve(info, obj, None, dry_run)
        try:
            encoded = draft(info, obj)
            record = await (self._would_create(key, encoded) if dry_run else self.store.create(key, encoded))
        except Exception as error:
            reservation.revert()
            if isinstance(error, KeyExists):
                raise AlreadyExists(
                    f'{info.qualified} "{name}" already exists', name=name, group=info.group, kind=info.plural
                ) from None
            raise
        reservation.commit()
        return record

    def _reserve(self, info: ResourceInfo, new: JSONObject, old: Record | None, dry_run: bool) -> Reservation:
        allocator = self._allocators.get((info.group, info.plural))
        if allocator is None:
            return _NOTHING
        return allocator.reserve(new, orjson.loads(old.value) if old else None, dry_run=dry_run)

    def _release(self, info: ResourceInfo, obj: JSONObject) -> None:
        allocator = self._allocators.get((info.group, info.plural))
        if allocator is not None:
            allocator.release(obj)

    async def _would_create(self, key: str, encoded: Draft) -> Record:
        try:
            await self.store.get(key)
        except KeyNotFound:
            return Record(key, encoded.at(0), 0, 0, encoded.labels, encoded.fields)
        raise KeyExists(key)

    async def update(
        self, info: ResourceInfo, namespace: str, name: str, change: Change, *, dry_run: bool = False
    ) -> Record:
        """Replace an object by what ``change`` makes of it, against concurrent writers.

        ``change`` gets the decoded current state, which it may alter, and returns the new one; it may be
        called several times. A resource version in what it returns pins the write to that state (409 when it
        is not the current one); without one, the newest state is changed. A write that changes nothing takes
        no revision. An object whose deletion nothing holds up any more is removed.
        """
        for _ in range(_TRIES):
            record = await self.get(info, namespace, name)
            new = await change(orjson.loads(record.value))
            pinned = new["metadata"].get("resourceVersion", "")
            if pinned and pinned != str(record.mod_revision):
                raise conflict(info, name, MODIFIED)
            reservation = self._reserve(info, new, record, dry_run)
            try:
                written = await self._replace(info, record, new, dry_run)
            except Exception as error:
                reservation.revert()
                if isinstance(error, KeyNotFound):
                    raise not_found(info, name) from None
                if not isinstance(error, RevisionMismatch):
                    raise
                if pinned:
                    raise conflict(info, name, MODIFIED) from None
            else:
                reservation.commit()
                return written
        raise InternalError(f'{info.qualified} "{name}" changed {_TRIES} times while it was being written')

    async def _replace(self, info: ResourceInfo, record: Record, new: JSONObject, dry_run: bool) -> Record:
        encoded = draft(info, new)
        if _same(encoded.at(record.mod_revision), record.value):
            return record
        if dry_run:
            return Record(
                record.key,
                encoded.at(record.mod_revision),
                record.create_revision,
                record.mod_revision,
                encoded.labels,
                encoded.fields,
            )
        if not deletion_complete(info, new):
            return await self.store.update(record.key, encoded, record.mod_revision)
        deleted = await self.store.delete(record.key, encoded, record.mod_revision)
        self._release(info, new)
        return deleted

    async def remove(self, info: ResourceInfo, record: Record, last_state: JSONObject) -> Record | None:
        """Delete the object as it is in ``record``; ``None`` when it has changed since."""
        try:
            deleted = await self.store.delete(record.key, draft(info, last_state), record.mod_revision)
        except (RevisionMismatch, KeyNotFound):
            return None
        self._release(info, last_state)
        return deleted

    async def drop_all(self, found: Iterable[tuple[ResourceInfo, Sequence[Record]]]) -> int:
        """Delete objects as they are in their records, whatever else would have to happen before; return how many.

        All go in one step, and those that have been written meanwhile are left alone. Their last states are sent as
        they were stored, and not read.
        """
        places = list(found)
        doomed = [record for _, records in places for record in records]
        deleted = await self.store.delete_all(doomed, _revision_at)
        for info in (info for info, _ in places if (info.group, info.plural) in self._allocators):
            prefix = info.prefix()
            for record in deleted:
                if record.key.startswith(prefix):
                    self._release(info, orjson.loads(record.value))
        return len(deleted)


def _revision_at(record: Record) -> int:
    """Return where in a stored object its resource version stands."""
    return record.value.index(_GAP) + len(_GAP)


def _same(one: bytes, other: bytes) -> bool:
    """Whether two encoded objects are equal; their keys may stand in another order.

    That changes neither the length nor which bytes there are. Half of Adler's checksum is the sum of the bytes, which
    tells most writes of the same length apart without reading both objects.
    """
    if one == other:
        return True
    if len(one) != len(other) or (adler32(one) ^ adler32(other)) & 0xFFFF:
        return False
    return bool(orjson.loads(one) == orjson.loads(other))


def deletion_complete(info: ResourceInfo, obj: JSONObject) -> bool:
    """Whether an object that is being deleted waits for nothing any more."""
    metadata = obj["metadata"]
    return bool(
        metadata.get("deletionTimestamp")
        and not metadata.get("finalizers")
        and not metadata.get("deletionGracePeriodSeconds")
        and not info.strategy.deletion_blocked(obj)
    )


def too_large(revision: int, current: int) -> ServerTimeout:
    """Return the error for a resource version that the server has not reached."""
    return ServerTimeout(
        f"Too large resource version: {revision}, current: {current}",
        causes=[Cause("ResourceVersionTooLarge", "Too large resource version")],
        retry_after_seconds=1,
    )
