"""``meta.k8s.io/v1`` Table: what ``kubectl get`` asks for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from apimachinery.errors import BadRequest
from apiserver.printing.columns import MarksRows, Printer

JSONObject = dict[str, Any]


class Table:
    """Renders objects as rows. ``include_object`` is ``Metadata`` (default), ``Object`` or ``None``."""

    def __init__(self, printer: Printer, include_object: str, now: datetime, version: str = "v1") -> None:
        if include_object not in {"", "None", "Metadata", "Object"}:
            raise BadRequest(f'includeObject: Unsupported value: "{include_object}"')
        self._printer = printer
        self._include = include_object or "Metadata"
        self._now = now
        self._api_version = f"meta.k8s.io/{version}"

    def row(self, value: bytes) -> JSONObject:
        obj = orjson.loads(value)
        row: JSONObject = {"cells": self._printer.cells(obj, self._now)}
        if isinstance(self._printer, MarksRows) and (conditions := self._printer.conditions(obj)):
            row["conditions"] = conditions
        if self._include == "Object":
            row["object"] = obj
        elif self._include == "Metadata":
            row["object"] = {
                "kind": "PartialObjectMetadata",
                "apiVersion": self._api_version,
                "metadata": obj["metadata"],
            }
        return row

    def render(
        self,
        values: Sequence[bytes],
        resource_version: str,
        continue_token: str = "",
        remaining: int = 0,
        *,
        with_columns: bool = True,
    ) -> bytes:
        """Return a Table's JSON. A watch repeats the columns only in its first event."""
        metadata: JSONObject = {"resourceVersion": resource_version}
        if continue_token:
            metadata["continue"] = continue_token
            if remaining:
                metadata["remainingItemCount"] = remaining
        return orjson.dumps({
            "kind": "Table",
            "apiVersion": self._api_version,
            "metadata": metadata,
            "columnDefinitions": [column.to_dict() for column in self._printer.columns] if with_columns else [],
            "rows": [self.row(value) for value in values],
        })
