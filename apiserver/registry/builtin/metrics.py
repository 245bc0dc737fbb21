"""``metrics.k8s.io``, which upstream has from metrics-server (``k8s.io/metrics``, v0.36)."""

from apiserver.registry.builtin.row import READ_ONLY, Row
from apiserver.registry.strategy import Strategy


class NodeMetricsStrategy(Strategy):
    selectable_fields = ("metadata.name",)


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="NodeMetrics",
            plural="nodes",
            singular="",
            strategy=NodeMetricsStrategy(),
            namespaced=False,
            verbs=READ_ONLY,
        ),
        Row(kind="PodMetrics", plural="pods", singular="", verbs=READ_ONLY),
    )
