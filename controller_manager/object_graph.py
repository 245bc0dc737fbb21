"""Who owns whom, across kinds, read from the informers' caches.

Upstream's garbage collector keeps a graph of its own beside its caches (``graph_builder.go``). Here the caches'
indexes are the graph: by uid, and by the uid of each owner, so that nothing has to be kept in step.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from apimachinery.types.base import Object, OwnerReference
from kubeclient.informer import Cache
from kubeclient.resources import Resource

UID_INDEX = "uid"
OWNER_INDEX = "owner"

ORPHAN = "orphan"
"""Finalizer: dependents are to lose the reference before the owner goes."""

FOREGROUND = "foregroundDeletion"
"""Finalizer: dependents that block are to be gone before the owner goes."""


def index_by_uid(obj: Object) -> tuple[str, ...]:
    return (obj.metadata.uid,)


def index_by_owner(obj: Object) -> tuple[str, ...]:
    return tuple({reference.uid for reference in obj.metadata.owner_references})


def waits_for_dependents(obj: Object) -> bool:
    """Return whether the object is being deleted in the foreground."""
    return obj.metadata.deletion_timestamp is not None and FOREGROUND in obj.metadata.finalizers


def orphans_dependents(obj: Object) -> bool:
    """Return whether the object is being deleted and its dependents are to stay."""
    return obj.metadata.deletion_timestamp is not None and ORPHAN in obj.metadata.finalizers


@dataclass(frozen=True, slots=True)
class Item:
    """An object and the resource it is of."""

    resource: Resource[Any]
    object: Object


class _Kind(NamedTuple):
    """A kind, and the indexes of its cache."""

    resource: Resource[Any]
    by_uid: Mapping[str, Mapping[str, Any]]
    by_owner: Mapping[str, Mapping[str, Any]]


class ObjectGraph:
    """The cached objects of several kinds as one set."""

    def __init__(self, caches: Iterable[tuple[Resource[Any], Cache[Any]]]) -> None:
        self._kinds: list[_Kind] = []
        for resource, cache in caches:
            self.add(resource, cache)

    def add(self, resource: Resource[Any], cache: Cache[Any]) -> None:
        """Have the objects of one more kind in the graph."""
        self._kinds.append(_Kind(resource, cache.index(UID_INDEX), cache.index(OWNER_INDEX)))

    def remove(self, resource: Resource[Any]) -> None:
        """Leave the objects of a kind out."""
        self._kinds = [kind for kind in self._kinds if kind.resource != resource]

    def find(self, uid: str) -> Item | None:
        """Return the object with that uid."""
        for kind in self._kinds:
            if uid in kind.by_uid:
                return Item(kind.resource, next(iter(kind.by_uid[uid].values())))
        return None

    def dependents(self, uid: str) -> list[Item]:
        """Return the objects that name ``uid`` as an owner."""
        # Nearly every object has none, of any kind.
        owning = [kind for kind in self._kinds if uid in kind.by_owner]
        return [Item(kind.resource, obj) for kind in owning for obj in kind.by_owner[uid].values()]

    def has_dependents(self, uid: str) -> bool:
        return any(uid in kind.by_owner for kind in self._kinds)

    def blocking_dependents(self, uid: str) -> list[Item]:
        """Return the dependents that an owner deleted in the foreground has to wait for."""
        return [item for item in self.dependents(uid) if blocks(item.object, uid)]


def blocks(obj: Object, owner_uid: str) -> bool:
    """Return whether ``obj`` blocks the deletion of its owner ``owner_uid``."""
    return any(ref.uid == owner_uid and ref.block_owner_deletion for ref in obj.metadata.owner_references)


class OwnerState(enum.Enum):
    SOLID = enum.auto()
    """It is there, or cannot be shown to be gone."""

    WAITING = enum.auto()
    """It is being deleted and waits for its dependents."""

    ABSENT = enum.auto()
    """The server knows of no such object."""


class Verdict(enum.Enum):
    """What is to be done with an object, given its owners."""

    KEEP = enum.auto()
    DROP_REFERENCES = enum.auto()
    """It has an owner left, and names others that are gone or going."""

    DELETE_FOREGROUND = enum.auto()
    """An owner waits for it, and it has dependents of its own to be waited for."""

    DELETE = enum.auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """``dropped`` are the uids of the references to take off, ``policy`` is how to delete."""

    verdict: Verdict
    dropped: tuple[str, ...] = ()
    policy: str = ""


def judge(obj: Object, owners: Iterable[tuple[OwnerReference, OwnerState]], *, has_dependents: bool) -> Judgement:
    """Decide what becomes of an object (``attemptToDeleteItem``, ``garbagecollector.go``, v1.36).

    ``owners`` gives the state of each of its owner references.
    """
    states = [(reference.uid, state) for reference, state in owners]
    if not states:
        return Judgement(Verdict.KEEP)
    going = tuple(dict.fromkeys(uid for uid, state in states if state is not OwnerState.SOLID))
    if any(state is OwnerState.SOLID for _, state in states):
        return Judgement(Verdict.DROP_REFERENCES, going) if going else Judgement(Verdict.KEEP)
    if has_dependents and any(state is OwnerState.WAITING for _, state in states):
        return Judgement(Verdict.DELETE_FOREGROUND, policy="Foreground")
    if ORPHAN in obj.metadata.finalizers:
        return Judgement(Verdict.DELETE, policy="Orphan")
    if FOREGROUND in obj.metadata.finalizers:
        return Judgement(Verdict.DELETE, policy="Foreground")
    return Judgement(Verdict.DELETE, policy="Background")
