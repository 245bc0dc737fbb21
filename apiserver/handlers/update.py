"""PUT and PATCH, on objects and on their status."""

import copy
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, NotFound
from apiserver.admission.interface import Attributes, Operation
from apiserver.fieldmanager import names
from apiserver.fieldmanager.manager import keep_times
from apiserver.handlers.context import Context, WriteOptions, write_options
from apiserver.handlers.create import create_object, settle_namespace
from apiserver.handlers.patching import read_patch
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo
from apiserver.registry.strategy import Strategy
from apiserver.request import Target
from apiserver.storage import conflict
from apiserver.validation import metadata as object_meta
from apiserver.validation.field import Causes, refusal

JSONObject = dict[str, Any]

_CARRIED = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")


async def replace(context: Context, target: Target, call: Call) -> None:
    """PUT: the body is the whole object, and its resource version, when given, must be the current one."""
    info, name = target.info, target.name
    options = write_options(call)
    obj = info.to_stored(context.decoder.read(call, info))
    metadata = obj.setdefault("metadata", {})
    settle_namespace(info, metadata, target.namespace)
    check_name(metadata, name)

    async def change(old: JSONObject) -> JSONObject:
        # The body is used once per try: a retry must not see what an earlier one filled in.
        return await settle(context, info, copy.deepcopy(obj), old, target.subresource, options)

    try:
        record = await context.objects.update(info, target.namespace, name, change, dry_run=options.dry_run)
    except NotFound:
        if not info.strategy.create_on_update or target.subresource:
            raise
        metadata.pop("resourceVersion", None)
        record = await create_object(context, info, obj, options)
        await call.answer(201, info.view(record.value))
        return
    await call.answer(200, info.view(record.value))


def check_name(metadata: JSONObject, name: str) -> None:
    """Refuse an object that has another name than the URL, or none."""
    given = metadata.get("name")
    if not given:
        raise BadRequest(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if given != name:
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({name})")


async def settle(
    context: Context,
    info: ResourceInfo,
    new: JSONObject,
    old: JSONObject,
    subresource: str,
    options: WriteOptions,
    *,
    applied: bool = False,
) -> JSONObject:
    """Bring what a client wants an object to be in line with what it may change; raise 422 or 409 if it cannot.

    Both are in the stored form. Admission has its say: first to change ``new``, at the end to refuse it. An object
    that has been ``applied`` brings its managed fields along; for any other they are worked out here.
    """
    strategy = info.strategy.of_subresource(subresource)
    metadata, before = new["metadata"], old["metadata"]
    if metadata.get("uid") and metadata["uid"] != before["uid"]:
        raise conflict(
            info,
            before["name"],
            f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {before['uid']}",
        )
    for key in _CARRIED:
        if key in before:
            metadata[key] = before[key]
        else:
            metadata.pop(key, None)
    metadata.pop("selfLink", None)
    if subresource == "status":
        strategy.default_status(new)
    else:
        strategy.default(new)
    now = rfc3339(context.clock.now())
    if not applied:
        context.field_managers.of(info, subresource).update(old, new, options.field_manager, now)
    attributes = Attributes(
        operation=Operation.UPDATE,
        info=info,
        namespace=before.get("namespace", ""),
        name=before["name"],
        subresource=subresource,
        obj=new,
        old=old,
        dry_run=options.dry_run,
        user=options.user,
        warnings=options.warnings,
    )
    await context.admission.admit(attributes)
    info.complete(new)
    if causes := _prepare(strategy, new, old, now, of_status=subresource == "status"):
        raise refusal(info.kind, info.group, before["name"], causes)
    await context.admission.validate(attributes)
    keep_times(new, old)
    return new


def _prepare(strategy: Strategy, new: JSONObject, old: JSONObject, now: str, *, of_status: bool) -> Causes:
    """Undo what a write may not change, note what is to be noted, and return what is wrong with the rest."""
    if of_status:
        strategy.prepare_for_status_update(new, old)
    else:
        strategy.prepare_for_update(new, old)
    strategy.stamp(new, old, now)
    metadata, before = new["metadata"], old["metadata"]
    if not of_status and strategy.counts_generations and strategy.counted(new) != strategy.counted(old):
        metadata["generation"] = before.get("generation", 0) + 1
    causes = object_meta.validate_update(metadata, before)
    causes += strategy.validate_status_update(new, old) if of_status else strategy.validate_update(new, old)
    return causes + names.validate_entries(metadata.get("managedFields", ()))


async def patch(context: Context, target: Target, call: Call) -> None:
    """PATCH in any format but apply, which has a handler of its own."""
    info = target.info
    patch = read_patch(context.decoder, call, info.patch_types)
    options = write_options(call)
    said = len(call.warnings)

    async def change(old: JSONObject) -> JSONObject:
        del call.warnings[said:]
        shown = info.from_stored(copy.deepcopy(old)) if info.conversion else old
        patched = patch.apply(shown, info.struct, context.bundle, keep_nulls=info.decoder.keeps_nulls)
        if not isinstance(patched.get("metadata"), dict):
            raise BadRequest("the patch leaves no metadata")
        # Of an object whose status is written the rest stays as it is, and need not be decoded again.
        known = old if target.subresource == "status" and shown is old else None
        new = info.to_stored(patch.decode(patched, info.decoder, (info.api_version, info.kind), call, known))
        new["metadata"] = dict(new["metadata"])
        settle_namespace(info, new["metadata"], target.namespace)
        check_name(new["metadata"], target.name)
        if new["metadata"].get("resourceVersion") == old["metadata"].get("resourceVersion"):
            # The patch did not ask for a version: it fits whatever the object is by then.
            new["metadata"].pop("resourceVersion")
        return await settle(context, info, new, old, target.subresource, options)

    record = await context.objects.update(info, target.namespace, target.name, change, dry_run=options.dry_run)
    await call.answer(200, info.view(record.value))
