"""A cache of one resource, kept in step with the server by list and watch.

The shape of client-go's reflector and shared informer (v0.36), in one object: list, then watch from the list's
revision; on a dropped connection watch again from the last revision seen; on 410 list again and tell handlers
only what really changed.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from apimachinery.errors import Expired, StatusError
from apimachinery.types.base import Object
from kubeclient.backoff import Backoff
from kubeclient.client import Client, decode
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import Readable, Resource
from kubeclient.watching import Change

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Readable)

SHORTEST_WATCH_SECONDS = 1.0
"""A watch that ends sooner than this is followed by a pause, so that a server in trouble is not hammered."""

PAGE_SIZE = 500
"""How many objects are listed at a time where there may be very many, as client-go's reflectors do."""

Index = Callable[[T], Iterable[str]]
"""The values under which an object is found; an empty iterable leaves it out of the index."""


class Cache(Generic[T]):
    """The objects an informer has seen, by key and by any index. Read-only for everyone but the informer.

    Objects are shared between readers: copy one (``model_copy(deep=True)``) before changing it.
    """

    def __init__(self, indexes: Mapping[str, Index[T]] | None = None) -> None:
        self._objects: dict[str, T] = {}
        self._indexers = dict(indexes or {})
        self._indexed: dict[str, dict[str, dict[str, T]]] = {name: defaultdict(dict) for name in self._indexers}

    def add_index(self, name: str, index: Index[T]) -> None:
        """File objects under one more index; only while the cache is empty."""
        if self._objects:
            raise RuntimeError(f"index {name!r} comes too late: the cache has objects already")
        self._indexers[name] = index
        self._indexed.setdefault(name, defaultdict(dict))

    def __len__(self) -> int:
        return len(self._objects)

    def __contains__(self, key: str) -> bool:
        return key in self._objects

    def get(self, key: str) -> T | None:
        """Return the object under ``namespace/name`` (or the bare name), when it is known."""
        return self._objects.get(key)

    def objects(self) -> list[T]:
        return list(self._objects.values())

    def by_index(self, index: str, value: str) -> list[T]:
        """Return the objects that the named index files under ``value``."""
        found = self._indexed[index].get(value)
        return list(found.values()) if found else []

    def index(self, name: str) -> Mapping[str, Mapping[str, T]]:
        """Return the named index itself, which changes with the cache: objects by key, by the value they are under."""
        return self._indexed[name]

    def _replace(self, key: str, new: T | None) -> T | None:
        old = self._objects.get(key)
        for name, indexer in self._indexers.items():
            entries = self._indexed[name]
            values: tuple[str, ...] = ()
            if new is not None:
                values = tuple(indexer(new))
                for value in values:
                    entries[value][key] = new
            if old is not None:
                for value in indexer(old):
                    # Most changes are of something else.
                    if value not in values and (filed := entries.get(value)) is not None:
                        filed.pop(key, None)
                        if not filed:
                            del entries[value]
        if new is None:
            self._objects.pop(key, None)
        else:
            self._objects[key] = new
        return old


