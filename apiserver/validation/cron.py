"""Schedules of cron jobs, as ``github.com/robfig/cron/v3`` reads them in its standard form."""

import re
import zoneinfo

from apimachinery import go_text

_NAMED = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = re.compile(r"@every ((\d+(\.\d*)?|\.\d+)(ns|us|ms|s|m|h))+")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)


def schedule_problem(text: str) -> str:
    """Return what is wrong with a schedule of five fields or a name like ``@daily``; empty when nothing is."""
    if text.startswith("@"):
        if text in _NAMED or _EVERY.fullmatch(text):
            return ""
        return f"unrecognized descriptor: {text}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for given, (low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in given.split(","):
            if problem := _part_problem(part, low, high, words):
                return problem
    return ""


def _number(text: str) -> int:
    """Read a number; raise ``ValueError`` with what is wrong with it."""
    try:
        number = go_text.integer(text, "Atoi")
    except ValueError as error:
        raise ValueError(f"failed to parse int from {text}: {error}") from None
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number


def _part_problem(part: str, low: int, high: int, words: dict[str, int]) -> str:
    """Check ``*``, ``?``, ``5``, ``1-5``, ``mon-fri``, ``*/15`` or ``10-50/5``."""
    span, slash, step = part.partition("/")
    try:
        if slash and _number(step) == 0:
            return f"step of range should be a positive number: {part}"
    except ValueError as error:
        return str(error)
    if span in {"*", "?"}:
        return ""
    first, dash, last = span.partition("-")
    ends = []
    for text in (first, last) if dash else (first,):
        try:
            ends.append(words[text.lower()] if text.lower() in words else _number(text))
        except ValueError as error:
            return str(error)
    if ends[0] < low:
        return f"beginning of range ({ends[0]}) below minimum ({low}): {part}"
    if ends[-1] > high:
        return f"end of range ({ends[-1]}) above maximum ({high}): {part}"
    if ends[0] > ends[-1]:
        return f"beginning of range ({ends[0]}) beyond end of range ({ends[-1]}): {part}"
    return ""


def time_zone_problem(name: str) -> str:
    """Return what is wrong with the name of a time zone; empty when nothing is."""
    if not name:
        return "must be nil or non-empty string"
    if name.lower() == "local":
        return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    if name != name.strip() or name.startswith("/") or ".." in name:
        return f"unknown time zone {name}"
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"unknown time zone {name}"
    return ""
