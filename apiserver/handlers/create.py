"""POST on a collection."""

import uuid
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import AlreadyExists, BadRequest, Cause, Forbidden
from apiserver.handlers.context import Context
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Target
from apiserver.validation.field import refusal
from store.interface import Record

JSONObject = dict[str, Any]

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
_GENERATED_BASE_LIMIT = 63 - _SUFFIX_LENGTH
_GENERATED_TRIES = 8
_SYSTEM_METADATA = ("resourceVersion", "selfLink", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds")


async def create(context: Context, target: Target, call: Call) -> None:
    if target.name:
        raise BadRequest("name is not allowed in the path of a create")
    info = target.info
    obj = context.decoder.read(call, info)
    metadata = obj.setdefault("metadata", {})
    settle_namespace(info, metadata, target.namespace)
    record = await create_object(context, info, obj, dry_run=call.query.dry_run())
    await call.answer(201, record.value)


def settle_namespace(info: ResourceInfo, metadata: JSONObject, namespace: str) -> None:
    """Fill in the namespace of the path, or refuse another one; what has no namespace loses one it was given."""
    if not info.namespaced:
        metadata.pop("namespace", None)
        return
    given = metadata.get("namespace") or namespace
    if not namespace or given != namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    metadata["namespace"] = namespace


async def create_object(context: Context, info: ResourceInfo, obj: JSONObject, *, dry_run: bool = False) -> Record:
    """Default, check and store a decoded object; a collision of a generated name is tried again."""
    metadata = obj["metadata"]
    if metadata.get("resourceVersion"):
        raise BadRequest("resourceVersion should not be set on objects to be created")
    if info.namespaced:
        await admit_namespace(context, info, metadata)
    generated = not metadata.get("name") and bool(metadata.get("generateName"))
    base = str(metadata.get("generateName", ""))[:_GENERATED_BASE_LIMIT]
    if generated:
        metadata["name"] = base + _suffix(context)
    _prepare(context, info, obj)
    for attempt in range(_GENERATED_TRIES):
        try:
            return await context.objects.create(info, metadata.get("namespace", ""), obj, dry_run=dry_run)
        except AlreadyExists:
            if not generated or attempt == _GENERATED_TRIES - 1:
                raise
            metadata["name"] = base + _suffix(context)
    raise AssertionError("unreachable")


def _suffix(context: Context) -> str:
    return "".join(context.rng.choices(_SUFFIX_LETTERS, k=_SUFFIX_LENGTH))


def _prepare(context: Context, info: ResourceInfo, obj: JSONObject) -> None:
    strategy, metadata = info.strategy, obj["metadata"]
    for key in _SYSTEM_METADATA:
        metadata.pop(key, None)
    metadata["uid"] = str(uuid.UUID(int=context.rng.getrandbits(128), version=4))
    metadata["creationTimestamp"] = rfc3339(context.clock.now())
    metadata["generation"] = 1
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    causes = strategy.validate_metadata(metadata, namespaced=info.namespaced) + strategy.validate(obj)
    if causes:
        raise refusal(info.kind, info.group, metadata.get("name", ""), causes)


async def admit_namespace(context: Context, info: ResourceInfo, metadata: JSONObject) -> None:
    """Refuse new objects in a namespace that is not there (404) or going away (403).

    What upstream's NamespaceLifecycle admission plugin does.
    """
    namespaces = context.registry.find("", "v1", "namespaces")
    assert namespaces is not None
    name = metadata["namespace"]
    record = await context.objects.get(namespaces, "", name)
    if record.fields.get("status.phase") == "Terminating":
        object_name = metadata.get("name") or metadata.get("generateName", "")
        deleted_at = orjson.loads(record.value)["metadata"].get("deletionTimestamp", "")
        raise Forbidden(
            f'{info.qualified} "{object_name}" is forbidden: unable to create new content in namespace {name} '
            "because it is being terminated",
            name=object_name,
            group=info.group,
            kind=info.plural,
            causes=[
                Cause(
                    "NamespaceTerminating",
                    f"namespace {name} is being terminated since {deleted_at}",
                    "metadata.namespace",
                )
            ],
        )
