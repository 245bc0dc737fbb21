"""What is mounted in a file system."""

from dataclasses import dataclass

from kubelet.fake.tree import Layer, Node

OVERLAY = "overlay"
"""A container's own tree, over its image's."""

EXT4 = "ext4"
"""The node's disk."""

CGROUP = "cgroup2"
"""The limits of a container, which take no room."""

TMPFS = "tmpfs"
"""The node's memory."""

DEVICE = "device"
"""A block device that a container was given: no file system, and listed as none."""


@dataclass(frozen=True, slots=True)
class Grafted:
    """A mount: at its path the walk goes on in ``node``, which belongs to another file system's ``layer``.

    ``kind`` is the file system's type; ``limit`` is its size in bytes, 0 when it has none of its own.
    """

    node: Node
    layer: Layer
    readonly: bool
    kind: str = OVERLAY
    limit: int = 0


@dataclass(frozen=True, slots=True)
class MountEntry:
    """A mount as it is listed; ``limit`` and ``used`` are in bytes."""

    path: str
    kind: str
    readonly: bool
    limit: int
    used: int
