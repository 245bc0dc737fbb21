"""Who the first process of a container runs as."""

from functools import lru_cache

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
    return _user(uid, gid, tuple(dict.fromkeys((gid, *config.supplemental_groups))))


_user = lru_cache(maxsize=1024)(LinuxContainerUser)
"""Containers by the thousand run as the same one."""


def _known(fs: FileSystem, user: int | str) -> tuple[int, int]:
    """Return the uid and gid of a user given by number or name."""
    try:
        users = fs.read("/etc/passwd")
    except OSError:
        users = b""
    return _listed(users, user)


@lru_cache(maxsize=256)
def _listed(users: bytes, user: int | str) -> tuple[int, int]:
    for line in users.decode(errors="replace").splitlines():
        name, _, uid, gid, *_ = (*line.split(":"), "", "", "", "")
        if uid.isdecimal() and gid.isdecimal() and user in (name, int(uid)):
            return int(uid), int(gid)
    return (user if isinstance(user, int) else 0), 0
