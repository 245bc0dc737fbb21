"""The metric by which every component tells its version. This loads ``prometheus_client``, which takes long."""

from prometheus_client.core import GaugeMetricFamily

from componentbase.version import KUBERNETES_MINOR, git_version


def build_info(what: str) -> GaugeMetricFamily:
    """Return ``kubernetes_build_info``, whose description ends with ``what`` the version is of."""
    info = GaugeMetricFamily(
        "kubernetes_build_info",
        f"A metric with a constant '1' value labeled by the version {what}.",
        labels=["major", "minor", "git_version"],
    )
    info.add_metric(["1", KUBERNETES_MINOR, git_version()], 1)
    return info
