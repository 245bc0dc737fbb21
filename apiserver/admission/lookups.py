"""What plugins look up again and again: small objects that seldom change, decoded once for each of their states."""

import contextlib
from typing import Any

import orjson

from apimachinery.errors import NotFound
from apiserver.admission.observed import ObservedStore
from apiserver.registry.resource import Registry, ResourceInfo
from apiserver.storage import Objects
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]

_NEWEST = ListOptions()
_MOST_DECODED = 1024
_MOST_LISTS = 1024
_MOST_RECORDS = 1024


class Lookups:
    """Reads of the newest state. The objects returned are shared: nobody may change them."""

    def __init__(self, objects: Objects, registry: Registry, writes: ObservedStore) -> None:
        """``writes`` is the store that the objects are in: what is found is remembered until it is written to."""
        self._objects = objects
        self._registry = registry
        self._writes = writes
        self._lists: dict[tuple[str, str, str], tuple[int, list[JSONObject]]] = {}
        self._infos: dict[tuple[str, str], ResourceInfo] = {}
        self._decoded: dict[str, tuple[int, JSONObject]] = {}
        self._records: dict[tuple[str, str, str, str], tuple[int, Record | None]] = {}

    async def get(self, group: str, plural: str, namespace: str, name: str) -> JSONObject | None:
        """Return an object of a built-in kind in v1; ``None`` when there is none of that name."""
        record = await self.record(group, plural, namespace, name)
        return None if record is None else self._decode(record)

    async def record(self, group: str, plural: str, namespace: str, name: str) -> Record | None:
        """Return the stored state, for what can be told without decoding it: labels and selectable fields."""
        last_write = self._writes.last_write((group, plural))
        known = self._records.get((group, plural, namespace, name))
        if known is not None and known[0] == last_write:
            return known[1]
        record: Record | None = None
        with contextlib.suppress(NotFound):
            record = await self._objects.get(self._info(group, plural), namespace, name)
        if len(self._records) >= _MOST_RECORDS:
            self._records.clear()
        self._records[group, plural, namespace, name] = (last_write, record)
        return record

    async def listed(self, group: str, plural: str, namespace: str = "") -> list[JSONObject]:
        """Return the objects of a built-in kind in v1, by name."""
        last_write = self._writes.last_write((group, plural))
        known = self._lists.get((group, plural, namespace))
        if known is not None and known[0] == last_write:
            return known[1]
        found = await self._objects.list(self._info(group, plural), namespace, _NEWEST)
        decoded = [self._decode(record) for record in found.records]
        if len(self._lists) >= _MOST_LISTS:
            self._lists.clear()
        self._lists[group, plural, namespace] = (last_write, decoded)
        return decoded

    async def read_all(self, group: str, plural: str, namespace: str) -> list[JSONObject]:
        """Do the same without remembering anything, for objects that are many or change all the time."""
        found = await self._objects.list(self._info(group, plural), namespace, _NEWEST)
        return [orjson.loads(record.value) for record in found.records]

    def _info(self, group: str, plural: str) -> ResourceInfo:
        info = self._infos.get((group, plural))
        if info is None:
            found = self._registry.find(group, "v1", plural)
            assert found is not None, f"{plural}.{group} is not served"
            info = self._infos[group, plural] = found
        return info

    def _decode(self, record: Record) -> JSONObject:
        known = self._decoded.get(record.key)
        if known is not None and known[0] == record.mod_revision:
            return known[1]
        if len(self._decoded) >= _MOST_DECODED:
            self._decoded.clear()
        obj: JSONObject = orjson.loads(record.value)
        self._decoded[record.key] = (record.mod_revision, obj)
        return obj
