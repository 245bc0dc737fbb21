"""The ConfigMaps and Secrets that a node's pods refer to, kept in step with the API server.

After the watching managers of ``pkg/kubelet/configmap`` and ``secret`` (v1.36): an object is followed by one watch for
all pods that use it, from its first use to the end of the last of them. One that says it is immutable is not watched
further. The cluster's root certificates, which every pod with a token uses, are followed by one watch for all
namespaces.
"""

import asyncio
import base64
import binascii
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from apimachinery.errors import NotFound, StatusError
from apimachinery.types.config import ConfigMap, Secret
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.informer import Informer
from kubeclient.resources import CONFIGMAPS, SECRETS, Resource
from kubelet.environment import ConfigError, Source, SourceKind, SourceValues

_Object = TypeVar("_Object", ConfigMap, Secret)

SYNC_SECONDS = 1.0
"""How long a reader waits for an object's first sight."""

ROOT_CERTIFICATES = Source(SourceKind.CONFIG_MAP, "kube-root-ca.crt")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a ConfigMap or Secret, decoded: ``text`` for variables, ``files`` for volumes."""

    text: Mapping[str, str]
    files: Mapping[str, bytes]


class Unavailable(ConfigError):
    """The API server does not say what is in the object, or what it says cannot be used."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What one watch follows; an empty namespace stands for all of them."""

    source: Source
    namespace: str


@lru_cache(maxsize=256)
def _same(*places: _Place) -> tuple[_Place, ...]:
    """Return one and the same tuple for equal ones: pods by the thousand use the same."""
    return places


class _Followed:
    """One watch and the pods it is for."""

    def __init__(self, place: _Place, informer: "Informer[ConfigMap] | Informer[Secret]") -> None:
        self.place = place
        self.informer = informer
        self.task: asyncio.Task[None] | None = None
        self.users: dict[str, str] = {}
        """The namespaces of the pods that use it, by their uids."""
        self.decoded: dict[str, tuple[str, Contents]] = {}
        """By the object's key: its version, and what is in that."""

    def contents(self, found: ConfigMap | Secret) -> Contents:
        version = found.metadata.resource_version
        known = self.decoded.get(found.key)
        if known is None or known[0] != version:
            known = self.decoded[found.key] = (version, _decoded(found))
        return known[1]


