"""When a CronJob is due: schedules as ``github.com/robfig/cron/v3`` reads them in its standard form.

What the five fields mean on a calendar is cronsim's work. It follows Debian's cron; where robfig's reading differs, the
text is put in words that both read alike (:func:`_alike`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from apimachinery.duration import parse_duration

NAMED: Mapping[str, str] = MappingProxyType({
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
})
_EVERY = "@every "
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


class Schedule(Protocol):
    def next(self, after: datetime) -> datetime | None:
        """Return the first moment after ``after``, in UTC; ``None`` when there is none for decades."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """``@every 90s``: a constant distance, whole seconds, one at least."""

    seconds: int

    def next(self, after: datetime) -> datetime | None:
        return after.replace(microsecond=0) + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Five fields, on the clock of a time zone.

    An hour that the clock leaves out is left out here, and one that it shows twice is there twice.
    """

    fields: str
    zone: ZoneInfo

    def next(self, after: datetime) -> datetime | None:
        # With a field for seconds cronsim does not do what Debian does when clocks are changed.
        moments = CronSim(f"0 {self.fields}", after.astimezone(self.zone))
        found = next(moments, None)
        return found.astimezone(UTC) if found is not None else None


def parse(text: str, zone: str | None = None) -> Schedule:
    """Read a schedule; raise ``ValueError`` when it or the time zone cannot be read. No zone is UTC."""
    if text.startswith(_EVERY):
        return Every(max(1, int(parse_duration(text.removeprefix(_EVERY)))))
    if text.startswith("@") and text not in NAMED:
        raise ValueError(f"unrecognized descriptor: {text}")
    fields = NAMED.get(text, text).split()
    if len(fields) != len(_LIMITS):
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    alike = " ".join(_alike(field, *limits) for field, limits in zip(fields, _LIMITS, strict=True))
    calendar = Calendar(alike, ZoneInfo(zone or "UTC"))
    try:
        calendar.next(datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(str(error)) from error
    return calendar


def _alike(field: str, low: int, high: int) -> str:
    """Return ``field`` without ``?``, and with the ranges written out that steps are taken of.

    Of days with a step, ``*/2``, robfig lets the other field of days choose too; and a step from one day on ends on
    Saturday, not on a Sunday with the number 7.
    """
    parts = []
    for part in field.split(","):
        span, slash, step = part.partition("/")
        span = "*" if span == "?" else span
        if slash and step != "1":
            first = str(low) if span == "*" else span
            span = first if "-" in first else f"{first}-{high}"
            parts.append(f"{span}/{step}")
        else:
            parts.append(span if not slash or span == "*" or "-" in span else f"{span}-{high}")
    # A star anywhere makes it a field that leaves the choice to the other one.
    return "*" if "*" in parts else ",".join(parts)
