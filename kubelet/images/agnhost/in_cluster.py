"""How sub-commands find the API server: client-go's in-cluster configuration, over plain HTTP as it is served here."""

from urllib.parse import SplitResult

from kubelet.fake.process import Process
from kubelet.images.utilities.http_client import parse_url

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
NOT_IN_CLUSTER = (
    "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
)


def api_url(process: Process, path: str) -> SplitResult | None:
    """Return the address of a path of the API server, ``None`` when the pod has not been told of one."""
    host, port = process.env.get("KUBERNETES_SERVICE_HOST", ""), process.env.get("KUBERNETES_SERVICE_PORT", "")
    return parse_url(f"http://{host}:{port}{path}") if host and port else None
