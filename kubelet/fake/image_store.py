"""Which images a node has, and what pulling one more does.

A pull takes as long as the image says, or an annotation of the pod that it is pulled for::

    kubemu.io/pull-time: 20s
"""

import logging
from collections.abc import Mapping, Sequence

from apimachinery.duration import parse_duration
from kubelet.fake.image import FakeImage, Reference, check_pullable, image_id, parse_reference
from kubelet.runtime import Image, NotFound

logger = logging.getLogger(__name__)

PULL_TIME_ANNOTATION = "kubemu.io/pull-time"


class ImageStore:
    """The images of one node. ``catalogue`` maps short names to images; ``unknown`` stands in for all others."""

    def __init__(self, catalogue: Mapping[str, FakeImage], unknown: FakeImage) -> None:
        self._catalogue = catalogue
        self._unknown = unknown
        self._present: dict[str, Image] = {}

    def pull(self, text: str) -> Image:
        """Make an image present.

        Raises :class:`~kubelet.runtime.ImagePullFailed` and :class:`~kubelet.runtime.InvalidImageName`.
        """
        reference = parse_reference(text)
        check_pullable(reference)
        content = self._content(reference)
        found = Image(
            image_id(reference),
            [str(reference)],
            content.size,
            uid=content.user if isinstance(content.user, int) else None,
            username=content.user if isinstance(content.user, str) else "",
        )
        self._present[str(reference)] = found
        return found

    def pull_seconds(self, text: str, annotations: Mapping[str, str]) -> float:
        """Return how long a pull takes; nothing when the image is there. Raises ``InvalidImageName``."""
        reference = parse_reference(text)
        if str(reference) in self._present:
            return 0.0
        if (asked := annotations.get(PULL_TIME_ANNOTATION)) is not None:
            try:
                return max(0.0, parse_duration(asked))
            except ValueError as error:
                logger.warning("annotation %s: %s", PULL_TIME_ANNOTATION, error)
        return self._content(reference).pull_seconds

    def status(self, text: str) -> Image | None:
        """Return an image that is present."""
        return self._present.get(str(parse_reference(text)))

    def list(self) -> Sequence[Image]:
        return list(self._present.values())

    def content(self, text: str) -> tuple[Image, FakeImage]:
        """Return a present image and what is in it; raise :class:`~kubelet.runtime.NotFound`."""
        reference = parse_reference(text)
        found = self._present.get(str(reference))
        if found is None:
            raise NotFound(f'image "{text}" is not present')
        return found, self._content(reference)

    def _content(self, reference: Reference) -> FakeImage:
        return self._catalogue.get(reference.short_name, self._unknown)
