"""Objects as the API server shows them, with what the scheduler is about to write laid over them."""

from typing import Generic, TypeVar

from apimachinery.types.base import Object
from kubeclient.informer import Informer

T = TypeVar("T", bound=Object)


class AssumedObjects(Generic[T]):
    """What a decision reads, so that the next one counts what this one has decided.

    An assumed object stands in for the one it was made of until the API server shows a newer one, whoever wrote that.
    Follows ``pkg/scheduler/util/assumecache`` (v1.36).
    """

    def __init__(self, informer: Informer[T]) -> None:
        self._cache = informer.cache
        self._assumed: dict[str, T] = {}
        informer.on_change(self._changed)

    def __len__(self) -> int:
        """Return how many objects are assumed."""
        return len(self._assumed)

    def get(self, key: str) -> T | None:
        """Return the object, the assumed one where there is one."""
        return self._assumed.get(key) or self._cache.get(key)

    def shown(self, key: str) -> T | None:
        """Return the object as the API server shows it."""
        return self._cache.get(key)

    def by_index(self, index: str, value: str) -> list[T]:
        """Return the objects that the named index of the informer files under ``value``."""
        return [self._assumed.get(found.key, found) for found in self._cache.by_index(index, value)]

    def assume(self, changed: T) -> None:
        """Take a changed copy of the object for it; one that is not the newest is not taken."""
        shown = self._cache.get(changed.key)
        if shown is not None and shown.metadata.resource_version == changed.metadata.resource_version:
            self._assumed[changed.key] = changed

    def restore(self, key: str) -> None:
        """Forget what was assumed."""
        self._assumed.pop(key, None)

    def _changed(self, old: T | None, new: T | None) -> None:
        found = new or old
        assert found is not None
        self._assumed.pop(found.key, None)
