"""The namespace controller: a namespace that is being deleted is emptied, then let go.

Follows ``pkg/controller/namespace/deletion/namespaced_resources_deleter.go`` (v1.36), pods first.
"""

from typing import Any

import orjson

from apimachinery.errors import NotFound, StatusError
from apimachinery.types.base import Object
from apimachinery.types.core import Namespace
from apimachinery.types.pod import Pod
from controller_manager.controller import Context, Result
from controller_manager.discovery import Served, discover
from controller_manager.namespace_conditions import Progress, conditions
from kubeclient.client import Client
from kubeclient.resources import NAMESPACES, PODS

FINALIZER = "kubernetes"
"""The entry of ``spec.finalizers`` that this controller takes away."""

RECHECK_SECONDS = 1.0
"""After how long a namespace is looked at again that is not empty yet. Pods that go wake it earlier."""

SETTLE_SECONDS = 0.05
"""How long pods that go are collected before the namespace is looked at."""


class NamespaceController:
    """Woken by namespaces, and by pods of those that are being deleted; keys are namespaces' names."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_namespace_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        namespaces = context.informers.informer(NAMESPACES)
        namespaces.on_change(self._namespace_changed)
        context.informers.informer(PODS).on_change(self._pod_changed)
        self._namespaces = namespaces.cache

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None and _terminating(new) and (old is None or not _terminating(old)):
            self._queue.add(new.metadata.name)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None and old is not None:
            namespace = self._namespaces.get(old.metadata.namespace)
            if namespace is not None and _terminating(namespace):
                self._queue.add_after(old.metadata.namespace, SETTLE_SECONDS)

    async def reconcile(self, key: str) -> Result | None:
        namespace = self._namespaces.get(key)
        if namespace is None or not _terminating(namespace) or not namespace.spec.finalizers:
            return None
        try:
            progress = await empty_namespace(self._client, key)
            await self._report(namespace, progress)
            if progress.empty:
                await self._finalize(key, namespace.metadata.uid)
                return None
        except NotFound:
            # Somebody else has let it go.
            return None
        if progress.delete_failures:
            raise NamespaceNotEmptied("; ".join(progress.delete_failures))
        return Result(RECHECK_SECONDS)

    async def _report(self, namespace: Namespace, progress: Progress) -> None:
        status = namespace.status
        wanted = conditions(status.conditions, progress, self._clock.now())
        if wanted == status.conditions:
            return
        if progress.empty and not status.conditions:
            # Gone in one round: there is nobody to tell.
            return
        patch = {
            "metadata": {"uid": namespace.metadata.uid},
            "status": {
                "conditions": [entry.model_dump(mode="json", by_alias=True, exclude_defaults=True) for entry in wanted]
            },
        }
        await self._client.patch(NAMESPACES, namespace.metadata.name, patch, subresource="status")

    async def _finalize(self, name: str, uid: str) -> None:
        """Take our finalizer off the namespace as it is now; with the last one it is gone."""
        live = await self._client.get(NAMESPACES, name)
        if live.metadata.uid != uid:
            return
        live.spec.finalizers = [entry for entry in live.spec.finalizers if entry != FINALIZER]
        await self._client.replace(NAMESPACES, live, subresource="finalize")


class NamespaceNotEmptied(Exception):
    """Deleting some of the content was refused; the text says why."""


async def empty_namespace(client: Client, namespace: str) -> Progress:
    """Delete what is in the namespace and return what is left; other content waits until the pods are gone."""
    discovered = await discover(client)
    progress = Progress(discovery_failures=discovered.failures)
    content = [served for served in discovered.resources if served.resource.namespaced and "list" in served.verbs]
    pods = [served for served in content if _is_pods(served)]
    for served in pods:
        await _delete_all(client, served, namespace, progress)
    if progress.remaining or progress.delete_failures:
        return progress
    for served in content:
        if not _is_pods(served):
            await _delete_all(client, served, namespace, progress)
    return progress


def _is_pods(served: Served) -> bool:
    return (served.resource.group, served.resource.plural) == (PODS.group, PODS.plural)


async def _delete_all(client: Client, served: Served, namespace: str, progress: Progress) -> None:
    """Delete every object of one resource that is not being deleted yet, and note those that are still there."""
    path = served.resource.path(namespace=namespace)
    try:
        left = await _list(client, path)
        if any(not item["metadata"].get("deletionTimestamp") for item in left):
            await _delete(client, served, namespace, left)
            left = await _list(client, path)
    except NotFound:
        return
    except StatusError as error:
        progress.delete_failures.append(str(error))
        return
    if left:
        progress.remaining[served.qualified] += len(left)
    for item in left:
        progress.finalizers.update(item["metadata"].get("finalizers") or ())


async def _list(client: Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = orjson.loads(await client.request("GET", path)).get("items") or []
    return items


async def _delete(client: Client, served: Served, namespace: str, items: list[dict[str, Any]]) -> None:
    """Delete in the background: nobody is left in the namespace who would have to wait."""
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
    if "deletecollection" in served.verbs:
        await client.request("DELETE", served.resource.path(namespace=namespace), body=orjson.dumps(options))
        return
    for item in items:
        path = served.resource.path(item["metadata"]["name"], namespace=namespace)
        try:
            await client.request("DELETE", path, body=orjson.dumps(options))
        except NotFound:
            continue


def _terminating(namespace: Object) -> bool:
    return namespace.metadata.deletion_timestamp is not None
