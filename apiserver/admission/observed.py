"""A store that tells what is written through it, in the same step and not some time later as a watch does."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from store.interface import Draft, ListOptions, ListResult, Record, Statistics, Store, Watch

Resource = tuple[str, str]
"""A resource's group and plural."""

AfterWrite = Callable[[Record, Resource, str, bool], Awaitable[None]]
"""Gets the record written, its resource, its namespace (empty for none) and whether it was deleted."""

_NEWEST = ListOptions()
_NAMESPACED_PARTS = 6


async def _nothing(record: Record, resource: Resource, namespace: str, deleted: bool) -> None:
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

    async def _tell(self, record: Record, *, deleted: bool = False) -> Record:
        # Keys are /registry/GROUP/PLURAL/[NAMESPACE/]NAME.
        parts = record.key.split("/")
        resource: Resource = ("" if parts[2] == "core" else parts[2], parts[3])
        self._written[resource] = record.mod_revision
        await self.after_write(record, resource, parts[4] if len(parts) == _NAMESPACED_PARTS else "", deleted)
        return record

    def watch(self, prefix: str, after_revision: int) -> AbstractAsyncContextManager[Watch]:
        return self.behind.watch(prefix, after_revision)

    async def compact(self, revision: int) -> None:
        await self.behind.compact(revision)

    def statistics(self) -> Statistics:
        return self.behind.statistics()

    async def close(self) -> None:
        await self.behind.close()
