"""POST on a collection."""

from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import AlreadyExists, BadRequest
from apiserver.admission.interface import Attributes, Operation
from apiserver.fieldmanager import names
from apiserver.generated_names import generate_name, generate_uuid
from apiserver.handlers.context import Context, WriteOptions, write_options
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Target
from apiserver.validation.field import refusal
from store.interface import Record

JSONObject = dict[str, Any]

_GENERATED_TRIES = 8
_SYSTEM_METADATA = ("resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds")


async def create(context: Context, target: Target, call: Call) -> None:
    if target.name:
        raise BadRequest("name is not allowed in the path of a create")
    info = target.info
    obj = info.to_stored(context.decoder.read(call, info))
    metadata = obj.setdefault("metadata", {})
    settle_namespace(info, metadata, target.namespace)
    record = await create_object(context, info, obj, write_options(call))
    await call.answer(201, info.view(record.value))


def settle_namespace(info: ResourceInfo, metadata: JSONObject, namespace: str) -> None:
    """Fill in the namespace of the path, or refuse another one; what has no namespace loses one it was given."""
    if not info.namespaced:
        metadata.pop("namespace", None)
        return
    given = metadata.get("namespace") or namespace
    if not namespace or given != namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    metadata["namespace"] = namespace


async def create_object(
    context: Context, info: ResourceInfo, obj: JSONObject, options: WriteOptions, *, applied: bool = False
) -> Record:
    """Default, admit, check and store an object in its stored form; a collision of a generated name is tried again.

    An object that has been ``applied`` brings its managed fields along; for any other they are worked out here.

    The order is upstream's: defaults, managed fields, mutating admission, what the kind does to a new object,
    validation, validating admission, the store.
    """
    metadata = obj["metadata"]
    if metadata.get("resourceVersion"):
        raise BadRequest("resourceVersion should not be set on objects to be created")
    info.strategy.default(obj)
    now = rfc3339(context.clock.now())
    if not applied:
        context.field_managers.of(info).update(None, obj, options.field_manager, now)
    attributes = Attributes(
        operation=Operation.CREATE,
        info=info,
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        obj=obj,
        dry_run=options.dry_run,
        user=options.user,
        warnings=options.warnings,
    )
    await context.admission.admit(attributes)
    generated = not metadata.get("name") and bool(metadata.get("generateName"))
    base = str(metadata.get("generateName", ""))
    if generated:
        metadata["name"] = generate_name(base, context.rng)
    _prepare(context, info, obj, now)
    await context.admission.validate(attributes)
    for attempt in range(_GENERATED_TRIES):
        try:
            record = await context.objects.create(info, metadata.get("namespace", ""), obj, dry_run=options.dry_run)
        except AlreadyExists:
            if not generated or attempt == _GENERATED_TRIES - 1:
                raise
            metadata["name"] = generate_name(base, context.rng)
            continue
        if not options.dry_run and (hook := context.after_create.get((info.group, info.plural))):
            await hook(context, obj)
        return record
    raise AssertionError("unreachable")


def _prepare(context: Context, info: ResourceInfo, obj: JSONObject, now: str) -> None:
    strategy, metadata = info.strategy, obj["metadata"]
    for key in _SYSTEM_METADATA:
        metadata.pop(key, None)
    metadata["uid"] = generate_uuid(context.rng)
    metadata["creationTimestamp"] = now
    if strategy.counts_generations:
        metadata["generation"] = 1
    else:
        metadata.pop("generation", None)
    strategy.prepare_for_create(obj)
    info.complete(obj)
    causes = strategy.validate_metadata(metadata, namespaced=info.namespaced) + strategy.validate(obj)
    causes += names.validate_entries(metadata.get("managedFields", ()))
    if causes:
        raise refusal(info.kind, info.group, metadata.get("name", ""), causes)
