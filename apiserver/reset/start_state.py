"""The start of a cluster, and the way back to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.errors import Cause, Conflict, Forbidden, NotFound, StatusError
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object
from apiserver.registry.resource import ResourceInfo
from apiserver.reset import rules
from apiserver.reset.departed import Departed
from store.errors import KeyNotFound
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]

_AT_A_TIME = 4000
"""How many objects of a kind go in one step: fewer than may wait for a watcher before it is cut off."""

_MOST_TURNS = 10_000
_PAUSE_SECONDS = 0.001
_TRIES_FOR_LACKING = 3
_NEWEST = ListOptions()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reset did: how many objects it removed and put back."""

    removed: int
    restored: int


@dataclass(frozen=True, slots=True)
class _Restored:
    """How many objects have been put back, and whether there are some that could not be."""

    written: int
    lacking: bool


class StartState:
    """Remembers what there is at the start, and brings it back.

    What goes at a reset goes at once: no grace periods, no finalizers, no admission. Everybody who watches is told.
    Requests that come later for what has gone, such as those of a controller for the rest of a ReplicaSet's pods,
    are refused as in a namespace that ends, which they are made to expect.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._departed = Departed()
        context.objects.check_new = self._check_new
        self._saved: dict[str, tuple[ResourceInfo, Record]] = {}
        self._as_saved: dict[str, int] = {}
        """At which revision an object was found, or made, to be as it was saved."""

    async def remember(self) -> int:
        """Take what is there now for the start; return how many objects that is."""
        listed = [(info, await self._list(info)) for info in self._places()]
        self._saved = {record.key: (info, record) for info, records in listed for record in records}
        self._as_saved = {key: record.mod_revision for key, (_, record) in self._saved.items()}
        return len(self._saved)

    async def reset(self) -> Outcome:
        """Remove what was not there at the start, and put back what was.

        Raises 409 when there is no start to go back to.
        """
        if not self._saved:
            raise Conflict("there is no start state to go back to: POST /debug/start-state takes one")
        self._departed.begin()
        removed, now = await self._remove_strangers(), await self._restore()
        restored, tries = now.written, 1
        while now.lacking and tries < _TRIES_FOR_LACKING:
            # Who is to serve, or to admit, what is lacking needs a turn to hear of what has been put back.
            await self._context.clock.sleep(_PAUSE_SECONDS)
            removed += await self._remove_strangers()
            now = await self._restore()
            restored += now.written
            tries = 1 if now.written else tries + 1
        return Outcome(removed, restored)

    def _check_new(self, info: ResourceInfo, obj: JSONObject) -> None:
        """Refuse what somebody makes who has not heard yet that what it is about has gone."""
        if self._departed.is_late((info.group, info.plural), obj):
            raise Forbidden(
                "the object is about another that has gone at a reset",
                causes=[Cause("NamespaceTerminating", "what it is about has gone at a reset", "metadata")],
            )

    async def empty(self, namespace: str) -> Outcome:
        """Remove a namespace and all that is in it.

        Raises 403 for a namespace of the cluster's own.
        """
        if namespace in rules.SYSTEM_NAMESPACES:
            raise Forbidden(
                f'namespaces "{namespace}" is forbidden: it is the cluster\'s own', name=namespace, kind="namespaces"
            )
        self._departed.begin()
        found = []
        for info in self._places():
            if info.namespaced:
                found.append((info, await self._list(info, namespace)))
            elif (info.group, info.plural) == ("", "namespaces"):
                record = await self._find(f"{info.prefix()}{namespace}")
                found.append((info, [record] if record is not None else []))
        return Outcome(await self._drop(found), 0)

    def _places(self) -> list[ResourceInfo]:
        """Return the resources that objects are stored under, in the order in which their objects are to go."""
        # Several versions of a kind are stored in one place.
        places = {info.prefix(): info for info in self._context.registry if info.hub is None and "list" in info.verbs}
        return sorted(places.values(), key=lambda info: rules.order((info.group, info.plural)))

    async def _list(self, info: ResourceInfo, namespace: str = "") -> Sequence[Record]:
        return (await self._context.objects.list(info, namespace, _NEWEST)).records

    async def _remove_strangers(self) -> int:
        """Remove what was not there at the start and is not the cluster's own; return how much that was."""
        places, removed = self._places(), 0
        definitions = next(info for info in places if info.plural == "customresourcedefinitions")
        if kinds := self._strangers(definitions, await self._list(definitions)):
            removed += await self._drop([(definitions, kinds)])
            # Objects of a kind that is still served could come until the last moment.
            await self._until_not_served(kinds)
        return removed + await self._drop([(info, self._strangers(info, await self._list(info))) for info in places])

    def _strangers(self, info: ResourceInfo, records: Sequence[Record]) -> list[Record]:
        """Return the objects of a resource that were not there at the start and are not the cluster's own."""
        resource, prefix, saved = (info.group, info.plural), info.prefix(), self._saved
        if resource == rules.ADDRESSES:
            new = [record for record in records if record.key not in saved]
            return [record for record in new if not rules.is_of_own_service(orjson.loads(record.value))]
        near: tuple[str, ...] = (prefix,)
        if info.namespaced:
            near = tuple(info.prefix(name) for name in rules.SYSTEM_NAMESPACES if rules.may_be_own(resource, name))
        return [
            record
            for record in records
            if (key := record.key) not in saved
            and not (key.startswith(near) and rules.is_own(resource, *_place(prefix, key), record.labels))
        ]

    async def _drop(self, found: Sequence[tuple[ResourceInfo, Sequence[Record]]]) -> int:
        """Remove objects in one step, or in as many as a watcher of them can follow; return how many went."""
        removed = start = 0
        self._departed.note(found)
        while part := [(info, some) for info, records in found if (some := records[start : start + _AT_A_TIME])]:
            if start:
                await self._context.clock.sleep(0)
            removed += await self._context.objects.drop_all(part)
            start += _AT_A_TIME
        return removed

    async def _until_not_served(self, definitions: Sequence[Record]) -> None:
        """Return once the server has heard that there are no such custom resources any more."""
        specs = [orjson.loads(record.value)["spec"] for record in definitions]
        kinds = {(spec["group"], spec["names"]["plural"]) for spec in specs}
        for _ in range(_MOST_TURNS):
            # A definition may have asked for the names of a built-in kind, and not been granted them.
            if not any(info.struct is None and (info.group, info.plural) in kinds for info in self._context.registry):
                return
            await self._context.clock.sleep(0)

    async def _restore(self) -> _Restored:
        """Put back what was there at the start and is gone or another."""
        restored, lacking = 0, False
        for key, (info, saved) in self._saved.items():
            now = await self._find(key)
            if now is not None and now.mod_revision == self._as_saved[key]:
                continue
            obj: JSONObject = orjson.loads(saved.value)
            if not rules.is_restored((info.group, info.plural), obj):
                continue
            written = await (self._make(info, obj) if now is None else self._put_back(info, obj))
            if written is None:
                lacking = True
                continue
            self._as_saved[key] = written.mod_revision
            restored += now is None or written.mod_revision != now.mod_revision
        return _Restored(restored, lacking)

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


def _place(prefix: str, key: str) -> rules.Place:
    """Return the namespace, empty for none, and the name that a key is for."""
    namespace, slash, name = key.removeprefix(prefix).partition("/")
    return (namespace, name) if slash else ("", namespace)
