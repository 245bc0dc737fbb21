"""Which image a reference stands for, and which references stand for none."""

import asyncio
import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kubelet.fake.image import FakeImage, Reference
from kubelet.runtime import ImagePullFailed, RegistryUnavailable

UNPULLABLE = ("*:non-existent", "*:404", "invalid.*")
"""References that cannot be pulled unless something else is asked for."""


@functools.cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern))


def matches(reference: Reference, pattern: str) -> bool:
    """Tell whether a reference is meant by a pattern, in which ``*`` stands for anything.

    A pattern is compared with the complete reference and with the familiar one (``nginx:1.29`` for
    ``docker.io/library/nginx:1.29``), and, where it has no tag and no digest, without theirs.
    """
    name = pattern.rpartition("/")[2]
    whole = str(reference) if ":" in name or "@" in name else reference.repository
    expression = _expression(pattern)
    return any(expression.fullmatch(text) for text in _spellings(whole))


def _spellings(text: str) -> Iterable[str]:
    yield text
    for familiar in ("docker.io/library/", "docker.io/"):
        if text.startswith(familiar):
            yield text.removeprefix(familiar)


@dataclass(frozen=True, slots=True, eq=False)
class NamedImage:
    """An image and the patterns of the references that stand for it."""

    references: Sequence[str]
    image: FakeImage


class Catalogue:
    """The images that can be had. Shared by the nodes of a process; what it is asked for is the image of that moment.

    ``builtin`` has images by the last part of their name; ``unknown`` returns what stands for all that nobody knows.
    Named images are put in under a source's name, such as a file's, and go before those built in; of two that a
    reference matches the one put in last counts. ``unpullable`` are patterns of references that cannot be pulled.
    """

    def __init__(
        self,
        builtin: Mapping[str, FakeImage],
        unknown: Callable[[], FakeImage],
        *,
        unpullable: Sequence[str] = UNPULLABLE,
    ) -> None:
        self._builtin = builtin
        self._unknown = unknown
        self._unpullable = tuple(unpullable)
        self._named: dict[str, Sequence[NamedImage]] = {}
        self._settled = asyncio.Event()
        self._settled.set()

    def put(self, source: str, images: Sequence[NamedImage]) -> None:
        """Let these be the images of a source, in the place of those that it had before."""
        self._named.pop(source, None)
        if images:
            self._named[source] = images

    def expect_more(self) -> None:
        """More images are about to be put in, until :meth:`settle`."""
        self._settled.clear()

    def settle(self) -> None:
        """What was expected is in, or does not come."""
        self._settled.set()

    async def wait_settled(self) -> None:
        """Return once nothing more is expected."""
        await self._settled.wait()

    def find(self, reference: Reference) -> FakeImage:
        """Return the image of a reference."""
        for images in reversed(self._named.values()):
            for named in reversed(images):
                if any(matches(reference, pattern) for pattern in named.references):
                    return named.image
        builtin = self._builtin.get(reference.short_name)
        return self._unknown() if builtin is None else builtin

    def check_pullable(self, reference: Reference) -> None:
        """Raise :class:`~kubelet.runtime.ImagePullFailed` for a reference that stands for a missing image."""
        registry = reference.repository.partition("/")[0]
        if registry == "unavailable" or registry.startswith("unavailable."):
            raise RegistryUnavailable(
                f'failed to pull image "{reference}": failed to do request: Head "https://{registry}/v2/": '
                "unexpected status: 503 Service Unavailable"
            )
        if (failure := _refusal(reference, self._unpullable)) is not None:
            raise ImagePullFailed(failure)


# Thousands of containers are made of the same few images.
@functools.lru_cache(maxsize=256)
def _refusal(reference: Reference, unpullable: tuple[str, ...]) -> str | None:
    """Return why a reference cannot be pulled, ``None`` when no pattern is against it."""
    registry = reference.repository.partition("/")[0]
    about = f'failed to pull and unpack image "{reference}": '
    for pattern in unpullable:
        if _expression(pattern).fullmatch(registry):
            return (
                f'{about}failed to resolve reference "{reference}": '
                f'failed to do request: Head "https://{registry}/v2/": dial tcp: lookup {registry}: no such host'
            )
        if matches(reference, pattern):
            return f"{about}failed to resolve image: {reference}: not found"
    return None
