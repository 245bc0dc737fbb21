"""Counts again, from time to time, what quotas pay for (``pkg/controller/resourcequota``, v1.36).

kubemu's API server keeps its quotas right with every write, so that nothing is left to mend; another one counts only
what is created, and leaves it to this controller to see what has gone.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from apimachinery.amounts import ZERO, Amount, Amounts, amounts
from apimachinery.errors import NotFound
from apimachinery.quota.scopes import in_scope
from apimachinery.quota.usage import Resource as Kind
from apimachinery.quota.usage import is_of, limited_resources, usage
from apimachinery.types.base import Object, to_wire
from apimachinery.types.pod import Pod
from apimachinery.types.quota import ResourceQuota, ResourceQuotaStatus
from controller_manager.controller import Context, Result
from controller_manager.ownership import NAMESPACE_INDEX, index_by_namespace
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PODS, RESOURCE_QUOTAS, SERVICES, Resource

JSONObject = dict[str, Any]

SETTLE_SECONDS = 1.0
"""How long changes are collected before everything is counted."""


class ResourceQuotaController:
    """Woken by quotas, by what leaves namespaces that have one, and by time; keys are ``namespace/name``."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_resource_quota_syncs
        self._period = context.settings.resource_quota_sync_period
        self._client = context.client
        self._queue = context.queue
        self._versions: dict[str, str] = {"": "v1"}
        quotas = context.informers.informer(RESOURCE_QUOTAS, {NAMESPACE_INDEX: index_by_namespace})
        quotas.on_change(self._quota_changed)
        self._quotas = quotas.cache
        context.informers.informer(PODS).on_change(self._pod_changed)
        context.informers.informer(SERVICES).on_change(self._object_changed)
        context.informers.informer(PERSISTENT_VOLUME_CLAIMS).on_change(self._object_changed)

    def _quota_changed(self, old: ResourceQuota | None, new: ResourceQuota | None) -> None:
        if new is not None and (old is None or old.spec != new.spec):
            self._queue.add_after(new.key, SETTLE_SECONDS)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or (new.finished and (old is None or not old.finished)):
            self._object_changed(old or new, None)

    def _object_changed(self, old: Object | None, new: Object | None) -> None:
        if old is not None and new is None:
            for quota in self._quotas.by_index(NAMESPACE_INDEX, old.metadata.namespace):
                self._queue.add_after(quota.key, SETTLE_SECONDS)

    async def reconcile(self, key: str) -> Result | None:
        quota = self._quotas.get(key)
        if quota is None:
            return None
        spec = to_wire(quota.spec)
        used: Amounts = dict.fromkeys(quota.spec.hard, ZERO)
        for kind in limited_resources(quota.spec.hard):
            add_usage(used, spec, kind, await self._objects(kind, quota.metadata.namespace))
        status = ResourceQuotaStatus(hard=quota.spec.hard, used={name: str(amount) for name, amount in used.items()})
        if not same(status, quota.status):
            updated = quota.model_copy(update={"status": status})
            try:
                await self._client.replace(RESOURCE_QUOTAS, updated, subresource="status")
            except NotFound:
                return None
        return Result(self._period)

    async def _objects(self, kind: Kind, namespace: str) -> list[JSONObject]:
        """Return a namespace's objects of a kind; of one that is not served there are none."""
        group, plural = kind
        try:
            if group not in self._versions:
                answer = orjson.loads(await self._client.request("GET", f"/apis/{group}"))
                self._versions[group] = answer["preferredVersion"]["version"]
            path = Resource(group, self._versions[group], plural, Object).path(namespace=namespace)
            items: list[JSONObject] = orjson.loads(await self._client.request("GET", path)).get("items") or []
        except NotFound:
            return []
        return items


def add_usage(used: Amounts, spec: JSONObject, kind: Kind, objects: Iterable[JSONObject]) -> None:
    """Add what a quota with this spec pays for these objects of a kind to what has been ``used`` of it."""
    names = [name for name in used if is_of(kind, name)]
    for obj in objects:
        if in_scope(spec, kind, obj):
            taken = usage(kind, obj)
            used.update({name: used[name].plus(taken[name]) for name in names if name in taken})


def same(one: ResourceQuotaStatus, other: ResourceQuotaStatus) -> bool:
    """Whether two statuses say the same, however their quantities are written."""

    def numbers(quantities: dict[str, str]) -> dict[str, Amount]:
        return {name: Amount(amount.number) for name, amount in amounts(quantities).items()}

    return numbers(one.hard) == numbers(other.hard) and numbers(one.used) == numbers(other.used)
