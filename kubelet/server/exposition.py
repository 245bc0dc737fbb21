"""A node's metrics for Prometheus, under upstream's names (``pkg/kubelet/metrics/metrics.go``, v1.36)."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from componentbase.build_info import build_info
from kubelet.runtime import SandboxState
from kubelet.server.served import ServedNode

CONTENT_TYPE = CONTENT_TYPE_LATEST


def page(node: ServedNode) -> bytes:
    """Return the page of one node; what is counted for the whole process is on the page of each."""
    registry = CollectorRegistry()
    registry.register(_NodeCollector(node))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


class _NodeCollector(Collector):
    def __init__(self, node: ServedNode) -> None:
        self._node = node

    def describe(self) -> list[Metric]:
        # Without it the registry collects once only to learn the names.
        return []

    def collect(self) -> Iterator[Metric]:
        node = self._node
        name = GaugeMetricFamily("kubelet_node_name", "The node's name. The count is always 1.", labels=["node"])
        name.add_metric([node.settings.node_name], 1)
        yield name
        yield from self._running()
        counted = node.metrics
        yield CounterMetricFamily("kubelet_started_pods", "Sandboxes that were started.", value=counted.started_pods)
        started = CounterMetricFamily(
            "kubelet_started_containers", "Containers that were started.", labels=["container_type"]
        )
        started.add_metric(["container"], counted.started_containers)
        yield started
        yield HistogramMetricFamily(
            "kubelet_pod_start_duration_seconds",
            "Seconds from the first sight of a pod until it runs.",
            buckets=counted.pod_start.cumulative(),
            sum_value=counted.pod_start.total,
        )
        yield build_info("of the kubelet")

    def _running(self) -> Iterator[Metric]:
        runtime = self._node.runtime
        ready = sum(sandbox.state is SandboxState.READY for sandbox in runtime.list_pod_sandboxes())
        yield GaugeMetricFamily("kubelet_running_pods", "Pods that have a running sandbox.", value=ready)
        states = Counter(run.state.removeprefix("CONTAINER_").lower() for run in runtime.list_containers())
        containers = GaugeMetricFamily(
            "kubelet_running_containers", "Containers by what state they are in.", labels=["container_state"]
        )
        for state in ("created", "exited", "running"):
            containers.add_metric([state], states[state])
        yield containers
        desired = GaugeMetricFamily("kubelet_desired_pods", "Pods that the kubelet was given.", labels=["static"])
        desired.add_metric([""], len(self._node.pods.seen()))
        yield desired
