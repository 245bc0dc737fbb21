"""What every namespace has: the ServiceAccount ``default`` and the ConfigMap ``kube-root-ca.crt``.

Upstream's controller manager makes them (``pkg/controller/serviceaccount/serviceaccounts_controller.go``,
``pkg/controller/certificates/rootcacertpublisher``, v1.36). Here the API server does, in the same breath as it
creates the namespace, so that pods can be created in it at once and without any controller running.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.errors import AlreadyExists, Forbidden, NotFound, StatusError
from apimachinery.namespace_contents import DEFAULT_SERVICE_ACCOUNT, ROOT_CA, ROOT_CA_ANNOTATIONS, ROOT_CA_DATA
from apiserver.following import follow
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object
from apiserver.own_objects import info_of
from store.interface import Event, ListOptions

JSONObject = dict[str, Any]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Content:
    """An object that each namespace has. ``data`` is put back when somebody changes it."""

    plural: str
    name: str
    annotations: JSONObject | None = None
    data: JSONObject | None = None

    def new(self, namespace: str) -> JSONObject:
        metadata: JSONObject = {"name": self.name, "namespace": namespace}
        obj: JSONObject = {"metadata": metadata}
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        if self.data is not None:
            obj["data"] = dict(self.data)
        return obj


_CONTENTS = (
    _Content("serviceaccounts", DEFAULT_SERVICE_ACCOUNT),
    _Content("configmaps", ROOT_CA, ROOT_CA_ANNOTATIONS, ROOT_CA_DATA),
)


async def fill_namespace(context: Context, namespace: JSONObject) -> None:
    """Create what a namespace that has just been created must have."""
    for content in _CONTENTS:
        await _ensure(context, content, namespace["metadata"]["name"])


async def keep_contents(context: Context) -> None:
    """Create again what is deleted from a namespace that stays; runs for as long as the store is open."""
    async with asyncio.TaskGroup() as group:
        for content in _CONTENTS:
            group.create_task(_keep(context, content), name=f"keep {content.name}")


async def _keep(context: Context, content: _Content) -> None:
    prefix = info_of(context, "", content.plural).prefix()
    suffix = f"/{content.name}"
    store = context.objects.store

    async def look() -> int:
        revision = store.current_revision
        namespaces = await context.objects.list(info_of(context, "", "namespaces"), "", ListOptions())
        for record in namespaces.records:
            await _ensure(context, content, record.fields["metadata.name"])
        return revision

    async def changed(event: Event) -> None:
        if event.record.key.endswith(suffix) and (event.deleted or content.data is not None):
            namespace = event.record.key[len(prefix) : -len(suffix)]
            # Most often it has gone with its namespace, in which admission would refuse it.
            if not event.deleted or await _exists(context, namespace):
                await _ensure(context, content, namespace)

    await follow(store, prefix, look, changed)


async def _exists(context: Context, namespace: str) -> bool:
    try:
        await context.objects.get(info_of(context, "", "namespaces"), "", namespace)
    except NotFound:
        return False
    return True


async def _ensure(context: Context, content: _Content, namespace: str) -> None:
    try:
        await _put(context, content, namespace)
    except (NotFound, Forbidden, AlreadyExists):
        # A namespace that has gone, or is going, misses nothing; and somebody else may have been quicker.
        return
    except StatusError as error:
        logger.warning("%s %s/%s: %s", content.plural, namespace, content.name, error)


async def _put(context: Context, content: _Content, namespace: str) -> None:
    info = info_of(context, "", content.plural)
    try:
        record = await context.objects.get(info, namespace, content.name)
    except NotFound:
        options = WriteOptions(field_manager="kube-controller-manager")
        await create_object(context, info, content.new(namespace), options)
        return
    if content.data is None or orjson.loads(record.value).get("data") == content.data:
        return

    async def change(obj: JSONObject) -> JSONObject:
        obj["metadata"].pop("resourceVersion")
        return {**obj, "data": content.data}

    await context.objects.update(info, namespace, content.name, change)
