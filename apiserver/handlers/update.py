"""PUT and PATCH, on objects and on their status."""

import copy
from typing import Any

import orjson

from apimachinery import patch as patches
from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, Cause, Invalid, NotFound, RequestEntityTooLarge, UnsupportedMediaType
from apimachinery.schema.decoder import DecodeError, FieldValidation, StrictDecodeError, without_nulls
from apiserver.admission.interface import Attributes, Operation
from apiserver.decoding import check_kind
from apiserver.fieldmanager import names
from apiserver.fieldmanager.manager import keep_times
from apiserver.handlers.context import Context, WriteOptions, write_options
from apiserver.handlers.create import create_object, settle_namespace
from apiserver.http import Call
from apiserver.registry.resource import ObjectDecoder, ResourceInfo
from apiserver.request import Target
from apiserver.storage import conflict
from apiserver.validation import field
from apiserver.validation import metadata as object_meta
from apiserver.validation.field import refusal

JSONObject = dict[str, Any]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)

# Upstream's bound on what one JSON patch may ask for.
_JSON_PATCH_OPERATIONS = 10_000

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
    strategy = info.strategy
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
    strategy.default(new)
    if not applied:
        now = rfc3339(context.clock.now())
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
    if subresource == "status":
        strategy.prepare_for_status_update(new, old)
        causes = object_meta.validate_update(metadata, before) + strategy.validate_status_update(new, old)
    else:
        strategy.prepare_for_update(new, old)
        if strategy.counts_generations and strategy.counted(new) != strategy.counted(old):
            metadata["generation"] = before.get("generation", 0) + 1
        causes = object_meta.validate_update(metadata, before) + strategy.validate_update(new, old)
    causes += names.validate_entries(metadata.get("managedFields", ()))
    if causes:
        raise refusal(info.kind, info.group, before["name"], causes)
    await context.admission.validate(attributes)
    keep_times(new, old)
    return new


async def patch(context: Context, target: Target, call: Call) -> None:
    """PATCH in any format but apply, which has a handler of its own."""
    info = target.info
    media_type = call.header(b"content-type").partition(";")[0].strip()
    if media_type not in PATCH_TYPES:
        raise UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: " + ", ".join(PATCH_TYPES)
        )
    if media_type == STRATEGIC_MERGE_PATCH and info.struct is None:
        raise UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(entry for entry in PATCH_TYPES if entry != STRATEGIC_MERGE_PATCH)
        )
    if call.query.given("force"):
        cause = field.forbidden("force", "may not be specified for non-apply patch")
        raise refusal("PatchOptions", "meta.k8s.io", "", [cause])
    body = context.decoder.read_any(call.body)
    validation = call.query.field_validation()
    options = write_options(call)

    said = len(call.warnings)

    async def change(old: JSONObject) -> JSONObject:
        del call.warnings[said:]
        shown = info.from_stored(copy.deepcopy(old)) if info.conversion else old
        new = _apply(context, info, media_type, shown, body)
        if not info.decoder.keeps_nulls:
            new = without_nulls(new)
        if not isinstance(new.get("metadata"), dict):
            raise BadRequest("the patch leaves no metadata")
        new = info.to_stored(decode_patched(info.decoder, new, (info.api_version, info.kind), validation, call))
        settle_namespace(info, new["metadata"], target.namespace)
        check_name(new["metadata"], target.name)
        if new["metadata"].get("resourceVersion") == old["metadata"].get("resourceVersion"):
            # The patch did not ask for a version: it fits whatever the object is by then.
            new["metadata"].pop("resourceVersion")
        return await settle(context, info, new, old, target.subresource, options)

    record = await context.objects.update(info, target.namespace, target.name, change, dry_run=options.dry_run)
    await call.answer(200, info.view(record.value))


def decode_patched(
    decoder: ObjectDecoder, patched: JSONObject, kind: tuple[str, str], validation: FieldValidation, call: Call
) -> JSONObject:
    """Check what a patch has made of an object; raise 422 about the patch when it is not of its kind any more."""
    try:
        check_kind(patched, *kind)
        decoded = decoder.decode(patched, validation)
    except (BadRequest, DecodeError, StrictDecodeError) as error:
        shown = orjson.dumps(patched).decode()
        raise refusal("", "", "", [field.invalid("patch", shown, str(error))]) from error
    call.warnings += decoded.problems
    return decoded.object


def _apply(context: Context, info: ResourceInfo, media_type: str, old: JSONObject, body: Any) -> JSONObject:
    try:
        if media_type == JSON_PATCH:
            if isinstance(body, list) and len(body) > _JSON_PATCH_OPERATIONS:
                raise RequestEntityTooLarge(
                    "Request entity too large: The allowed maximum operations in a JSON patch is "
                    f"{_JSON_PATCH_OPERATIONS}, got {len(body)}"
                )
            return patches.apply_json_patch(old, body)
        if not isinstance(body, dict):
            raise BadRequest("the patch must be an object")
        if media_type == MERGE_PATCH:
            merged: JSONObject = patches.apply_merge_patch(old, body)
            return merged
        assert info.struct is not None
        return patches.apply_strategic_merge_patch(old, body, info.struct, context.bundle)
    except patches.PatchTestFailed as error:
        raise Invalid(
            f'{info.kind} "{old["metadata"]["name"]}" is invalid: {error}',
            name=old["metadata"]["name"],
            group=info.group,
            kind=info.kind,
            causes=[Cause("FieldValueInvalid", str(error), "patch")],
        ) from error
    except patches.PatchError as error:
        raise BadRequest(str(error)) from error
