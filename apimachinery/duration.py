"""Durations as Go writes them: ``300ms``, ``1m30s`` (``time.ParseDuration``)."""

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")
_LARGEST_SECONDS = (2**63 - 1) / 1e9


def parse_duration(text: str) -> float:
    """Return the seconds that a text such as ``-1.5h`` stands for.

    Raises ``ValueError`` in Go's words: ``time: invalid duration "x"``.
    """
    invalid = ValueError(f'time: invalid duration "{text}"')
    sign, rest = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    seconds, end = 0.0, 0
    while end < len(rest):
        part = _PART.match(rest, end)
        if part is None:
            raise invalid
        number, unit = part.groups()
        if not unit:
            raise ValueError(f'time: missing unit in duration "{text}"')
        if unit not in _UNITS:
            raise ValueError(f'time: unknown unit "{unit}" in duration "{text}"')
        seconds += float(number) * _UNITS[unit]
        end = part.end()
    if not rest or seconds > _LARGEST_SECONDS:
        raise invalid
    return sign * seconds


def go_duration(seconds: float) -> str:
    """Format as Go's ``time.Duration``: ``10s``, ``2m40s``, ``1h0m0s``, ``1.5s``, ``12ms``."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.6g}ms"
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    rest = f"{seconds - whole + whole % 60:.6g}s"
    if hours:
        return f"{hours}h{minutes}m{rest}"
    return f"{minutes}m{rest}" if minutes else rest
