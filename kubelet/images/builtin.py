"""The catalogue that a kubelet starts with.

The images that are built in take longer to import than all the rest of a kubelet; they are when the first container is
started, and those with servers of their own (``kubelet.images.catalogue``) when they are asked for.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence

from kubelet.fake.catalogue import UNPULLABLE, Catalogue
from kubelet.fake.image import FakeImage


class _BuiltIn(Mapping[str, FakeImage]):
    """The images by the last part of their repository's name, imported when somebody looks."""

    @functools.cached_property
    def _images(self) -> Mapping[str, FakeImage]:
        from kubelet.images.catalogue import builtin_images

        return builtin_images()

    def __getitem__(self, name: str) -> FakeImage:
        return self._images[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)


def _unknown() -> FakeImage:
    from kubelet.images.catalogue import unknown_image

    return unknown_image()


def catalogue(unpullable: Sequence[str] = UNPULLABLE) -> Catalogue:
    """Return a fresh catalogue of what is built in; ``unpullable`` are patterns of what cannot be pulled."""
    return Catalogue(_BuiltIn(), _unknown, unpullable=unpullable)