class ConfigSources:
    """Reads ConfigMaps and Secrets, each followed for as long as a pod uses it; ``run()`` does the following.

    One such object can serve all nodes of a process, since a pod is known by its uid.
    """

    def __init__(self, client: Client, rng: random.Random) -> None:
        self._client = client
        self._rng = rng
        self._group: asyncio.TaskGroup | None = None
        self._followed: dict[_Place, _Followed] = {}
        self._used: dict[str, tuple[_Place, ...]] = {}
        self._handlers: list[Callable[[str], None]] = []

    def on_change(self, handler: Callable[[str], None]) -> None:
        """Call ``handler`` with the uid of every pod whose object has changed, appeared or gone."""
        self._handlers.append(handler)

    def remove_handler(self, handler: Callable[[str], None]) -> None:
        """Undo :meth:`on_change`."""
        self._handlers.remove(handler)

    async def run(self) -> None:
        """Own the watches until cancelled; nothing can be read before that."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    async def read(self, uid: str, namespace: str, sources: Iterable[Source]) -> SourceValues:
        """Return the entries of each source as text, ``None`` for one that is not there.

        Raises :class:`~kubelet.environment.ConfigError` when the API server refuses or does not answer.
        """
        found = {source: await self.contents(uid, namespace, source) for source in sources}
        return {source: contents.text if contents is not None else None for source, contents in found.items()}

    async def contents(self, uid: str, namespace: str, source: Source) -> Contents | None:
        """Return what is in an object for a pod, ``None`` when it is not there; follow it from now on.

        Raises :class:`Unavailable` when the API server has not said so within a second.
        """
        followed = self._follow(uid, namespace, source)
        if not followed.informer.synced:
            try:
                async with self._client.clock.timeout(SYNC_SECONDS):
                    await followed.informer.wait_synced()
            except TimeoutError:
                raise _not_synced(source) from None
        found = followed.informer.cache.get(f"{namespace}/{source.name}")
        if found is None:
            # The pod may have been faster than the watch.
            return await self._ask(namespace, source)
        if found.immutable and followed.task is not None:
            followed.task.cancel()
            followed.task = None
        return followed.contents(found)

    def release(self, uid: str) -> None:
        """A pod is gone: what only it used is no longer followed."""
        for place in self._used.pop(uid, ()):
            followed = self._followed[place]
            del followed.users[uid]
            if not followed.users:
                del self._followed[place]
                if followed.task is not None:
                    followed.task.cancel()

    def statistics(self) -> Mapping[str, int]:
        """Return how many objects are followed, by how many watches, for how many pods."""
        return {
            "followed": len(self._followed),
            "watches": sum(followed.task is not None for followed in self._followed.values()),
            "pods": len(self._used),
        }

    def _follow(self, uid: str, namespace: str, source: Source) -> _Followed:
        place = _Place(source, "" if source == ROOT_CERTIFICATES else namespace)
        followed = self._followed.get(place)
        if followed is None:
            followed = self._followed[place] = self._open(place)
        if uid not in followed.users:
            followed.users[uid] = namespace
            self._used[uid] = _same(*self._used.get(uid, ()), followed.place)
        return followed

    def _open(self, place: _Place) -> _Followed:
        if place.source.kind is SourceKind.CONFIG_MAP:
            return self._started(place, self._informer(CONFIGMAPS, place))
        return self._started(place, self._informer(SECRETS, place))

    def _informer(self, resource: Resource[_Object], place: _Place) -> Informer[_Object]:
        selector = f"metadata.name={place.source.name}"
        return Informer(self._client, resource, namespace=place.namespace, field_selector=selector, rng=self._rng)

    def _started(self, place: _Place, informer: "Informer[ConfigMap] | Informer[Secret]") -> _Followed:
        followed = _Followed(place, informer)

        def note(old: ConfigMap | Secret | None, new: ConfigMap | Secret | None) -> None:
            changed = new or old
            assert changed is not None
            if new is None:
                followed.decoded.pop(changed.key, None)
            where = changed.metadata.namespace
            for uid in [uid for uid, namespace in followed.users.items() if namespace == where]:
                for handler in self._handlers:
                    handler(uid)

        informer.on_change(note)
        if self._group is None:
            raise RuntimeError("ConfigMaps and Secrets are followed inside run()")
        name = f"watch {place.source.kind.value} {place.source.name}"
        followed.task = self._group.create_task(informer.run(), name=name)
        return followed

    async def _ask(self, namespace: str, source: Source) -> Contents | None:
        try:
            if source.kind is SourceKind.CONFIG_MAP:
                config_map = await self._client.get(CONFIGMAPS, source.name, namespace=namespace)
                return _decoded(config_map)
            secret = await self._client.get(SECRETS, source.name, namespace=namespace)
            return _decoded(secret)
        except NotFound:
            return None
        except StatusError as error:
            raise Unavailable(str(error)) from error
        except ConnectionFailed as error:
            raise _not_synced(source) from error


def _not_synced(source: Source) -> Unavailable:
    noun = source.kind.value.lower()
    return Unavailable(f"failed to sync {noun} cache: timed out waiting for the condition")


def _decoded(found: ConfigMap | Secret) -> Contents:
    try:
        if isinstance(found, Secret):
            files = {key: base64.b64decode(value, validate=True) for key, value in found.data.items()}
            return Contents({key: value.decode(errors="replace") for key, value in files.items()}, files)
        binary = {key: base64.b64decode(value, validate=True) for key, value in found.binary_data.items()}
    except binascii.Error as error:
        raise Unavailable(f"a value is not base64: {error}") from error
    return Contents(found.data, {key: value.encode() for key, value in found.data.items()} | binary)
