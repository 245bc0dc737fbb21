"""Events about one pod."""

from apimachinery.types.core import object_reference
from apimachinery.types.pod import Container, Pod
from kubeclient.events import NORMAL, EventRecorder
from kubelet.pods import field_path
from kubelet.runtime import PortMapped


class PodEvents:
    """Records events about a pod and its containers."""

    __slots__ = ("_pod", "_recorder")

    def __init__(self, pod: Pod, recorder: EventRecorder) -> None:
        self._pod = pod
        self._recorder = recorder

    def follow(self, pod: Pod) -> None:
        """Take over a newer version of the pod, which may have containers that the older one has not."""
        self._pod = pod

    def record(self, container: Container | None, kind: str, reason: str, message: str) -> None:
        """Record an event about a container, or about the pod as a whole."""
        about = object_reference(self._pod, field_path(self._pod, container) if container is not None else "")
        self._recorder.event(about, kind, reason, message)

    def port_mapped(self, mapped: PortMapped) -> None:
        """Say where a port is that this user may not bind; programs and probes find it there by themselves."""
        self.record(
            None,
            NORMAL,
            "PortMapped",
            f"no permission to listen on {mapped.ip}:{mapped.port}: "
            f"from outside, it is reached at {mapped.ip}:{mapped.real_port}",
        )
