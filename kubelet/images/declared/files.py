"""Files that say what images there are: YAML with ``FakeImage`` objects, and Python."""

import logging
from collections.abc import Iterator
from pathlib import Path

import yaml

from apimachinery.errors import FatalError
from apimachinery.yaml_documents import YAMLError
from apimachinery.yaml_documents import parse as parse_yaml
from kubelet.fake.catalogue import Catalogue, NamedImage
from kubelet.images.declared.image import BadImage, named_image
from kubelet.images.plugins import PluginFault, images_of_file

logger = logging.getLogger(__name__)

_YAML = frozenset({".yaml", ".yml", ".json"})


class BadImageFile(FatalError):
    """A file of images cannot be used; the text says where and why."""


def load_images(path: str, catalogue: Catalogue) -> None:
    """Put what a file, or every file of a folder, says into a catalogue; in a folder, other files do not count.

    Raises :class:`BadImageFile` for YAML that says something wrong. Python that fails is told in the log.
    """
    given = Path(path)
    try:
        files = sorted(given.iterdir()) if given.is_dir() else [given]
        for file in files:
            if file.suffix == ".py":
                try:
                    catalogue.put(str(file), images_of_file(file))
                except PluginFault as fault:
                    logger.error("no images of %s: %s", file, fault)
            elif file.suffix in _YAML:
                catalogue.put(str(file), list(_images_of_yaml(file)))
            elif file == given:
                raise BadImageFile(f"{file}: images are in .yaml, .yml, .json and .py files")
    except OSError as error:
        raise BadImageFile(f"{path}: {error.strerror or error}") from None


def _images_of_yaml(file: Path) -> Iterator[NamedImage]:
    try:
        documents = list(yaml.compose_all(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadImageFile(f"{file}: {error}") from None
    for number, node in enumerate(documents, start=1):
        if node is None:
            continue
        try:
            yield named_image(parse_yaml(yaml.serialize(node).encode()))
        except (BadImage, YAMLError) as error:
            where = f"document {number}: " if len(documents) > 1 else ""
            raise BadImageFile(f"{file}: {where}{error}") from None
