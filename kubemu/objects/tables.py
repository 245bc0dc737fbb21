"""The server's tables, as text."""

from collections.abc import Mapping, Sequence
from typing import Any

_GAP = "   "


def rows_of(table: Mapping[str, Any], *, wide: bool, namespaces: bool) -> list[list[str]]:
    """Return headings and cells of a ``Table``: those that matter always, or all when ``wide``.

    ``namespaces`` puts a column before them that tells each object's namespace.
    """
    columns = [
        (number, column["name"].upper())
        for number, column in enumerate(table["columnDefinitions"])
        if wide or not column.get("priority")
    ]
    found = [[heading for _, heading in columns]]
    found += [[_cell(row["cells"][number]) for number, _ in columns] for row in table.get("rows") or ()]
    if namespaces:
        spaces = ["NAMESPACE", *(row["object"]["metadata"].get("namespace", "") for row in table.get("rows") or ())]
        found = [[space, *cells] for space, cells in zip(spaces, found, strict=True)]
    return found


def text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, with each column as wide as its widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
