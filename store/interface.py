"""The contract between the API server and whatever keeps its objects: etcd's model, in nine methods.

*Revisions.* One counter for the whole store. Every successful write takes the next revision and is exactly
one event. A new store is at revision 1; the first write gets 2 (etcd v3.6 does the same).

*Values.* An object's JSON carries its own revision (``metadata.resourceVersion``), which is known only when
the write succeeds. A writer therefore hands over a :class:`Draft`: the encoded object in two halves around
the place where the revision goes. The store joins them once per write; every reader and watcher after that
gets those same bytes. Beside the bytes a draft carries what selectors look at (labels and fields), so that
no read has to parse an object.

*Worked example.*

====================================  ========  ================================================
call                                  revision  what a watch of ``/pods/`` after 1 sees
====================================  ========  ================================================
``create("/pods/a", draft)``          2         ``Event(record=a@2, previous=None)``
``update("/pods/a", draft, 2)``       3         ``Event(record=a@3, previous=a@2)``
``create("/nodes/n", draft)``         4         nothing: another prefix
``delete("/pods/a", draft, 3)``       5         ``Event(record=a@5, previous=a@3, deleted=True)``
``compact(4)``                        5         nothing; a new watch after 3 raises ``Compacted``
====================================  ========  ================================================
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Draft(NamedTuple):
    """An encoded object, still without its revision.

    ``before + b"17" + after`` is the value at revision 17. ``labels`` and ``fields`` are what label and field
    selectors are matched against; the store keeps them beside the value and never looks inside.
    """

    before: bytes
    after: bytes
    labels: Mapping[str, str] = NO_ATTRIBUTES
    fields: Mapping[str, str] = NO_ATTRIBUTES

    def at(self, revision: int) -> bytes:
        """Return the value as it reads at ``revision``."""
        return b"".join((self.before, b"%d" % revision, self.after))


class Record(NamedTuple):
    """One key's state at one revision. Immutable, shared between readers: nobody may change its mappings."""

    key: str
    value: bytes
    create_revision: int
    mod_revision: int
    labels: Mapping[str, str] = NO_ATTRIBUTES
    fields: Mapping[str, str] = NO_ATTRIBUTES


class Event(NamedTuple):
    """One write. ``record`` is the state after it; for a deletion, the last state at the deletion's revision."""

    record: Record
    previous: Record | None
    deleted: bool = False

    @property
    def revision(self) -> int:
        return self.record.mod_revision


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What to list under a prefix.

    ``limit`` 0 means all. ``start_after`` is the last key of the page before. ``revision`` ``None`` means the
    newest state; a number reads the state as of that revision, which must still be in the history.
    """

    limit: int = 0
    start_after: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ListResult:
    """``records`` in key order as of ``revision``; ``remaining`` counts those behind this page."""

    records: Sequence[Record]
    revision: int
    remaining: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """A snapshot for metrics and tests: keys alive, events kept in the history, watches open."""

    keys: int
    history: int
    watchers: int
    revision: int
    compact_revision: int = 0


class Watch(Protocol):
    """An open watch. Iterating yields *batches*: every event that is ready, oldest first, never empty.

    Batches let one wake-up carry many events. Iteration raises :class:`~store.errors.WatcherTooSlow` when
    more events waited than the store allows, after which the watch is closed; what waited is not delivered.
    Only events written *after* the opening count as waiting, and only those under the prefix: the first batch
    may carry a replay of any length. It ends (``StopAsyncIteration``) when the store closes or :meth:`close`
    is called.

    One task iterates at a time; a second one gets a ``RuntimeError``. Cancelling it loses no event: iterate
    again and go on.
    """

    def __aiter__(self) -> AsyncIterator[Sequence[Event]]: ...

    async def __anext__(self) -> Sequence[Event]: ...

    def close(self) -> None:
        """End the iteration at once; may be called again, and from any task of the same loop."""
        ...

    @property
    def progress_revision(self) -> int:
        """Every event up to this revision has been yielded (what a bookmark may promise).

        It is never below ``after_revision`` and never goes back. While nothing waits to be yielded it follows
        the store's current revision, also through writes elsewhere. After the end it stands still.
        """
        ...


class Store(Protocol):
    """See the module's docstring for the model. All methods belong to one event loop.

    Writes are atomic and ordered: when a write returns, every later read sees it, and every watcher will see
    it before any later write. A refused write changes nothing and takes no revision. Cancelling a read or a
    watch is always safe; a write that is cancelled has either happened whole or not at all.
    """

    @property
    def current_revision(self) -> int:
        """The newest revision given out."""
        ...

    async def get(self, key: str) -> Record:
        """Return the newest state; raise :class:`~store.errors.KeyNotFound`."""
        ...

    async def list(self, prefix: str, options: ListOptions = ListOptions()) -> ListResult:
        """Return what lies under ``prefix`` in key order.

        ``prefix`` is compared as a plain string: ``/pods/ns1/`` does not hold ``/pods/ns10/a``, and ``/pods/a``
        holds ``/pods/a``, ``/pods/ab`` and ``/pods/a/b``. Raises :class:`~store.errors.Compacted` or
        :class:`~store.errors.FutureRevision` for a revision that is gone or not yet there.
        """
        ...

    async def create(self, key: str, draft: Draft) -> Record:
        """Write a key that has no value; raise :class:`~store.errors.KeyExists`."""
        ...

    async def update(self, key: str, draft: Draft, expected_revision: int) -> Record:
        """Replace a value whose ``mod_revision`` is ``expected_revision``.

        Raises :class:`~store.errors.KeyNotFound` or :class:`~store.errors.RevisionMismatch`.
        """
        ...

    async def delete(self, key: str, draft: Draft, expected_revision: int) -> Record:
        """Remove a key at ``expected_revision``; ``draft`` is its last state, sent to watchers and returned.

        Raises :class:`~store.errors.KeyNotFound` or :class:`~store.errors.RevisionMismatch`.
        """
        ...

    async def delete_all(self, records: Iterable[Record], revision_at: Callable[[Record], int]) -> Sequence[Record]:
        """Remove every key that still is as in ``records``; return the last states, in their order.

        These are what the records were but for the revision, which stands at ``revision_at(record)`` in a value. Each
        deletion takes a revision of its own and is one event, in the order of ``records``, with no other write in
        between; no reader sees some of them done and others not. A key that has changed since, or has gone, is passed
        over.
        """
        ...

    def watch(self, prefix: str, after_revision: int) -> AbstractAsyncContextManager[Watch]:
        """Open a watch of every event under ``prefix`` whose revision is greater than ``after_revision``.

        Each event is delivered once, in revision order, also when a compaction happens meanwhile: what was
        promised at the opening is kept. Entering raises :class:`~store.errors.Compacted` when events after
        ``after_revision`` are no longer kept; a revision not reached yet is waited for, as etcd does.
        Leaving the block closes the watch.
        """
        ...

    async def compact(self, revision: int) -> None:
        """Forget the history up to and including ``revision``; the newest state of every key stays.

        Raises :class:`~store.errors.Compacted` when that has happened already, and
        :class:`~store.errors.FutureRevision` when the store is not there yet.
        """
        ...

    def statistics(self) -> Statistics: ...

    async def close(self) -> None:
        """End every watch and release what the store holds; may be called again.

        After it reads, writes, compactions and new watches raise :class:`~store.errors.StoreClosed`.
        """
        ...
