"""The books of all resource quotas: who has used how much, at every moment.

Upstream's admission adds to ``status.used`` ahead of a write, and a controller counts everything again to find what
was deleted or never written. Here the :class:`QuotaLedger` is told of each write as it happens: what an object is
charged with is taken back, or changed, in the same step in which the object is. ``status`` is written right after, so
whoever has the answer to a write reads a quota that knows of it.

A namespace without quotas costs one look into a dictionary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apimachinery.amounts import ZERO, Amounts, amounts
from apimachinery.quota.scopes import in_scope
from apimachinery.quota.usage import is_of, usage
from apiserver.admission.observed import ObservedStore, Resource
from apiserver.registry.resource import Registry, ResourceInfo
from apiserver.storage import draft
from store.errors import KeyNotFound, RevisionMismatch
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]

_QUOTAS: Resource = ("", "resourcequotas")
_NEWEST = ListOptions()


@dataclass(slots=True)
class Account:
    """One quota: what it allows, and what has been used of it."""

    key: str
    name: str
    spec: JSONObject
    hard: Amounts
    used: Amounts
    _limited: dict[Resource, list[str]] = field(default_factory=dict)

    def limited(self, resource: Resource) -> list[str]:
        """Return the names under which this quota limits a resource."""
        names = self._limited.get(resource)
        if names is None:
            names = self._limited[resource] = [name for name in self.hard if is_of(resource, name)]
        return names

    def pays_for(self, resource: Resource, obj: JSONObject) -> bool:
        return bool(self.limited(resource)) and in_scope(self.spec, resource, obj)

    def charge_of(self, resource: Resource, obj: JSONObject) -> Amounts:
        """Return what this quota pays for an object; nothing when the object is none of its business."""
        if not self.pays_for(resource, obj):
            return {}
        taken = usage(resource, obj)
        return {name: taken[name] for name in self.limited(resource) if name in taken}


@dataclass(slots=True)
class _Books:
    """One namespace: its quotas by name, and what each object's charges were, by key and quota name."""

    accounts: dict[str, Account] = field(default_factory=dict)
    charges: dict[str, dict[str, Amounts]] = field(default_factory=dict)


class QuotaLedger:
    """Keeps the books of what is written through an observed store."""

    def __init__(self, store: ObservedStore, registry: Registry) -> None:
        self._store = store.behind
        self._registry = registry
        self._books: dict[str, _Books] = {}
        self._opened = False
        store.after_write = self._note

    # What admission asks

    async def accounts(self, namespace: str) -> list[Account]:
        """Return the quotas of a namespace, by name."""
        if not self._opened:
            await self._open()
        books = self._books.get(namespace)
        return [books.accounts[name] for name in sorted(books.accounts)] if books else []

    def charged(self, key: str, account: Account) -> Amounts:
        """Return what a quota pays for a stored object, by the object's key."""
        books = self._books.get(_namespace_of(key))
        return books.charges.get(key, {}).get(account.name, {}) if books else {}

    # The books

    async def _open(self) -> None:
        """Find the quotas that were in the store before this process."""
        self._opened = True
        listed = await self._store.list(self._info(_QUOTAS).prefix(), _NEWEST)
        for namespace in sorted({_namespace_of(record.key) for record in listed.records}):
            await self._count(namespace)

    async def _note(self, records: Sequence[Record], resource: Resource, namespace: str, deleted: bool) -> None:
        """Enter writes that have happened together."""
        if not self._opened:
            await self._open()
        if resource == _QUOTAS:
            for record in records:
                await self._note_quota(record, namespace, deleted)
        books = self._books.get(namespace)
        if books is None:
            return
        changed: dict[str, Account] = {}
        for record in records:
            for account in _enter(books, record.key, resource, None if deleted else record.value):
                changed[account.name] = account
        for account in changed.values():
            await self._show(account)

    async def _note_quota(self, record: Record, namespace: str, deleted: bool) -> None:
        """A quota that is new or different is counted from the start, as are all of its namespace."""
        books = self._books.get(namespace)
        if deleted:
            if books is not None:
                books.accounts.pop(record.key.rpartition("/")[2], None)
                if not books.accounts:
                    del self._books[namespace]
            return
        quota = orjson.loads(record.value)
        account = books.accounts.get(quota["metadata"]["name"]) if books else None
        if account is None or account.spec != quota.get("spec", {}):
            await self._count(namespace)
        elif quota.get("status") != _status(account):
            await self._show(account)

    async def _count(self, namespace: str) -> None:
        """Make the books of a namespace from what is stored in it."""
        books = self._books[namespace] = _Books()
        listed = await self._store.list(self._info(_QUOTAS).prefix(namespace), _NEWEST)
        for record in listed.records:
            quota = orjson.loads(record.value)
            name, spec = quota["metadata"]["name"], quota.get("spec", {})
            hard = amounts(spec.get("hard"))
            books.accounts[name] = Account(record.key, name, spec, hard, dict.fromkeys(hard, ZERO))
        if not books.accounts:
            del self._books[namespace]
            return
        for info in self._counted(books):
            listed = await self._store.list(info.prefix(namespace), _NEWEST)
            for record in listed.records:
                _enter(books, record.key, (info.group, info.plural), record.value)
        for account in books.accounts.values():
            await self._show(account)

    def _counted(self, books: _Books) -> Iterator[ResourceInfo]:
        """Yield the resources that the quotas of a namespace are about."""
        limited = {name for account in books.accounts.values() for name in account.hard}
        for info in self._registry:
            resource = (info.group, info.plural)
            if info.namespaced and info.hub is None and any(is_of(resource, name) for name in limited):
                yield info

    async def _show(self, account: Account) -> None:
        """Write what has been used into the quota's status."""
        info = self._info(_QUOTAS)
        while True:
            try:
                record = await self._store.get(account.key)
                quota: JSONObject = orjson.loads(record.value)
                status = _status(account)
                if quota.get("status") == status:
                    return
                quota["status"] = status
                await self._store.update(account.key, draft(info, quota), record.mod_revision)
            except RevisionMismatch:
                continue
            except KeyNotFound:
                return
            return

    def _info(self, resource: Resource) -> ResourceInfo:
        info = self._registry.find(resource[0], "v1", resource[1])
        assert info is not None
        return info


def _namespace_of(key: str) -> str:
    return key.split("/")[4]


def _enter(books: _Books, key: str, resource: Resource, value: bytes | None) -> list[Account]:
    """Charge for the new state of an object, ``None`` for one that is gone; return the quotas that this changed."""
    before = books.charges.pop(key, {})
    after: dict[str, Amounts] = {}
    if value is not None and any(account.limited(resource) for account in books.accounts.values()):
        obj = orjson.loads(value)
        for account in books.accounts.values():
            if charge := account.charge_of(resource, obj):
                after[account.name] = charge
    if after:
        books.charges[key] = after
    changed = []
    for account in books.accounts.values():
        new, old = after.get(account.name, {}), before.get(account.name, {})
        if new == old:
            continue
        for name in new.keys() | old.keys():
            account.used[name] = account.used[name].plus(new.get(name, ZERO)).minus(old.get(name, ZERO))
        changed.append(account)
    return changed


def _status(account: Account) -> JSONObject:
    return {
        "hard": dict(account.spec.get("hard", {})),
        "used": {name: str(used) for name, used in account.used.items()},
    }
