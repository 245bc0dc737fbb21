"""``/metrics/resource``, ``/metrics/cadvisor`` and ``/metrics/probes``: a node's pods in Prometheus' text format.

``pkg/kubelet/metrics/collectors/resource_metrics.go``, v1.36; of what cAdvisor tells, that which dashboards ask for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kubelet.prober.manager import ProbeCount
from kubelet.server.usage import ContainerUse, NodeUse, PodUse

_NANO = 10**9
_CONTAINER = ("container", "pod", "namespace")
_POD = ("pod", "namespace")
_PROBE = ("probe_type", "result", "container", "pod", "namespace", "pod_uid")
_CADVISOR = ("container", "image", "name", "namespace", "pod")


@dataclass(frozen=True, slots=True)
class _Sample:
    labels: Sequence[str]
    value: float
    at: datetime | None


def resource_page(use: NodeUse) -> bytes:
    """Return what ``/metrics/resource`` shows."""
    return _page(lambda: _resource_families(use))


def cadvisor_page(use: NodeUse) -> bytes:
    """Return what ``/metrics/cadvisor`` shows."""
    return _page(lambda: _cadvisor_families(use))


def probes_page(counts: Iterable[ProbeCount]) -> bytes:
    """Return what ``/metrics/probes`` shows (``pkg/kubelet/prober/prober.go``, v1.36)."""
    about = "How many probes of a container have had which result."
    samples = [_Sample(_probe_labels(entry), entry.number, None) for entry in counts]
    return _page(lambda: iter([_counter("prober_probe_total", about, _PROBE, samples)]))


def _probe_labels(entry: ProbeCount) -> Sequence[str]:
    pod = entry.pod.metadata
    return str(entry.kind), entry.result, entry.container, pod.name, pod.namespace, pod.uid


def _page(families: Callable[[], Iterator[Metric]]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Families(families))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, families: Callable[[], Iterator[Metric]]) -> None:
        self._families = families

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        return self._families()


def _resource_families(use: NodeUse) -> Iterator[Metric]:
    everyone = [(pod, entry) for pod in use.pods for entry in pod.containers]
    yield _counter(
        "container_cpu_usage_seconds_total",
        "Processor time that a container has used, in core-seconds.",
        _CONTAINER,
        [_of_container(pod, entry, entry.stats.usage_core_nano_seconds / _NANO) for pod, entry in everyone],
    )
    yield _gauge(
        "container_memory_working_set_bytes",
        "Working set of a container, in bytes.",
        _CONTAINER,
        [_of_container(pod, entry, entry.stats.working_set_bytes) for pod, entry in everyone],
    )
    yield _gauge(
        "container_start_time_seconds",
        "When a container started, in seconds since the epoch.",
        _CONTAINER,
        [_Sample((entry.name, pod.name, pod.namespace), entry.started_at.timestamp(), None) for pod, entry in everyone],
    )
    yield _counter(
        "node_cpu_usage_seconds_total",
        "Processor time that the node has used, in core-seconds.",
        (),
        [_Sample((), use.cpu / _NANO, use.at)],
    )
    yield _gauge(
        "node_memory_working_set_bytes",
        "Working set of the node, in bytes.",
        (),
        [_Sample((), use.memory, use.at)],
    )
    yield _counter(
        "pod_cpu_usage_seconds_total",
        "Processor time that a pod has used, in core-seconds.",
        _POD,
        [_Sample((pod.name, pod.namespace), pod.cpu / _NANO, use.at) for pod in use.pods],
    )
    yield _gauge(
        "pod_memory_working_set_bytes",
        "Working set of a pod, in bytes.",
        _POD,
        [_Sample((pod.name, pod.namespace), pod.memory, use.at) for pod in use.pods],
    )
    for name in ("resource_scrape_error", "scrape_error"):
        yield _gauge(name, "1 when what containers use could not be found out, else 0.", (), [_Sample((), 0, None)])


def _of_container(pod: PodUse, entry: ContainerUse, value: float) -> _Sample:
    return _Sample((entry.name, pod.name, pod.namespace), value, entry.stats.timestamp)


def _cadvisor_families(use: NodeUse) -> Iterator[Metric]:
    everyone = [(pod, entry) for pod in use.pods for entry in pod.containers]

    def shown(value: Callable[[ContainerUse], float]) -> list[_Sample]:
        return [
            _Sample((entry.name, entry.image, entry.id, pod.namespace, pod.name), value(entry), entry.stats.timestamp)
            for pod, entry in everyone
        ]

    yield _counter(
        "container_cpu_usage_seconds_total",
        "Processor time that a container has used, in core-seconds.",
        _CADVISOR,
        shown(lambda entry: entry.stats.usage_core_nano_seconds / _NANO),
    )
    memory = "Memory that a container uses, in bytes."
    for name in ("container_memory_rss", "container_memory_usage_bytes", "container_memory_working_set_bytes"):
        yield _gauge(name, memory, _CADVISOR, shown(lambda entry: entry.stats.working_set_bytes))
    yield _gauge(
        "container_spec_memory_limit_bytes",
        "Memory limit of a container, in bytes; 0 for none.",
        _CADVISOR,
        shown(lambda entry: entry.memory_limit),
    )
    yield _gauge(
        "container_fs_usage_bytes",
        "Bytes that a container has written into its own files.",
        _CADVISOR,
        shown(lambda entry: entry.stats.writable_layer_used_bytes),
    )
    yield _gauge(
        "container_start_time_seconds",
        "When a container started, in seconds since the epoch.",
        _CADVISOR,
        shown(lambda entry: entry.started_at.timestamp()),
    )
    moved = [_Sample(("eth0", pod.namespace, pod.name), pod.network, use.at) for pod in use.pods]
    for name, way in (("receive", "received"), ("transmit", "sent")):
        yield _counter(
            f"container_network_{name}_bytes_total",
            f"Bytes that a pod has {way}.",
            ("interface", "namespace", "pod"),
            moved,
        )
    yield _gauge("machine_memory_bytes", "Memory of the node, in bytes.", (), [_Sample((), use.memory_capacity, None)])


def _counter(name: str, about: str, labels: Sequence[str], samples: Sequence[_Sample]) -> Metric:
    return _filled(CounterMetricFamily(name, about, labels=labels), samples)


def _gauge(name: str, about: str, labels: Sequence[str], samples: Sequence[_Sample]) -> Metric:
    return _filled(GaugeMetricFamily(name, about, labels=labels), samples)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, samples: Sequence[_Sample]) -> Metric:
    for sample in samples:
        at = sample.at.timestamp() if sample.at is not None else None
        family.add_metric(sample.labels, sample.value, timestamp=at)
    return family
