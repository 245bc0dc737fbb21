"""The start of a cluster, and the way back to it."""

from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.errors import Conflict, NotFound, StatusError
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reset did: how many objects it removed and put back."""

    removed: int
    restored: int


class StartState:
    """Remembers what there is at the start, and brings it back.

    What goes at a reset goes at once: no grace periods, no finalizers, no admission. Everybody who watches is told.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
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

        A controller that has not heard yet of an owner's end may make something for it once more: that goes as well.
        Raises 409 when there is no start to go back to.
        """
        if not self._saved:
            raise Conflict("there is no start state to go back to: POST /debug/start-state takes one")
        removed = restored = quiet = 0
        for _ in range(_MOST_ROUNDS):
            gone, back = await self._remove(), await self._restore()
            removed, restored = removed + gone, restored + back
            quiet = 0 if gone or back else quiet + 1
            if quiet == _QUIET_ROUNDS:
                break
            # Those who watch need a turn to hear of it.
            await self._context.clock.sleep(_PAUSE_SECONDS)
        return Outcome(removed, restored)

    async def _all(self) -> list[tuple[ResourceInfo, Record]]:
        """Return all objects, in the order in which they are to go."""
        # Several versions of a kind are stored in one place.
        places = {info.prefix(): info for info in self._context.registry if info.hub is None and "list" in info.verbs}
        found: list[tuple[ResourceInfo, Record]] = []
        for info in sorted(places.values(), key=lambda info: rules.order((info.group, info.plural))):
            listed = await self._context.objects.list(info, "", ListOptions())
            found += [(info, record) for record in listed.records]
        return found

    async def _remove(self) -> int:
        removed = 0
        for info, record in await self._all():
            resource = (info.group, info.plural)
            if record.key in self._saved or rules.is_own(resource, *_place(info, record.key), record.labels):
                continue
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


def _place(info: ResourceInfo, key: str) -> tuple[str, str]:
    """Return the namespace, empty for none, and the name that a key is for."""
    namespace, slash, name = key.removeprefix(info.prefix()).partition("/")
    return (namespace, name) if slash else ("", namespace)
