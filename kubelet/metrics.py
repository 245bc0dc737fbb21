"""What a node counts, under upstream's names (``pkg/kubelet/metrics/metrics.go``, v1.36).

Plain additions as things happen; what Prometheus makes of them is worked out when somebody asks
(:mod:`kubelet.server.exposition`).
"""

from componentbase.histogram import Histogram

POD_START_BOUNDS = (
    *(0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0, 30.0, 45.0, 60.0),
    *(120.0, 180.0, 240.0, 300.0, 360.0, 480.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0),
)
"""Upper bounds of the buckets of ``kubelet_pod_start_duration_seconds``."""


class NodeMetrics:
    """The counters of one node."""

    __slots__ = ("pod_start", "started_containers", "started_pods")

    def __init__(self) -> None:
        self.pod_start = Histogram(POD_START_BOUNDS)
        """Seconds from the first sight of a pod until it runs."""
        self.started_pods = 0
        """How many sandboxes were started."""
        self.started_containers = 0
        """How many containers were started in them."""
