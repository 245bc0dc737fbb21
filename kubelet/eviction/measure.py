"""What the pods of a node use of it, as the runtime tells."""

from collections.abc import Iterable

from apimachinery.types.pod import Pod
from kubelet.eviction.manager import NodeUsage
from kubelet.eviction.usage import PodUsage, Used
from kubelet.pod_state import PodState
from kubelet.runtime import ContainerRuntime, NotFound
from kubelet.volumes import Volumes


def node_usage(runtime: ContainerRuntime, volumes: Volumes, pods: Iterable[tuple[Pod, PodState]]) -> NodeUsage:
    """Return what these pods use, and the node's images."""
    return NodeUsage(
        pods=[PodUsage(pod, _containers(runtime, state), volumes.usage(pod)) for pod, state in pods],
        images=sum(image.size for image in runtime.list_images()),
    )


def _containers(runtime: ContainerRuntime, state: PodState) -> dict[str, Used]:
    found = {}
    for run in state.running():
        try:
            stats = runtime.container_stats(run.id)
        except NotFound:
            continue
        found[run.config.name] = Used(stats.working_set_bytes, stats.writable_layer_used_bytes)
    return found
