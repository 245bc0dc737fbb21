"""Whose a volume's files are: ``fsGroup`` and ``runAsUser`` (``pkg/volume/volume_linux.go``, v1.36)."""

import stat

from apimachinery.types.pod import Pod
from kubelet.node_files import FileInfo, NodeFiles
from kubelet.pods import all_containers

ON_ROOT_MISMATCH = "OnRootMismatch"

_READ_WRITE = 0o660
_READ_ONLY = 0o440
_FOLDER = stat.S_ISGID | 0o110


def group_mode(mode: int, *, folder: bool, read_only: bool) -> int:
    """Return the permission bits that give the group its share, beside those that are there already."""
    wanted = mode | (_READ_ONLY if read_only else _READ_WRITE)
    return wanted | _FOLDER if folder else wanted


def set_ownership(
    files: NodeFiles, directory: str, group: int | None, *, read_only: bool = False, policy: str = ""
) -> None:
    """Give a volume with everything in it to ``group``; ``None`` leaves it as it is.

    With the policy ``OnRootMismatch`` nothing is done when the folder itself is right already.
    """
    if group is None:
        return
    root = files.stat(directory)
    if policy == ON_ROOT_MISMATCH and _settled(root, group, read_only=read_only):
        return
    todo = [directory]
    while todo:
        path = todo.pop()
        found = files.stat(path, follow=False)
        files.chown(path, found.uid, group, follow=False)
        if found.is_link:
            continue
        bits = stat.S_IMODE(found.mode)
        wanted = group_mode(bits, folder=found.is_dir, read_only=read_only)
        if wanted != bits:
            files.chmod(path, wanted)
        if found.is_dir:
            todo += [f"{path}/{name}" for name in files.listdir(path)]


def _settled(root: FileInfo, group: int, *, read_only: bool) -> bool:
    bits = stat.S_IMODE(root.mode)
    return root.gid == group and group_mode(bits, folder=True, read_only=read_only) == bits


def only_user(pod: Pod) -> int | None:
    """Return the user that all containers of a pod run as, ``None`` when they do not all say the same one."""
    default = pod.spec.security_context.run_as_user
    users = set()
    for container in all_containers(pod):
        own = container.security_context.run_as_user if container.security_context is not None else None
        users.add(own if own is not None else default)
    return users.pop() if len(users) == 1 else None
