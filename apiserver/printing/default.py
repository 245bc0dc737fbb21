"""How a kind without columns of its own is printed."""

from datetime import datetime
from typing import Any

from apiserver.printing.columns import AGE, NAME, Cell, age

JSONObject = dict[str, Any]


class DefaultPrinter:
    """Name and age, as upstream's ``rest.NewDefaultTableConvertor`` prints what it has no printer for."""

    columns = (NAME, AGE)

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        return [obj["metadata"].get("name", ""), age(obj, now)]
