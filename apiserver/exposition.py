"""The page ``/metrics``: what has been counted, in Prometheus' text format.

Loading ``prometheus_client`` takes longer than most of what a start has to do, so this module is imported when the
page is first asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from apiserver.inflight import InflightLimits
from apiserver.metrics import Metrics
from componentbase.build_info import build_info

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LABELS = ("verb", "group", "version", "resource", "subresource", "scope", "component")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is not counted as it happens, but looked up for the page."""

    objects: Mapping[tuple[str, str], int]
    """How many objects there are, by group and resource."""
    watchers: int
    history_events: int
    revision: int


class Exposition:
    """The metrics of one server, with a registry of its own: nothing is shared with others in the process."""

    def __init__(self, metrics: Metrics, limits: InflightLimits) -> None:
        self._collector = _RequestCollector(metrics, limits)
        self._registry = CollectorRegistry()
        self._registry.register(self._collector)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def page(self, snapshot: Snapshot) -> bytes:
        self._collector.snapshot = snapshot
        return generate_latest(self._registry)


class _RequestCollector(Collector):
    def __init__(self, metrics: Metrics, limits: InflightLimits) -> None:
        self._metrics = metrics
        self._limits = limits
        self.snapshot = Snapshot({}, 0, 0, 0)

    def describe(self) -> list[Metric]:
        # Without it the registry collects once only to learn the names.
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._requests()
        yield from self._inflight()
        yield from self._watches()
        yield from self._storage()
        yield build_info("that is served")

    def _requests(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "apiserver_request_total",
            "Requests, by verb, what they were about, and the code of their answer.",
            labels=[*_LABELS, "code", "dry_run"],
        )
        durations = HistogramMetricFamily(
            "apiserver_request_duration_seconds",
            "Seconds from a request's head to the last byte of its answer.",
            labels=[*_LABELS, "dry_run"],
        )
        sizes = HistogramMetricFamily("apiserver_response_sizes", "Bytes of answers to reads.", labels=_LABELS)
        underway = GaugeMetricFamily(
            "apiserver_longrunning_requests", "Open watches and proxied requests.", labels=_LABELS
        )
        for labels, series in self._metrics.requests.items():
            for code, count in series.codes.items():
                total.add_metric([*labels.values, str(code), labels.dry_run], count)
            if series.codes:
                buckets, seconds = series.durations.cumulative(), series.durations.total
                durations.add_metric([*labels.values, labels.dry_run], buckets, seconds)
            if series.codes and series.sizes is not None and not labels.dry_run:
                sizes.add_metric(labels.values, series.sizes.cumulative(), series.sizes.total)
            if series.underway or labels.verb in {"WATCH", "CONNECT"}:
                underway.add_metric(labels.values, series.underway)
        terminations = CounterMetricFamily(
            "apiserver_request_terminations_total",
            "Requests that were refused or cut off to protect the server.",
            labels=[*_LABELS, "code"],
        )
        for (ended, code), count in self._metrics.terminations.items():
            terminations.add_metric([*ended.values, str(code)], count)
        yield from (total, durations, sizes, underway, terminations)

    def _inflight(self) -> Iterator[Metric]:
        current = GaugeMetricFamily(
            "apiserver_current_inflight_requests",
            "Requests under way that count against a limit.",
            labels=["request_kind"],
        )
        for lane in (self._limits.read_only, self._limits.mutating):
            current.add_metric([lane.kind], lane.current)
        yield current

    def _watches(self) -> Iterator[Metric]:
        events = CounterMetricFamily(
            "apiserver_watch_events_total", "Events sent to watchers.", labels=["group", "version", "resource"]
        )
        for labels, count in self._metrics.watch_events.items():
            events.add_metric(labels, count)
        yield events
        yield GaugeMetricFamily("kubemu_store_watchers", "Open watches of the store.", value=self.snapshot.watchers)

    def _storage(self) -> Iterator[Metric]:
        snapshot = self.snapshot
        objects = GaugeMetricFamily("apiserver_resource_objects", "Objects stored.", labels=["group", "resource"])
        legacy = GaugeMetricFamily(
            "apiserver_storage_objects",
            "Objects stored; apiserver_resource_objects has replaced it.",
            labels=["resource"],
        )
        for (group, resource), count in snapshot.objects.items():
            objects.add_metric([group, resource], count)
            legacy.add_metric([f"{resource}.{group}" if group else resource], count)
        yield from (objects, legacy)
        history = "Writes remembered for watches that resume and for paged lists."
        yield GaugeMetricFamily("kubemu_store_history_events", history, value=snapshot.history_events)
        yield GaugeMetricFamily("kubemu_store_revision", "The store's newest revision.", value=snapshot.revision)
