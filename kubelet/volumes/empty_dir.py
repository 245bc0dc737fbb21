"""Empty folders that live as long as their pod (``pkg/volume/emptydir``, v1.36)."""

from apimachinery.types.pod import Pod
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.ownership import set_ownership

_MODE = 0o777


def set_up(host: VolumeHost, pod: Pod, directory: str) -> None:
    """Make the folder, open to everybody; one that is there keeps what is in it."""
    host.files.mkdir(directory, mode=_MODE, parents=True, exist_ok=True)
    security = pod.spec.security_context
    set_ownership(host.files, directory, security.fs_group, policy=security.fs_group_change_policy)
