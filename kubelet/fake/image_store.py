"""Which images a node has, and what pulling one more does: how long it takes, and whether it comes to anything.

Both are as the image has it, or as annotations of the pod that it is pulled for (:mod:`kubelet.wishes`).
"""

from collections.abc import Mapping, Sequence

from kubelet.fake.catalogue import Catalogue
from kubelet.fake.image import FakeImage, Reference, image_id, parse_reference
from kubelet.runtime import Image, ImagePullFailed, NotFound
from kubelet.wishes import Wishes, read_wishes


class ImageStore:
    """The images of one node, which come from a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._present: dict[str, Image] = {}

    async def ready(self) -> None:
        """Return once the catalogue is known."""
        await self._catalogue.wait_settled()

    def pull(self, text: str, annotations: Mapping[str, str]) -> Image:
        """Make an image present.

        Raises :class:`~kubelet.runtime.ImagePullFailed` and :class:`~kubelet.runtime.InvalidImageName`.
        """
        reference = parse_reference(text)
        self._catalogue.check_pullable(reference)
        if error := self._wishes(reference, annotations).pull_error:
            raise ImagePullFailed(f'failed to pull and unpack image "{reference}": {error}')
        return self._add(reference)

    def restore(self, text: str) -> None:
        """Have an image that was there before, whatever would come of pulling it now."""
        self._add(parse_reference(text))

    def _add(self, reference: Reference) -> Image:
        content = self._catalogue.find(reference)
        found = self._present[str(reference)] = Image(
            image_id(reference),
            [str(reference)],
            content.size,
            uid=content.user if isinstance(content.user, int) else None,
            username=content.user if isinstance(content.user, str) else "",
            annotations=content.annotations,
        )
        return found

    def pull_seconds(self, text: str, annotations: Mapping[str, str]) -> float:
        """Return how long a pull takes; nothing when the image is there. Raises ``InvalidImageName``."""
        reference = parse_reference(text)
        if str(reference) in self._present:
            return 0.0
        return self._wishes(reference, annotations).pull_time or 0.0

    def _wishes(self, reference: Reference, annotations: Mapping[str, str]) -> Wishes:
        return read_wishes("", {**self._catalogue.find(reference).annotations, **annotations})

    def status(self, text: str) -> Image | None:
        """Return an image that is present."""
        return self._present.get(str(parse_reference(text)))

    def remove(self, text: str) -> None:
        """Have an image no longer, if it is there."""
        self._present.pop(str(parse_reference(text)), None)

    def list(self) -> Sequence[Image]:
        return list(self._present.values())

    def content(self, text: str) -> tuple[Image, FakeImage]:
        """Return a present image and what is in it; raise :class:`~kubelet.runtime.NotFound`."""
        reference = parse_reference(text)
        found = self._present.get(str(reference))
        if found is None:
            raise NotFound(f'image "{text}" is not present')
        return found, self._catalogue.find(reference)
