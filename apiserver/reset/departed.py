"""What has gone at a reset, for those who may not have heard of it yet.

A controller that is about to make something reads a cache, which is a moment behind. What it would still make for an
object that has gone at a reset is refused, so that a reset need not wait until everybody has heard of it.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from apiserver.registry.resource import ResourceInfo
from apiserver.reset import rules
from store.interface import Record

JSONObject = dict[str, Any]
Found = Iterable[tuple[ResourceInfo, Sequence[Record]]]

_REMEMBERED_RESETS = 8
_UID = b'"uid":"'


class Departed:
    """The objects that have gone at the last resets."""

    def __init__(self) -> None:
        self._resets: deque[_Reset] = deque(maxlen=_REMEMBERED_RESETS)

    def begin(self) -> None:
        """A reset begins."""
        self._resets.append(_Reset())

    def note(self, found: Found) -> None:
        """These objects go at the reset that has begun."""
        self._resets[-1].note(found)

    def is_late(self, resource: rules.Resource, obj: JSONObject) -> bool:
        """Return whether ``obj``, which somebody is about to make, is about something that has gone.

        What is about an object that it only names may be made again once an object of that name has come again.
        """
        if any(reset.had(uid) for uid in rules.uids_it_is_about(resource, obj) for reset in self._resets):
            return True
        if resource in (rules.SERVICES, rules.STATEFUL_SETS):
            for reset in self._resets:
                reset.came_again(resource, rules.place_of(obj))
        elif resource == rules.ENDPOINTS and rules.is_made_of_a_service(obj):
            return any(rules.place_of(obj) in reset.services for reset in self._resets)
        elif resource == rules.ADDRESSES and rules.is_of_allocator(obj):
            return any(rules.parent_of(obj) in reset.services for reset in self._resets)
        elif resource == rules.CLAIMS and rules.is_made_by_controllers(obj):
            return any(rules.is_claim_of(made, obj) for reset in self._resets for made in reset.stateful_sets.values())
        return False


class _Reset:
    """What has gone at one reset."""

    def __init__(self) -> None:
        self._uids: set[str] = set()
        self._unread: list[Record] = []
        """Those whose uids are read when somebody first asks for one."""
        self.services: set[rules.Place] = set()
        """Where there were Services that have not come again."""
        self.stateful_sets: dict[rules.Place, JSONObject] = {}
        """The StatefulSets that have not come again."""

    def note(self, found: Found) -> None:
        for info, records in found:
            self._unread += records
            if (info.group, info.plural) == rules.SERVICES:
                self.services.update(rules.place_of(orjson.loads(record.value)) for record in records)
            elif (info.group, info.plural) == rules.STATEFUL_SETS:
                decoded = [orjson.loads(record.value) for record in records]
                self.stateful_sets.update((rules.place_of(obj), obj) for obj in decoded)

    def had(self, uid: str) -> bool:
        if self._unread:
            self._uids.update(map(_uid, self._unread))
            self._unread.clear()
        return uid in self._uids

    def came_again(self, resource: rules.Resource, place: rules.Place) -> None:
        if resource == rules.SERVICES:
            self.services.discard(place)
        else:
            self.stateful_sets.pop(place, None)


def _uid(record: Record) -> str:
    """Return the uid of a stored object, before which nothing can stand that looks like one."""
    start = record.value.index(_UID) + len(_UID)
    return record.value[start : record.value.index(b'"', start)].decode()
