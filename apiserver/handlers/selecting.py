"""Which of a resource's objects a request is about."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from apimachinery.selectors import FieldSelector, Selector
from apiserver.registry.resource import ResourceInfo
from store.interface import Record


@dataclass(frozen=True, slots=True)
class Filter:
    """Labels and fields that are asked for, of objects of one resource."""

    info: ResourceInfo
    labels: Selector
    fields: FieldSelector

    @property
    def empty(self) -> bool:
        return self.labels.empty and self.fields.empty

    def matches(self, record: Record) -> bool:
        return self._fields_match(record) and self.labels.matches(record.labels)

    def choose(self, records: Iterable[Record]) -> list[Record]:
        """Return the records that match, in order."""
        found = list(records)
        if not self.fields.empty:
            found = [record for record in found if self._fields_match(record)]
        if (equality := self.labels.equality) is not None:
            key, value = equality
            found = [record for record in found if record.labels.get(key) == value]
        elif not self.labels.empty:
            found = [record for record in found if self.labels.matches(record.labels)]
        return found

    def _fields_match(self, record: Record) -> bool:
        # A loop, because every watcher asks this of every write, and of what was there before.
        for term in self.fields.requirements:
            value = record.fields.get(term.field)
            if value is None:
                # Written before its definition let this field be selected.
                return self.fields.matches(self.info.stored.strategy.fields(orjson.loads(record.value)))
            if not term.matches(value):
                return False
        return True
