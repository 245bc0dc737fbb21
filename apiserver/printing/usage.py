"""How usage is printed (metrics-server's ``pkg/api/table.go``, v0.8)."""

from collections.abc import Mapping
from typing import Any

from apimachinery.amounts import Amounts, add, amounts
from apiserver.printing.columns import Cell, Column, Printer, RowPrinter, name_of

JSONObject = dict[str, Any]

_COLUMNS = (
    Column("Name", format="name", description="Name of the resource"),
    Column("cpu", format="quantity"),
    Column("memory", format="quantity"),
    Column("Window", format="duration"),
)


def usage_printers() -> Mapping[tuple[str, str], Printer]:
    return {
        ("metrics.k8s.io", "NodeMetrics"): RowPrinter(_COLUMNS, lambda obj, now: _cells(obj, obj)),
        ("metrics.k8s.io", "PodMetrics"): RowPrinter(
            _COLUMNS, lambda obj, now: _cells(obj, *obj.get("containers", ()))
        ),
    }


def _cells(obj: JSONObject, *used: JSONObject) -> list[Cell]:
    total: Amounts = {}
    for entry in used:
        add(total, amounts(entry.get("usage")))
    shown = [str(total[name]) if name in total else "0" for name in ("cpu", "memory")]
    return [name_of(obj), *shown, obj.get("window", "")]
