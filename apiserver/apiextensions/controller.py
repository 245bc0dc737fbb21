"""Keeps the registry in step with the stored definitions, within the server, as upstream's controllers do."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import Conflict, NotFound
from apiserver.apiextensions.definition import FINALIZER, is_established, names_accepted
from apiserver.apiextensions.naming import Taken, set_condition, settle_names
from apiserver.apiextensions.serving import resources
from apiserver.handlers.context import Context
from apiserver.handlers.delete import DeleteOptions, delete_object
from apiserver.registry.resource import ResourceInfo
from store.errors import Compacted, StoreClosed, WatcherTooSlow
from store.interface import ListOptions

logger = logging.getLogger(__name__)

JSONObject = dict[str, Any]


class CustomResourceController:
    """Serves what definitions say. :meth:`load` serves what is stored at the start, :meth:`run` follows changes."""

    def __init__(self, context: Context) -> None:
        found = context.registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        assert found is not None
        self._definitions = found
        self._context = context
        self._served: dict[str, list[ResourceInfo]] = {}
        self._granted: dict[str, tuple[str, JSONObject]] = {}
        self._refused: dict[str, str] = {}
        self._terminating: set[str] = set()
        self._draining: set[str] = set()

    async def load(self) -> int:
        """Serve every stored definition; return the revision from which changes are to be followed."""
        listed = await self._context.objects.list(self._definitions, "", ListOptions())
        # What was granted before comes first: a name that a served definition has is not up for the others.
        found = [orjson.loads(record.value) for record in listed.records]
        for definition in sorted(found, key=lambda entry: not is_established(entry)):
            await self._sync_safely(definition["metadata"]["name"])
        return listed.revision

    async def run(self, revision: int) -> None:
        """Follow changes until cancelled or until the store closes."""
        store = self._context.objects.store
        async with asyncio.TaskGroup() as group:
            while True:
                for name in self._terminating - self._draining:
                    self._draining.add(name)
                    group.create_task(self._drain(name), name=f"drain-{name}")
                try:
                    async with store.watch(self._definitions.prefix(), revision) as watch:
                        async for batch in watch:
                            for event in batch:
                                revision = event.revision
                                await self._sync_safely(event.record.key.rpartition("/")[2])
                            if self._terminating - self._draining:
                                break
                        else:
                            return
                except (Compacted, WatcherTooSlow):
                    revision = await self.load()

    async def _sync_safely(self, name: str) -> None:
        """Sync one definition; one that cannot be served must not take the others, or the server, with it."""
        try:
            await self.sync(name)
        except StoreClosed:
            raise
        except Exception:
            logger.exception("custom resource definition %s is not in effect", name)

    async def sync(self, name: str) -> None:
        """Bring the registry and the definition's status in line with its spec."""
        try:
            record = await self._context.objects.get(self._definitions, "", name)
        except NotFound:
            await self._forget(name)
            return
        definition = orjson.loads(record.value)
        if definition["metadata"].get("deletionTimestamp"):
            if FINALIZER in definition["metadata"].get("finalizers", ()) and name not in self._terminating:
                await self._begin_termination(name)
            return
        now = rfc3339(self._context.clock.now())
        wanted = orjson.loads(record.value)
        settle_names(wanted, self._taken(wanted), now)
        if wanted["status"] != definition.get("status"):
            definition = await self._write(name, lambda old: settle_names(old, self._taken(old), now))
        released = self._note_names(name, definition)
        if is_established(definition):
            self._serve(name, definition)
        if released:
            await self._reconsider(definition["spec"]["group"])

    def _taken(self, definition: JSONObject) -> Taken:
        """Return the names in a definition's group that are not its own."""
        own, group, taken = definition["metadata"]["name"], definition["spec"]["group"], Taken()
        custom = {id(info) for entries in self._served.values() for info in entries}
        for info in self._context.registry:
            if info.group == group and id(info) not in custom:
                taken.resources.update((info.plural, info.singular, *info.short_names))
                taken.kinds.update((info.kind, info.list_kind))
        for name, (other_group, names) in self._granted.items():
            if other_group == group and name != own:
                taken.add(names)
        return taken

    def _note_names(self, name: str, definition: JSONObject) -> bool:
        """Remember what a definition was granted; return whether it gave up names that others may wait for."""
        group, names = definition["spec"]["group"], definition["status"]["acceptedNames"]
        before = self._granted.get(name, (group, names))[1]
        self._granted[name] = (group, names)
        if names_accepted(definition):
            self._refused.pop(name, None)
        else:
            self._refused[name] = group
        return bool(before != names)

    async def _forget(self, name: str) -> None:
        self._unserve(name)
        self._refused.pop(name, None)
        group, _ = self._granted.pop(name, ("", {}))
        await self._reconsider(group)

    async def _reconsider(self, group: str) -> None:
        """Give the names that have come free to those that were refused them."""
        for name in [name for name, other in self._refused.items() if other == group]:
            await self._sync_safely(name)

    async def _write(self, name: str, change: Callable[[JSONObject], None]) -> JSONObject:
        async def changed(old: JSONObject) -> JSONObject:
            old["metadata"].pop("resourceVersion", None)
            change(old)
            return old

        record = await self._context.objects.update(self._definitions, "", name, changed)
        written: JSONObject = orjson.loads(record.value)
        return written

    def _serve(self, name: str, definition: JSONObject, *, terminating: bool = False) -> None:
        registry = self._context.registry
        entries = resources(self._context.bundle, definition, terminating=terminating)
        before = self._served.get(name, [])
        self._served[name] = entries
        kept = {(info.group, info.version, info.plural) for info in entries}
        for info in before:
            if (info.group, info.version, info.plural) not in kept:
                registry.remove(info.group, info.version, info.plural)
        for info in entries:
            registry.add(info)

    def _unserve(self, name: str) -> None:
        for info in self._served.pop(name, ()):
            self._context.registry.remove(info.group, info.version, info.plural)

    async def _begin_termination(self, name: str) -> None:
        """Take no new instances from now on; :meth:`run` sees to those there are."""
        self._terminating.add(name)
        now, message = rfc3339(self._context.clock.now()), "CustomResource deletion is in progress"

        def begun(old: JSONObject) -> None:
            set_condition(old, "Terminating", True, "InstanceDeletionInProgress", message, now)

        definition = await self._write(name, begun)
        if is_established(definition):
            self._serve(name, definition, terminating=True)

    async def _drain(self, name: str) -> None:
        """Delete the instances of a definition that goes, wait until none is left, and let it go."""
        try:
            while entries := self._served.get(name):
                try:
                    await self._remove_instances(entries[0])
                    break
                except (Compacted, WatcherTooSlow):
                    logger.info("custom resource definition %s: looking again for its instances", name)
            now = rfc3339(self._context.clock.now())

            def done(old: JSONObject) -> None:
                set_condition(old, "Terminating", False, "InstanceDeletionCompleted", "removed all instances", now)
                left = [entry for entry in old["metadata"].get("finalizers", ()) if entry != FINALIZER]
                old["metadata"]["finalizers"] = left

            await self._write(name, done)
        except NotFound:
            return
        except StoreClosed:
            logger.info("custom resource definition %s: the server ends before its instances", name)
        finally:
            self._terminating.discard(name)
            self._draining.discard(name)

    async def _remove_instances(self, info: ResourceInfo) -> None:
        """Delete all instances and wait for those that are held by their finalizers."""
        store = self._context.objects.store
        async with store.watch(info.prefix(), store.current_revision) as watch:
            if not await self._instances_left(info):
                return
            async for _ in watch:
                # Also a change counts: a write may have come between a delete and its object.
                if not await self._instances_left(info):
                    return

    async def _instances_left(self, info: ResourceInfo) -> bool:
        """Delete all instances that are not being deleted; return whether some stay."""
        left = False
        listed = await self._context.objects.list(info, "", ListOptions())
        for record in listed.records:
            metadata = orjson.loads(record.value)["metadata"]
            if metadata.get("deletionTimestamp"):
                left = True
                continue
            namespace, options = metadata.get("namespace", ""), DeleteOptions()
            try:
                _, gone = await delete_object(self._context, info, namespace, metadata["name"], options)
            except NotFound:
                continue
            except Conflict:
                gone = False
            left = left or not gone
        return left
