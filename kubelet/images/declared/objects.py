"""``FakeImage`` objects of the API: their definition put there, and what they say put into the catalogue as it changes.

One watch serves all nodes of a process. What checks and builds images is imported with the first object.
"""

import asyncio
import logging
from pathlib import Path
from typing import Any, ClassVar

import orjson
from pydantic import Field

from apimachinery.errors import AlreadyExists, NotFound, StatusError
from apimachinery.tasks import guard
from apimachinery.types.base import Object, to_wire
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.informer import Informer
from kubeclient.resources import Resource
from kubelet.fake.catalogue import Catalogue

logger = logging.getLogger(__name__)

DEFINITION_FILE = Path(__file__).with_name("fakeimages.json")
"""The CustomResourceDefinition, made by ``tools/build_fake_image_definition.py``."""


class FakeImageObject(Object):
    """A ``FakeImage`` as the API has it; what its spec may say is in :mod:`kubelet.images.declared.spec`."""

    API_VERSION: ClassVar[str] = "fakeimages.kubemu.io/v1alpha1"
    KIND: ClassVar[str] = "FakeImage"

    spec: dict[str, Any] = Field(default_factory=dict)


class Definition(Object):
    """A CustomResourceDefinition, as far as it matters here."""

    API_VERSION: ClassVar[str] = "apiextensions.k8s.io/v1"
    KIND: ClassVar[str] = "CustomResourceDefinition"


FAKE_IMAGES = Resource("fakeimages.kubemu.io", "v1alpha1", "fakeimages", FakeImageObject, namespaced=False)
DEFINITIONS = Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", Definition, namespaced=False)


class FakeImageObjects:
    """Keeps a catalogue in step with the API; ``run()`` does the work until cancelled.

    Pulls wait until the objects have been listed once, or cannot be: a pod that was there before its kubelet is to
    get its own image.
    """

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        self._client = client
        self._catalogue = catalogue
        self._informer = Informer(client, FAKE_IMAGES)
        self._informer.on_change(self._on_change)
        catalogue.expect_more()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            try:
                await self._client.list(FAKE_IMAGES)
            except NotFound:
                # Nobody has defined them, so there are none to wait for.
                self._catalogue.settle()
                await self._define()
            except (ConnectionFailed, StatusError) as error:
                logger.debug("fake images cannot be listed yet: %s", error)
                self._catalogue.settle()
                await self._client.wait_for_server()
                await self._define()
            async with asyncio.TaskGroup() as group:
                group.create_task(guard(self._informer.run(), "fake images"), name="fake-images")
                await self._informer.wait_synced()
                self._catalogue.settle()
        finally:
            self._catalogue.settle()

    async def _define(self) -> None:
        """Make sure that the objects are defined, and wait until they are served."""
        definition = orjson.loads(DEFINITION_FILE.read_bytes())
        backoff = Backoff(initial=0.05, limit=5.0)
        while True:
            try:
                await self._client.create(DEFINITIONS, definition)
            except AlreadyExists:
                logger.debug("fake images are defined already")
            except (ConnectionFailed, StatusError) as error:
                logger.info("fake images cannot be defined: %s", error)
            try:
                await self._client.list(FAKE_IMAGES)
            except (ConnectionFailed, StatusError):
                await self._client.clock.sleep(backoff.next())
            else:
                return

    def _on_change(self, old: FakeImageObject | None, new: FakeImageObject | None) -> None:
        from kubelet.images.declared.image import BadImage, named_image

        changed = new or old
        assert changed is not None
        source = f"FakeImage {changed.metadata.name}"
        if new is None:
            self._catalogue.put(source, [])
            return
        try:
            self._catalogue.put(source, [named_image(to_wire(new))])
        except BadImage as error:
            # The definition's schema lets next to nothing through that comes to this.
            logger.error("%s counts for nothing: %s", source, error)
            self._catalogue.put(source, [])