class Informer(Generic[T]):
    """Keeps :attr:`cache` in step; ``run()`` does the work and never returns by itself.

    Handlers are plain functions called in the order of events, after the cache has changed; they must be quick
    (put a key in a queue) and must not raise. ``on_change(old, new)`` sees ``old=None`` for an addition and
    ``new=None`` for a deletion. An update that changes no resource version is not reported.

    ``spec_by_generation`` says that a ``spec`` cannot change without its object's generation: it is then decoded
    only when that is another, and otherwise shared with the version before. So it is for pods once they are bound,
    and not for what has no generation.

    ``page_size`` has large collections listed that many objects at a time, so that their JSON is never there as a
    whole; 0 lists all at once.

    >>> pods = Informer(client, PODS, field_selector="spec.nodeName=node-1")   # doctest: +SKIP
    >>> pods.on_change(lambda old, new: queue.add((new or old).key))           # doctest: +SKIP
    >>> async with asyncio.TaskGroup() as group:                               # doctest: +SKIP
    ...     group.create_task(pods.run())
    ...     await pods.wait_synced()
    """

    def __init__(
        self,
        client: Client,
        resource: Resource[T],
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        indexes: Mapping[str, Index[T]] | None = None,
        rng: random.Random | None = None,
        spec_by_generation: bool = False,
        page_size: int = 0,
    ) -> None:
        self.cache: Cache[T] = Cache(indexes)
        self._client = client
        self._resource = resource
        self._namespace = namespace
        self._label_selector = label_selector
        self._field_selector = field_selector
        self._handlers: list[Callable[[T | None, T | None], None]] = []
        self._synced = asyncio.Event()
        self._rng = rng or random.Random()
        self._revision = ""
        self._page_size = page_size
        self._decode = self._decode_changed if spec_by_generation else decode

    def on_change(self, handler: Callable[[T | None, T | None], None]) -> None:
        """Add a handler; only before ``run()``."""
        self._handlers.append(handler)

    async def wait_synced(self) -> None:
        """Return once the first list is in the cache and handlers have seen it."""
        await self._synced.wait()

    @property
    def synced(self) -> bool:
        return self._synced.is_set()

    async def run(self) -> None:
        """List and watch until cancelled. Raises only what trying again cannot mend."""
        clock = self._client.clock
        backoff = Backoff(initial=0.2, limit=10.0, factor=2.0, jitter=0.5, rng=self._rng)
        while True:
            opened = clock.monotonic()
            try:
                if not self._revision:
                    await self._list()
                    backoff.reset()
                await self._watch()
                if clock.monotonic() - opened >= SHORTEST_WATCH_SECONDS:
                    backoff.reset()
                    continue
                logger.debug("%s: the server ended the watch at once", self._resource.plural)
            except Expired as error:
                logger.info("%s: listing again: %s", self._resource.plural, error)
                self._revision = ""
                # The server is there and answers: no reason to stay away from it for long.
                backoff.reset()
            except ConnectionFailed as error:
                logger.info("%s: %s", self._resource.plural, error)
            except StatusError as error:
                logger.warning("%s: the API server refused: %s", self._resource.plural, error)
                self._revision = ""
            await clock.sleep(backoff.next())

    async def _list(self) -> None:
        try:
            listed, revision = await self._list_pages(self._page_size)
        except Expired:
            if not self._page_size:
                raise
            # So much is written meanwhile that the first page's revision is forgotten before the last is read.
            listed, revision = await self._list_pages(0)
        for gone in [obj for obj in self.cache.objects() if obj.key not in listed]:
            self._apply(gone.key, None)
        for key, item in listed.items():
            self._apply(key, item)
        self._revision = revision
        self._synced.set()

    async def _list_pages(self, size: int) -> tuple[dict[str, T], str]:
        listed: dict[str, T] = {}
        continue_token = ""
        while True:
            page = await self._client.list(
                self._resource,
                namespace=self._namespace,
                label_selector=self._label_selector,
                field_selector=self._field_selector,
                limit=size,
                continue_token=continue_token,
            )
            listed.update((item.key, item) for item in page.items)
            continue_token = page.continue_token
            if not continue_token:
                return listed, page.resource_version

    async def _watch(self) -> None:
        async with self._client.watch(
            self._resource,
            resource_version=self._revision,
            namespace=self._namespace,
            label_selector=self._label_selector,
            field_selector=self._field_selector,
        ) as watch:
            async for changes in watch:
                for change in changes:
                    self._handle(change)

    def _decode_changed(self, resource: Resource[T], wire: dict[str, Any]) -> T:
        """Decode a newer version of what may be known already, but for its spec when that is the same."""
        meta = wire["metadata"]
        namespace, name = meta.get("namespace"), meta.get("name")
        known = self.cache.get(f"{namespace}/{name}" if namespace else name)
        if isinstance(known, Object) and known.uid == meta.get("uid"):
            generation = known.metadata.generation
            if generation and generation == meta.get("generation"):
                # What is an object of the model already is taken as it is.
                wire["spec"] = known.spec  # type: ignore[attr-defined]
        return decode(resource, wire)

    def _handle(self, change: Change) -> None:
        if change.object is not None:
            self._apply(change.key, self._decode(self._resource, change.object))
        elif change.key:
            self._apply(change.key, None)
        self._revision = change.resource_version

    def _apply(self, key: str, new: T | None) -> None:
        old = self.cache._replace(key, new)
        if old is None and new is None:
            return
        if old is not None and new is not None:
            if old.resource_version == new.resource_version:
                return
            if old.uid != new.uid:
                # Deleted and created again while nobody looked: handlers must see both.
                self._notify(old, None)
                old = None
        self._notify(old, new)

    def _notify(self, old: T | None, new: T | None) -> None:
        for handler in self._handlers:
            handler(old, new)
