"""Which images pods use and nodes have, by name."""

from collections.abc import Iterable
from functools import lru_cache

from apimachinery.types.pod import PodSpec

_CACHED = 4096


def normalized(name: str) -> str:
    """Return the name with a tag, ``latest`` when it has none; digests stay as they are."""
    return f"{name}:latest" if name.rfind(":") <= name.rfind("/") else name


@lru_cache(maxsize=_CACHED)
def _normalized(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(normalized(name) for name in names)


def image_names(spec: PodSpec) -> tuple[str, ...]:
    """Return the normalised names of all images that a pod needs, one for each container that needs it."""
    return _normalized(
        tuple([
            *(container.image for container in spec.init_containers),
            *(container.image for container in spec.containers),
            *(volume.image.reference for volume in spec.volumes if volume.image is not None),
        ])
    )


def image_sizes(images: Iterable[tuple[Iterable[str], int]]) -> dict[str, int]:
    """Return bytes by name of what a node's status lists, but for images without a size, which move no score."""
    return {name: size for names, size in images for name in names if size > 0}
