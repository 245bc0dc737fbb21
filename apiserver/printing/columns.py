"""What a printer is, and the words that all of them use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol, runtime_checkable

from apimachinery.clock import parse_rfc3339

JSONObject = dict[str, Any]
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's definition; priority 0 is always shown, 1 with ``-o wide``."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0

    def to_dict(self) -> JSONObject:
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        }


NAME = Column("Name", format="name", description="Name of the object, unique within its namespace.")
AGE = Column("Age", description="Time since the object was created.")


class Printer(Protocol):
    """Turns an object into cells, one for each of its columns.

    A missing field reads as Go's zero: not everything that is shown has been validated.
    """

    @property
    def columns(self) -> tuple[Column, ...]: ...

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]: ...


@runtime_checkable
class MarksRows(Protocol):
    """A printer that also says what holds of a row: kubectl hides rows that are ``Completed`` if asked to."""

    def conditions(self, obj: JSONObject) -> list[JSONObject]: ...


@dataclass(frozen=True, slots=True)
class RowPrinter:
    """A printer made of its columns and a function."""

    columns: tuple[Column, ...]
    cells: Callable[[JSONObject, datetime], list[Cell]]


def count(name: str, description: str, priority: int = 0) -> Column:
    """Return a column of whole numbers."""
    return Column(name, type="integer", description=description, priority=priority)


CREATED_AT = Column("Created At", type="date", description="When the object was created.")


def name_of(obj: JSONObject) -> str:
    return str(obj["metadata"].get("name", ""))


def created_at(obj: JSONObject) -> str:
    return str(obj["metadata"].get("creationTimestamp") or "<unknown>")


def condition(obj: JSONObject, kind: str) -> JSONObject | None:
    """Return the object's condition of that type, if it has one."""
    found: JSONObject | None = next(
        (entry for entry in obj.get("status", {}).get("conditions", ()) if entry.get("type") == kind), None
    )
    return found


def template_cells(template: JSONObject) -> tuple[str, str]:
    """Return the names and the images of a pod template's containers."""
    containers = template.get("spec", {}).get("containers", ())
    return (
        ",".join(container.get("name", "") for container in containers),
        ",".join(container.get("image", "") for container in containers),
    )


def labels_text(labels: Mapping[str, str] | None) -> str:
    """Write a plain map of labels; ``<none>`` for none (``labels.FormatLabels``)."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def some(entries: Sequence[str], limit: int, empty: str) -> str:
    """Join the first few entries and count the rest: ``a,b,c + 2 more...``."""
    if not entries:
        return empty
    shown = ",".join(entries[:limit])
    return f"{shown} + {len(entries) - limit} more..." if len(entries) > limit else shown


def age(obj: JSONObject, now: datetime) -> str:
    """Return how long ago the object was created, as kubectl writes it."""
    return since(obj["metadata"].get("creationTimestamp"), now)


def since(timestamp: str | None, now: datetime) -> str:
    if not timestamp:
        return "<unknown>"
    return human_duration((now - parse_rfc3339(timestamp)).total_seconds())


def human_duration(seconds: float) -> str:
    """Shorten a duration to at most two units (``k8s.io/apimachinery/pkg/util/duration``)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 60 * 2:
        return f"{whole}s"
    if minutes < 10:
        return _pair(minutes, "m", whole % 60, "s")
    if minutes < 60 * 3:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        return _pair(days, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{days}d"
    if hours < 24 * 365 * 8:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def label_selector_text(selector: JSONObject | None) -> str:
    """Write an object's label selector as text; ``<none>`` when it selects everything or is absent."""
    if not selector:
        return "<none>"
    terms = [(key, f"{key}={value}") for key, value in selector.get("matchLabels", {}).items()]
    for requirement in selector.get("matchExpressions", []):
        key, values = requirement.get("key", ""), ",".join(sorted(requirement.get("values", [])))
        written = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        terms.append((key, written.get(requirement.get("operator", ""), key)))
    return ",".join(text for _, text in sorted(terms, key=itemgetter(0))) or "<none>"
