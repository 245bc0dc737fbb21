"""Who the first process of a container runs as."""

from kubelet.fake.filesystem import FileSystem
from kubelet.fake.image import FakeImage
from kubelet.runtime import ContainerConfig, LinuxContainerUser


def container_user(fs: FileSystem, image: FakeImage, config: ContainerConfig) -> LinuxContainerUser:
    """Return the user a container is configured with, or else its image's; 0 for a name that nobody has.

    The group is the configured one, or else the user's own in ``/etc/passwd``, or else 0.
    """
    uid, gid = _known(fs, image.user)
    if config.run_as_user is not None:
        uid, gid = _known(fs, config.run_as_user)
    if config.run_as_group is not None:
        gid = config.run_as_group
    return LinuxContainerUser(uid, gid, tuple(dict.fromkeys((gid, *config.supplemental_groups))))


def _known(fs: FileSystem, user: int | str) -> tuple[int, int]:
    """Return the uid and gid of a user given by number or name."""
    try:
        lines = fs.read("/etc/passwd").decode(errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, uid, gid, *_ = (*line.split(":"), "", "", "", "")
        if uid.isdecimal() and gid.isdecimal() and user in (name, int(uid)):
            return int(uid), int(gid)
    return (user if isinstance(user, int) else 0), 0
