"""Images written in Python: those of installed packages (entry point group ``kubemu.images``), and of files.

An entry point names a module, an :class:`~kubelet.images.api.ImageDefinition`, or several of them in a list. What
cannot be loaded is told, and is no trouble to the others.
"""

import importlib.metadata
import importlib.util
import logging
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from kubelet.fake.catalogue import Catalogue, NamedImage

logger = logging.getLogger(__name__)

GROUP = "kubemu.images"


class PluginFault(Exception):
    """Images in Python cannot be had; the text says why."""


def load_installed(catalogue: Catalogue, entry_points: Iterable[importlib.metadata.EntryPoint] | None = None) -> None:
    """Put the images of installed packages, or of these entry points, into a catalogue."""
    for point in importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points:
        try:
            try:
                loaded = point.load()
            except Exception as error:
                raise PluginFault(f"{type(error).__name__}: {error}") from error
            catalogue.put(f"entry point {point.name}", images_in(loaded))
        except PluginFault as fault:
            logger.error("no images of entry point %s (%s): %s", point.name, point.value, fault)


def images_of_file(path: Path) -> list[NamedImage]:
    """Run a Python file and return the images in it; raise :class:`PluginFault`."""
    spec = importlib.util.spec_from_file_location(f"kubemu_images_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginFault("not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PluginFault(f"{type(error).__name__}: {error}") from error
    return images_in(module)


def images_in(found: object) -> list[NamedImage]:
    """Return the images that something loaded stands for; raise :class:`PluginFault` when there are none."""
    # Whoever has images in Python has imported this already.
    from kubelet.images.api import ImageDefinition

    if isinstance(found, ImageDefinition):
        definitions = [found]
    elif isinstance(found, ModuleType):
        definitions = [value for value in vars(found).values() if isinstance(value, ImageDefinition)]
    elif isinstance(found, list | tuple) and all(isinstance(value, ImageDefinition) for value in found):
        definitions = list(found)
    else:
        definitions = []
    if not definitions:
        raise PluginFault("there is no image in it")
    # A module may have one under two names.
    unique = {id(definition): definition for definition in definitions}
    try:
        return [NamedImage(definition.references, definition.build()) for definition in unique.values()]
    except ValueError as error:
        raise PluginFault(str(error)) from error
