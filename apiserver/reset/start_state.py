"""The start of a cluster, and the way back to it."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.errors import Cause, Conflict, Forbidden, NotFound, StatusError
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object
from apiserver.registry.resource import ResourceInfo
from apiserver.reset import rules
from store.errors import KeyNotFound
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]

_DELETIONS_AT_A_TIME = 250
_PAUSE_SECONDS = 0.001
_QUIET_ROUNDS = 2
_MOST_ROUNDS = 500
_REMEMBERED_RESETS = 8
_UID = b'"uid":"'


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reset did: how many objects it removed and put back."""

    removed: int
    restored: int


class StartState:
    """Remembers what there is at the start, and brings it back.

    What goes at a reset goes at once: no grace periods, no finalizers, no admission. Everybody who watches is told.
    Requests that are under way for what has gone, such as those of a controller for the rest of a ReplicaSet's pods,
    are refused as in a namespace that ends, which they are made to expect.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._gone: deque[set[str]] = deque(maxlen=_REMEMBERED_RESETS)
        """The uids of what has gone at the last resets."""
        context.objects.check_new = self._check_new
        self._saved: dict[str, tuple[ResourceInfo, Record]] = {}
        self._as_saved: dict[str, int] = {}
        """At which revision an object was found, or made, to be as it was saved."""

    async def remember(self) -> int:
        """Take what is there now for the start; return how many objects that is."""
        self._saved = {record.key: (info, record) for info, record in await self._all()}
        self._as_saved = {key: record.mod_revision for key, (_, record) in self._saved.items()}
        return len(self._saved)

    async def reset(self) -> Outcome:
        """Remove what was not there at the start, put back what was; return when nobody makes anything any more.

        Raises 409 when there is no start to go back to.
        """
        if not self._saved:
            raise Conflict("there is no start state to go back to: POST /debug/start-state takes one")
        self._gone.append(set())

        async def once() -> Outcome:
            return Outcome(await self._remove(), await self._restore())

        return await self._until_quiet(once)

    async def _until_quiet(self, once: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Do something again and again until there has been nothing to do for some rounds; return what was done."""
        removed = restored = quiet = 0
        for _ in range(_MOST_ROUNDS):
            outcome = await once()
            removed, restored = removed + outcome.removed, restored + outcome.restored
            quiet = 0 if outcome.removed or outcome.restored else quiet + 1
            if quiet == _QUIET_ROUNDS:
                break
            # Those who watch need a turn to hear of it.
            await self._context.clock.sleep(_PAUSE_SECONDS)
        return Outcome(removed, restored)

    def _check_new(self, obj: JSONObject) -> None:
        """Refuse what somebody makes who has not heard yet that what it is about has gone."""
        if any(uid in gone for gone in self._gone for uid in rules.uids_it_is_about(obj)):
            raise Forbidden(
                "the object is about another that has gone at a reset",
                causes=[Cause("NamespaceTerminating", "what it is about has gone at a reset", "metadata")],
            )

    async def empty(self, namespace: str) -> Outcome:
        """Remove a namespace and all that is in it; return when nobody makes anything for it any more.

        Raises 403 for a namespace of the cluster's own.
        """
        if namespace in rules.SYSTEM_NAMESPACES:
            raise Forbidden(
                f'namespaces "{namespace}" is forbidden: it is the cluster\'s own', name=namespace, kind="namespaces"
            )

        async def once() -> Outcome:
            return Outcome(await self._remove_from(namespace), 0)

        return await self._until_quiet(once)

    async def _remove_from(self, namespace: str) -> int:
        """Remove a namespace and what there is in it; the namespace itself goes first, lest more be made in it."""
        removed = 0
        for info in self._places():
            if info.namespaced:
                listed = await self._context.objects.list(info, namespace, ListOptions())
                removed += sum([await self._context.objects.drop(info, record) for record in listed.records])
            elif (info.group, info.plural) == ("", "namespaces"):
                record = await self._find(f"{info.prefix()}{namespace}")
                removed += record is not None and await self._context.objects.drop(info, record)
        return removed

    def _places(self) -> list[ResourceInfo]:
        """Return the resources that objects are stored under, in the order in which their objects are to go."""
        # Several versions of a kind are stored in one place.
        places = {info.prefix(): info for info in self._context.registry if info.hub is None and "list" in info.verbs}
        return sorted(places.values(), key=lambda info: rules.order((info.group, info.plural)))

    async def _all(self) -> list[tuple[ResourceInfo, Record]]:
        """Return all objects, in the order in which they are to go."""
        found: list[tuple[ResourceInfo, Record]] = []
        for info in self._places():
            listed = await self._context.objects.list(info, "", ListOptions())
            found += [(info, record) for record in listed.records]
        return found

    async def _remove(self) -> int:
        removed = 0
        for info, record in await self._all():
            resource = (info.group, info.plural)
            if record.key in self._saved or rules.is_own(resource, *_place(info, record.key), record.labels):
                continue
            self._gone[-1].add(_uid(record.value))
            # What has just been written is found in the next round.
            removed += await self._context.objects.drop(info, record)
            if removed % _DELETIONS_AT_A_TIME == 0:
                await self._context.clock.sleep(0)
        return removed

    async def _restore(self) -> int:
        restored = 0
        for key, (info, saved) in self._saved.items():
            now = await self._find(key)
            if now is not None and now.mod_revision == self._as_saved[key]:
                continue
            obj: JSONObject = orjson.loads(saved.value)
            if not rules.is_restored((info.group, info.plural), obj):
                continue
            written = await (self._make(info, obj) if now is None else self._put_back(info, obj))
            if written is not None:
                self._as_saved[key] = written.mod_revision
                restored += now is None or written.mod_revision != now.mod_revision
        return restored

    async def _find(self, key: str) -> Record | None:
        try:
            return await self._context.objects.store.get(key)
        except KeyNotFound:
            return None

    async def _make(self, info: ResourceInfo, saved: JSONObject) -> Record | None:
        try:
            return await create_object(self._context, info, rules.anew(saved), WriteOptions())
        except StatusError:
            # Its time has not come: its namespace or its kind is put back in this round, and served by the next.
            return None

    async def _put_back(self, info: ResourceInfo, saved: JSONObject) -> Record | None:
        async def change(now: JSONObject) -> JSONObject:
            return rules.put_back(saved, now)

        metadata = saved["metadata"]
        try:
            return await self._context.objects.update(info, metadata.get("namespace", ""), metadata["name"], change)
        except NotFound:
            return None


def _uid(value: bytes) -> str:
    """Return the uid of a stored object, before which nothing can stand that looks like one."""
    start = value.index(_UID) + len(_UID)
    return value[start : value.index(b'"', start)].decode()


def _place(info: ResourceInfo, key: str) -> tuple[str, str]:
    """Return the namespace, empty for none, and the name that a key is for."""
    namespace, slash, name = key.removeprefix(info.prefix()).partition("/")
    return (namespace, name) if slash else ("", namespace)
