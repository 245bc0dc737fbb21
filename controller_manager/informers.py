"""One informer per kind, shared by all controllers (``k8s.io/client-go/informers``' factory, v0.36)."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from apimachinery.tasks import guard
from apimachinery.types.base import Object
from apimachinery.types.pod import Pod
from controller_manager.slim_pods import SlimPod
from kubeclient.client import Client
from kubeclient.informer import PAGE_SIZE, Cache, Index, Informer
from kubeclient.resources import Resource

T = TypeVar("T", bound=Object)
Handler = Callable[[T | None, T | None], None]


def _slim(resource: Resource[T]) -> Resource[T]:
    """Return how the objects of a resource are read: of pods there can be very many."""
    return replace(resource, model=cast("type[T]", SlimPod)) if resource.model is Pod else resource


class Informers:
    """Hands out informers while controllers are built, then runs each of them once."""

    def __init__(self, client: Client, rng: random.Random) -> None:
        self._client = client
        self._rng = rng
        self._informers: dict[str, Informer[Any]] = {}
        self._models: dict[str, type[Object]] = {}
        self._running: asyncio.TaskGroup | None = None
        self._late: dict[str, tuple[Informer[Any], asyncio.Task[Any]]] = {}

    def informer(
        self, resource: Resource[T], indexes: Mapping[str, Index[T]] | None = None, *, field_selector: str = ""
    ) -> Informer[T]:
        """Return the informer of ``resource``, with ``indexes`` added to those it has.

        Two controllers that give an index the same name must mean the same function. ``field_selector`` makes it
        another informer, of the objects that it selects. Only before :meth:`run`.
        """
        path = f"{resource.path()}?{field_selector}" if field_selector else resource.path()
        if path not in self._informers:
            self._informers[path] = Informer(
                self._client, _slim(resource), field_selector=field_selector, rng=self._rng, page_size=PAGE_SIZE
            )
            self._models[path] = resource.model
        if self._models[path] is not resource.model:
            raise TypeError(
                f"{path} is read as {self._models[path].__name__} of {self._models[path].__module__} already"
            )
        found = cast("Informer[T]", self._informers[path])
        for name, index in (indexes or {}).items():
            found.cache.add_index(name, index)
        return found

    def start(self, resource: Resource[T], indexes: Mapping[str, Index[T]], handler: Handler[T]) -> Cache[T]:
        """Start an informer of a kind that has appeared while the others run, and return its cache.

        It is its caller's alone, and nobody waits for it.
        """
        if self._running is None:
            raise RuntimeError("informers that are started late need the others to run")
        path = resource.path()
        informer = Informer(self._client, resource, indexes=indexes, rng=self._rng)
        informer.on_change(handler)
        task = self._running.create_task(guard(informer.run(), f"informer of {path}"), name=f"informer {path}")
        self._late[path] = (informer, task)
        return informer.cache

    def stop(self, resource: Resource[T]) -> list[T]:
        """Stop an informer that was started late, and return what was in its cache."""
        informer, task = self._late.pop(resource.path())
        task.cancel()
        return informer.cache.objects()

    @property
    def synced(self) -> bool:
        """Whether every kind has been listed."""
        return all(informer.synced for informer in self._informers.values())

    async def wait_synced(self) -> None:
        for informer in self._informers.values():
            await informer.wait_synced()

    async def run(self) -> None:
        """Keep all caches in step until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._running = group
            for path, informer in self._informers.items():
                group.create_task(guard(informer.run(), f"informer of {path}"), name=f"informer {path}")

    def statistics(self) -> dict[str, int]:
        """Return how many objects of each kind are cached, by the kind's path."""
        known = {**self._informers, **{path: informer for path, (informer, _) in self._late.items()}}
        return {path: len(informer.cache) for path, informer in known.items()}
