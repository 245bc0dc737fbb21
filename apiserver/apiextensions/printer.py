"""A custom resource's own columns (``apiextensions-apiserver/pkg/registry/customresource/tableconvertor``, v0.36)."""

from datetime import datetime
from typing import Any

import orjson

from apiserver.apiextensions.jsonpath import JSONPath, parse
from apiserver.printing.columns import NAME, Cell, Column, since

JSONObject = dict[str, Any]

_AGE = {
    "name": "Age",
    "type": "date",
    "jsonPath": ".metadata.creationTimestamp",
    "description": "Time since the object was created.",
}


class CustomResourcePrinter:
    """Prints the name and ``additionalPrinterColumns``; the age alone when there are none."""

    def __init__(self, columns: list[JSONObject]) -> None:
        declared = columns or [_AGE]
        self._paths: list[tuple[str, JSONPath]] = [(entry["type"], parse(entry["jsonPath"])) for entry in declared]
        self.columns = (
            NAME,
            *(
                Column(
                    entry["name"],
                    entry["type"],
                    entry.get("format", ""),
                    entry.get("description")
                    or f"Custom resource definition column (in JSONPath format): {entry['jsonPath']}",
                    entry.get("priority", 0),
                )
                for entry in declared
            ),
        )

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        return [obj["metadata"]["name"], *(_cell(kind, path.find(obj), now) for kind, path in self._paths)]


def _cell(kind: str, found: list[Any], now: datetime) -> Cell:
    """Return the cell of a column's type; what does not fit it is left empty. Of several values the first counts."""
    if not found or found[0] is None:
        return None
    value = found[0]
    match kind:
        case "string":
            return _text(value)
        case "date":
            try:
                return since(str(value), now)
            except ValueError:
                return "<invalid>"
        case "boolean":
            return value if isinstance(value, bool) else None
        case "integer":
            return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case _:
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
