"""Paths of the node itself (``pkg/volume/hostpath``, v1.36)."""

import stat

from apimachinery.types.volumes import HostPathVolumeSource
from kubelet.node_files import NodeFiles
from kubelet.volumes.faults import VolumeFault

_KINDS = {
    "Directory": (stat.S_ISDIR, "a directory"),
    "DirectoryOrCreate": (stat.S_ISDIR, "a directory"),
    "File": (stat.S_ISREG, "a file"),
    "FileOrCreate": (stat.S_ISREG, "a file"),
    "Socket": (stat.S_ISSOCK, "a socket file"),
    "CharDevice": (stat.S_ISCHR, "a character device"),
    "BlockDevice": (stat.S_ISBLK, "a block device"),
}
"""What each type asks of what is there."""


def set_up(files: NodeFiles, source: HostPathVolumeSource) -> str:
    """Return the path, once what its type promises is there; raise :class:`VolumeFault` when it is not.

    Without a type a folder is made where nothing is, as container runtimes do.
    """
    path = source.path
    if ".." in path.split("/"):
        raise VolumeFault(f"invalid HostPath `{path}`: must not contain '..'")
    exists = files.exists(path)
    if not source.type:
        if not exists:
            files.mkdir(path, parents=True, exist_ok=True)
        return path
    if source.type not in _KINDS:
        raise VolumeFault(f"{source.type} is an invalid volume type")
    if not exists and source.type == "DirectoryOrCreate":
        files.mkdir(path, parents=True, exist_ok=True)
        return path
    if not exists and source.type == "FileOrCreate":
        _make_file(files, path)
        return path
    fits, noun = _KINDS[source.type]
    if not exists or not fits(files.stat(path).mode):
        raise VolumeFault(f"hostPath type check failed: {path} is not {noun}")
    return path


def _make_file(files: NodeFiles, path: str) -> None:
    try:
        files.write(path, b"")
    except OSError as error:
        raise VolumeFault(f"open {path}: {(error.strerror or '').lower()}") from error
