"""The Service that the scheduler puts before its pages, by name: what others need to know to ask for them."""

NAMESPACE = "kube-system"
NAME = "kube-scheduler"
PORT_NAME = "http"


def decisions_path(namespace: str, pod: str) -> str:
    """Return where the API server relays the scheduler's page about a pod."""
    return f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}:{PORT_NAME}/proxy/debug/decisions/{namespace}/{pod}"
