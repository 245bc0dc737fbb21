"""Where on the node the volumes of pods are (``pkg/kubelet/kubelet_getters.go``, v1.36)."""

PODS_ROOT = "/var/lib/kubelet/pods"

EMPTY_DIR = "empty-dir"
CONFIG_MAP = "configmap"
SECRET = "secret"
DOWNWARD_API = "downward-api"
PROJECTED = "projected"


def pod_directory(uid: str) -> str:
    """Return the folder that holds everything of one pod."""
    return f"{PODS_ROOT}/{uid}"


def volume_directory(uid: str, volume: str, plugin: str = EMPTY_DIR) -> str:
    """Return the folder of one volume that belongs to the pod alone."""
    return f"{pod_directory(uid)}/volumes/kubernetes.io~{plugin}/{volume}"
