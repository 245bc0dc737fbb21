"""What the pods of a node use of it, as the runtime tells."""

from collections.abc import Iterable

from apimachinery.types.pod import Pod
from kubelet.eviction.manager import NodeUsage
from kubelet.eviction.usage import PodUsage, Used
from kubelet.node_files import NodeFiles
from kubelet.pod_state import PodState
from kubelet.runtime import ContainerRuntime, NotFound
from kubelet.volumes.paths import volume_directory


def node_usage(runtime: ContainerRuntime, files: NodeFiles, pods: Iterable[tuple[Pod, PodState]]) -> NodeUsage:
    """Return what these pods use, and the node's images."""
    return NodeUsage(
        pods=[PodUsage(pod, _containers(runtime, state), _volumes(files, pod)) for pod, state in pods],
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


def _volumes(files: NodeFiles, pod: Pod) -> dict[str, int]:
    return {
        volume.name: tree_bytes(files, volume_directory(pod.metadata.uid, volume.name))
        for volume in pod.spec.volumes
        if volume.empty_dir is not None
    }


def tree_bytes(files: NodeFiles, path: str) -> int:
    """Return the bytes of all files below a folder, 0 when there is none."""
    try:
        names = files.listdir(path)
    except OSError:
        return 0
    total = 0
    for name in names:
        below = f"{path}/{name}"
        try:
            info = files.stat(below, follow=False)
        except OSError:
            continue
        total += tree_bytes(files, below) if info.is_dir else info.size
    return total
