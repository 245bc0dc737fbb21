"""What every namespace has: the ServiceAccount ``default``, and the ConfigMap with the cluster's root certificates.

``pkg/controller/serviceaccount/serviceaccounts_controller.go`` and ``pkg/controller/certificates/rootcacertpublisher``
(v1.36). kubemu's API server makes both with the namespace, so there is seldom anything left to do; another one may not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apimachinery.errors import AlreadyExists, NotFound
from apimachinery.namespace_contents import DEFAULT_SERVICE_ACCOUNT, ROOT_CA, ROOT_CA_ANNOTATIONS, ROOT_CA_DATA
from apimachinery.types.base import Object
from apimachinery.types.config import ConfigMap
from apimachinery.types.core import Namespace
from controller_manager.controller import Context
from controller_manager.metadata_kinds import metadata_alone
from kubeclient.patches import checked_patch
from kubeclient.resources import CONFIGMAPS, NAMESPACES, Resource

SETTLE_SECONDS = 0.5
"""How long a namespace is left alone before it is looked at."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object that each namespace has, and what is to be changed about it as a merge patch, empty for nothing."""

    resource: Resource[Any]
    name: str
    body: dict[str, Any]
    mend: Callable[[Any], dict[str, Any]]
    field_selector: str = ""


class NamespaceContents:
    """Woken by namespaces, and by the object in them; keys are namespaces' names."""

    workers = 1

    def __init__(self, context: Context, content: Content) -> None:
        self._content = content
        self._client = context.client
        self._queue = context.queue
        namespaces = context.informers.informer(NAMESPACES)
        objects = context.informers.informer(content.resource, field_selector=content.field_selector)
        namespaces.on_change(self._namespace_changed)
        objects.on_change(self._object_changed)
        self._namespaces = namespaces.cache
        self._objects = objects.cache

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if old is None and new is not None:
            self._queue.add_after(new.metadata.name, SETTLE_SECONDS)

    def _object_changed(self, old: Object | None, new: Object | None) -> None:
        changed = new or old
        assert changed is not None
        if changed.metadata.name == self._content.name and (new is None or self._content.mend(new)):
            self._queue.add_after(changed.metadata.namespace, SETTLE_SECONDS)

    async def reconcile(self, key: str) -> None:
        namespace = self._namespaces.get(key)
        if namespace is None or namespace.metadata.deletion_timestamp is not None:
            return
        content = self._content
        found = self._objects.get(f"{key}/{content.name}")
        try:
            if found is None:
                body = {**content.body, "metadata": {"name": content.name, **content.body.get("metadata", {})}}
                await self._client.create(content.resource, body, namespace=key)
            elif change := content.mend(found):
                patch = checked_patch(found, change)
                await self._client.patch(content.resource, content.name, patch, namespace=key)
        except (AlreadyExists, NotFound):
            # Somebody was quicker, or the namespace is gone.
            return


def service_accounts(context: Context) -> NamespaceContents:
    """Return the controller that gives each namespace its ServiceAccount ``default``."""
    accounts = metadata_alone("", "v1", "ServiceAccount", "serviceaccounts")
    return NamespaceContents(context, Content(accounts, DEFAULT_SERVICE_ACCOUNT, {}, lambda found: {}))


def root_certificates(context: Context) -> NamespaceContents:
    """Return the controller that gives each namespace the root certificates, and puts back what is changed."""

    def mend(found: ConfigMap) -> dict[str, Any]:
        # What is not to be there has to be named to be taken away.
        extra: dict[str, Any] = dict.fromkeys(found.data.keys() - ROOT_CA_DATA.keys())
        return {"data": {**extra, **ROOT_CA_DATA}} if found.data != ROOT_CA_DATA else {}

    body = {"metadata": {"annotations": ROOT_CA_ANNOTATIONS}, "data": ROOT_CA_DATA}
    return NamespaceContents(context, Content(CONFIGMAPS, ROOT_CA, body, mend, f"metadata.name={ROOT_CA}"))
