"""Which images a node has, and what pulling one more does."""

from collections.abc import Mapping, Sequence

from kubelet.fake.image import FakeImage, Reference, check_pullable, image_id, parse_reference
from kubelet.runtime import Image, NotFound


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
        found = Image(image_id(reference), [str(reference)], self._content(reference).size)
        self._present[str(reference)] = found
        return found

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
