"""A store that tells what is written through it, in the same step and not some time later as a watch does."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import groupby

from store.interface import Draft, ListOptions, ListResult, Record, Statistics, Store, Watch

Resource = tuple[str, str]
"""A resource's group and plural."""

AfterWrite = Callable[[Sequence[Record], Resource, str, bool], Awaitable[None]]
"""Gets the records written together, their resource, their namespace (empty for none) and whether they were deleted."""

_NEWEST = ListOptions()
_NAMESPACED_PARTS = 5


async def _nothing(records: Sequence[Record], resource: Resource, namespace: str, deleted: bool) -> None:
    """Nobody wants to know."""


class ObservedStore(Store):
    """Passes everything on to the store behind. ``after_write`` is awaited before a write returns."""

    def __init__(self, store: Store) -> None:
        self.behind = store
        """What is written here directly is not observed."""
        self.after_write: AfterWrite = _nothing
        self._written: dict[Resource, int] = {}

    def last_write(self, resource: Resource) -> int:
        """Return the revision of the last write of a resource's objects; 0 for none since the start."""
        return self._written.get(resource, 0)

    @property
    def current_revision(self) -> int:
        return self.behind.current_revision

    async def get(self, key: str) -> Record:
        return await self.behind.get(key)

    async def list(self, prefix: str, options: ListOptions = _NEWEST) -> ListResult:
        return await self.behind.list(prefix, options)

    async def create(self, key: str, draft: Draft) -> Record:
        return await self._tell(await self.behind.create(key, draft))

    async def update(self, key: str, draft: Draft, expected_revision: int) -> Record:
        return await self._tell(await self.behind.update(key, draft, expected_revision))

    async def delete(self, key: str, draft: Draft, expected_revision: int) -> Record:
        return await self._tell(await self.behind.delete(key, draft, expected_revision), deleted=True)

    async def delete_all(self, records: Iterable[Record], revision_at: Callable[[Record], int]) -> Sequence[Record]:
        deleted = await self.behind.delete_all(records, revision_at)
        for directory, group in groupby(deleted, _directory_of):
            await self._tell_all(directory, list(group), deleted=True)
        return deleted

    async def _tell(self, record: Record, *, deleted: bool = False) -> Record:
        await self._tell_all(_directory_of(record), (record,), deleted=deleted)
        return record

    async def _tell_all(self, directory: str, records: Sequence[Record], *, deleted: bool) -> None:
        parts = directory.split("/")
        resource: Resource = ("" if parts[2] == "core" else parts[2], parts[3])
        self._written[resource] = records[-1].mod_revision
        await self.after_write(records, resource, parts[4] if len(parts) == _NAMESPACED_PARTS else "", deleted)

    def watch(self, prefix: str, after_revision: int) -> AbstractAsyncContextManager[Watch]:
        return self.behind.watch(prefix, after_revision)

    async def compact(self, revision: int) -> None:
        await self.behind.compact(revision)

    def statistics(self) -> Statistics:
        return self.behind.statistics()

    async def close(self) -> None:
        await self.behind.close()


def _directory_of(record: Record) -> str:
    """Return where a record is. Keys are ``/registry/GROUP/PLURAL/[NAMESPACE/]NAME``."""
    return record.key[: record.key.rfind("/")]
