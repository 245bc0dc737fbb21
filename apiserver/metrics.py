"""What ``/metrics`` counts, under upstream's names (``k8s.io/apiserver/pkg/endpoints/metrics``, v0.36).

Counting happens on every request, so it is plain additions on objects found by one look-up; what Prometheus makes of
them is worked out when somebody asks (:mod:`apiserver.exposition`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from componentbase.histogram import Histogram

DURATION_BOUNDS = (
    *(0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0),
    *(5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0),
)
"""Upper bounds of the buckets of ``apiserver_request_duration_seconds``."""

SIZE_BOUNDS = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
"""Upper bounds of the buckets of ``apiserver_response_sizes``."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What tells one series of requests from another."""

    verb: str
    group: str
    version: str
    resource: str
    subresource: str
    scope: str
    dry_run: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """Those of ``verb, group, version, resource, subresource, scope, component``."""
        return (self.verb, self.group, self.version, self.resource, self.subresource, self.scope, "apiserver")


class Series:
    """The requests that share their labels."""

    __slots__ = ("codes", "durations", "labels", "sizes", "underway")

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.codes: dict[int, int] = {}
        self.durations = Histogram(DURATION_BOUNDS)
        self.sizes = Histogram(SIZE_BOUNDS) if labels.verb in {"GET", "LIST"} else None
        self.underway = 0
        """Open watches and proxied requests; requests that end soon are not counted here."""

    def record(self, code: int, seconds: float, size: int) -> None:
        """Count an answer of ``size`` bytes that was complete ``seconds`` after its request had come."""
        self.codes[code] = self.codes.get(code, 0) + 1
        self.durations.observe(seconds)
        if self.sizes is not None:
            self.sizes.observe(size)


class Metrics:
    """All that one server counts. No label's value is a client's invention, so there are only so many series."""

    def __init__(self) -> None:
        self.requests: dict[Labels, Series] = {}
        self.terminations: dict[tuple[Labels, int], int] = {}
        """Requests that were refused or cut off before a handler had answered them, with their code."""
        self.watch_events: dict[tuple[str, str, str], int] = {}
        """Events sent to watchers, by group, version and resource."""
        self._found: dict[tuple[str, ...], Series] = {}

    def series(self, verb: str, group: str, version: str, resource: str, subresource: str, scope: str) -> Series:
        """Return where requests with these labels are counted."""
        key = (verb, group, version, resource, subresource, scope)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._series(Labels(*key))
        return found

    def dry_run(self, series: Series) -> Series:
        """Return where those requests of a series are counted that were only tried."""
        labels = series.labels
        return self._series(replace(labels, dry_run="All"))

    def watch_counter(self, group: str, version: str, resource: str) -> Callable[[int], None]:
        """Return what is to be told of events that have been sent to watchers."""
        key, counts = (group, version, resource), self.watch_events

        def add(events: int) -> None:
            counts[key] = counts.get(key, 0) + events

        return add

    def terminated(self, series: Series, code: int) -> None:
        key = (series.labels, code)
        self.terminations[key] = self.terminations.get(key, 0) + 1

    def _series(self, labels: Labels) -> Series:
        found = self.requests.get(labels)
        if found is None:
            found = self.requests[labels] = Series(labels)
        return found
