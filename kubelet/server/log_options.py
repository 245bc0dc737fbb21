"""Which part of a container's log is asked for, and how it is to be shown (``PodLogOptions``, core/v1).

The order is upstream's (``k8s.io/cri-client/pkg/logs``, v0.36): first the last lines, of those the ones that are new
enough, of those as many bytes as are wanted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apimachinery import go_text
from kubelet.runtime import LogEntry

_STREAMS = {"All": "", "Stdout": "stdout", "Stderr": "stderr"}
_TRUE_IS_NOT = frozenset({"0", "false"})


class UndecodableQuery(ValueError):
    """A parameter cannot be read at all."""


class InvalidOptions(ValueError):
    """The parameters can be read and make no sense."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """``None`` means that there is no such bound; an empty ``stream`` means both."""

    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    since: datetime | None = None
    limit_bytes: int | None = None
    stream: str = ""


def parse(query: Mapping[str, str], now: datetime) -> LogOptions:
    """Read the parameters of a request; raise :class:`UndecodableQuery` or :class:`InvalidOptions`."""
    tail = query.get("tail", "") or query.get("tailLines", "")
    tail_lines = None if query.get("tail") == "all" else _integer(tail)
    seconds, limit = _integer(query.get("sinceSeconds", "")), _integer(query.get("limitBytes", ""))
    since = _time(query.get("sinceTime", ""))
    stream = query.get("stream", "") or "All"
    nonsense = (
        (tail_lines is not None and tail_lines < 0)
        or (limit is not None and limit < 1)
        or (seconds is not None and (seconds < 1 or since is not None))
        or stream not in _STREAMS
        or (stream != "All" and tail_lines is not None)
    )
    if nonsense:
        raise InvalidOptions
    if seconds is not None:
        # Longer ago than anything that can have been logged is the same as no bound.
        since = now - timedelta(seconds=seconds) if seconds < now.timestamp() else None
    return LogOptions(
        follow=_flag(query, "follow"),
        previous=_flag(query, "previous"),
        timestamps=_flag(query, "timestamps"),
        tail_lines=tail_lines,
        since=since,
        limit_bytes=limit,
        stream=_STREAMS[stream],
    )


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name)
    return value is not None and value.lower() not in _TRUE_IS_NOT


def _integer(text: str) -> int | None:
    try:
        return go_text.integer(text) if text else None
    except ValueError:
        raise UndecodableQuery(text) from None


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UndecodableQuery(text) from None
    if read.tzinfo is None:
        raise UndecodableQuery(text)
    return read


class LogWriter:
    """Turns log entries into the bytes that are asked for, until there are as many as are wanted."""

    def __init__(self, options: LogOptions) -> None:
        self._options = options
        self._left = options.limit_bytes
        self._line_begins = True

    @property
    def full(self) -> bool:
        """Whether all bytes that were asked for have been written."""
        return self._left == 0

    def write(self, entries: Iterable[LogEntry]) -> bytes:
        """Return the text of entries that come next."""
        options, parts = self._options, []
        for entry in entries:
            if (options.stream and entry.stream != options.stream) or (
                options.since and entry.timestamp < options.since
            ):
                continue
            if options.timestamps and self._line_begins:
                parts.append(_stamp(entry.timestamp))
            parts.append(entry.line if entry.partial else entry.line + b"\n")
            self._line_begins = not entry.partial
        return self._bounded(b"".join(parts))

    def _bounded(self, text: bytes) -> bytes:
        if self._left is None:
            return text
        text = text[: self._left]
        self._left -= len(text)
        return text


def _stamp(moment: datetime) -> bytes:
    """Return a time with nanoseconds, as the runtime's log files have it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z ".encode()
