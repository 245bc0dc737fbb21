"""Roots of containers that have everything already on which something is to be mounted.

Thousands of containers mount the same things at the same places over the same image. Making the folders for that in
each of them would copy a good part of the image's tree each time; so it is made once.
"""

import posixpath
from collections import OrderedDict
from functools import lru_cache

from apimachinery.clock import Clock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import Directory

_KEPT = 512
"""How many roots are remembered; the one that was not used for longest is forgotten."""

Points = tuple[tuple[str, bool], ...]
"""Where something is mounted, and whether that is a folder."""


class Roots:
    """Hands out roots, the same one for the same image and mount points; who writes to one copies it first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: OrderedDict[tuple[int, Points], tuple[Directory, Directory]] = OrderedDict()

    def root(self, image: Directory, points: Points) -> Directory:
        """Return an image's tree with all mount points in it, but for those that are inside of another's.

        Raises ``OSError`` where a mount point cannot be, as :meth:`FileSystem.mount` does.
        """
        outer = outermost(points)
        key = (id(image), outer)
        known = self._made.get(key)
        if known is not None:
            self._made.move_to_end(key)
            return known[1]
        files = FileSystem(self._clock, image)
        for path, folder in outer:
            files.make_mount_point(path, folder=folder)
        # The image is kept too, so that no other gets its id.
        self._made[key] = (image, files.root)
        if len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return files.root


@lru_cache(maxsize=_KEPT)
def outermost(points: Points) -> Points:
    """Return the mount points that are not below another one, in order."""
    kept: list[tuple[str, bool]] = []
    for path, folder in sorted((posixpath.normpath(path), folder) for path, folder in points):
        if not any(path == above or path.startswith(f"{above}/") for above, _ in kept):
            kept.append((path, folder))
    return tuple(kept)
