"""The scheduler's metrics for Prometheus.

Loading ``prometheus_client`` takes longer than most of what a start has to do, so this module is imported when the
page is asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from componentbase.build_info import build_info
from componentbase.histogram import Histogram
from scheduler.scheduler import Scheduler

K = TypeVar("K", bound=tuple[str, ...])

CONTENT_TYPE = CONTENT_TYPE_LATEST


def page(scheduler: Scheduler) -> bytes:
    """Return ``/metrics`` as text."""
    registry = CollectorRegistry()
    registry.register(_SchedulerCollector(scheduler))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


class _SchedulerCollector(Collector):
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def describe(self) -> list[Metric]:
        # Without it the registry collects once only to learn the names.
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._attempts()
        yield from self._queue()
        counted = self._scheduler.metrics
        yield _histogram(
            "scheduler_framework_extension_point_duration_seconds",
            "Seconds that the plugins of an extension point took; PreFilter and PreScore are counted apart.",
            ("extension_point", "profile", "status"),
            counted.points,
        )
        yield CounterMetricFamily(
            "scheduler_preemption_attempts", "How often room was looked for by preemption.", counted.preemption_attempts
        )
        known = self._scheduler.cache.statistics()
        cache = GaugeMetricFamily("scheduler_cache_size", "Nodes, pods and assumed pods known.", labels=["type"])
        for kind, count in (("nodes", known.nodes), ("pods", known.pods), ("assumed_pods", known.assumed)):
            cache.add_metric([kind], count)
        yield cache
        yield build_info("of the scheduler")

    def _attempts(self) -> Iterator[Metric]:
        counted = self._scheduler.metrics
        tries = CounterMetricFamily(
            "scheduler_schedule_attempts", "Tries to schedule a pod, by how they ended.", labels=["result", "profile"]
        )
        for (profile, result), durations in counted.attempts.items():
            tries.add_metric([result, profile], sum(durations.counts))
        yield tries
        yield _histogram(
            "scheduler_scheduling_attempt_duration_seconds",
            "Seconds of a try, from when the pod was taken until it was bound, or given up.",
            ("profile", "result"),
            counted.attempts,
        )
        yield _single("scheduler_scheduling_algorithm_duration_seconds", "Seconds of a decision.", counted.algorithm)
        yield _histogram(
            "scheduler_pod_scheduling_sli_duration_seconds",
            "Seconds from a pod's first try until it was bound.",
            ("attempts",),
            {(attempts,): durations for attempts, durations in counted.sli.items()},
        )
        yield _single("scheduler_pod_scheduling_attempts", "Tries that a bound pod had needed.", counted.pod_attempts)

    def _queue(self) -> Iterator[Metric]:
        places = self._scheduler.queue.statistics()
        pending = GaugeMetricFamily(
            "scheduler_pending_pods", "Pods that wait, by the queue they are in.", labels=["queue"]
        )
        for queue, count in (
            ("active", places.active),
            ("backoff", places.backoff),
            ("unschedulable", places.unschedulable),
            ("gated", places.gated),
        ):
            pending.add_metric([queue], count)
        yield pending
        incoming = CounterMetricFamily(
            "scheduler_queue_incoming_pods",
            "Pods that came into a queue, by what brought them.",
            labels=["queue", "event"],
        )
        for labels, count in self._scheduler.metrics.incoming.items():
            incoming.add_metric(labels, count)
        yield incoming
        rejected = GaugeMetricFamily(
            "scheduler_unschedulable_pods", "Pods that a plugin has turned down.", labels=["plugin", "profile"]
        )
        turned_down: Counter[tuple[str, str]] = self._scheduler.queue.rejected()
        for (profile, plugin), count in turned_down.items():
            rejected.add_metric([plugin, profile], count)
        yield rejected


def _histogram(name: str, text: str, labels: tuple[str, ...], series: Mapping[K, Histogram]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, counted in series.items():
        family.add_metric(values, buckets=counted.cumulative(), sum_value=counted.total)
    return family


def _single(name: str, text: str, counted: Histogram) -> HistogramMetricFamily:
    return HistogramMetricFamily(name, text, buckets=counted.cumulative(), sum_value=counted.total)
