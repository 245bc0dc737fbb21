"""DELETE, on one object and on a collection (``k8s.io/apiserver/pkg/registry/rest/delete.go``, v0.36)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from apimachinery.clock import parse_rfc3339, rfc3339
from apimachinery.errors import BadRequest, Forbidden, NotFound
from apiserver.admission.interface import Attributes, Operation
from apiserver.handlers.context import Context
from apiserver.handlers.selecting import Filter
from apiserver.http import Call, success_status
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Target, dry_run_problems
from apiserver.storage import conflict, deletion_complete
from apiserver.validation import field
from apiserver.validation.field import Causes, refusal
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]

_FINALIZER_OF = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}
_DELETIONS_AT_A_TIME = 100
_POLICIES = ("Background", "Foreground", "Orphan")


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """``metav1.DeleteOptions``; ``grace_period_seconds`` ``None`` means the object's own."""

    grace_period_seconds: int | None = None
    uid: str = ""
    resource_version: str = ""
    propagation_policy: str = ""
    dry_run: bool = False


def _options(context: Context, call: Call) -> DeleteOptions:
    """Read the options from the body or, where there is none, from the query; raise 400, 415 or 422.

    As upstream, what the query says counts for nothing beside a body, and fields that nobody knows are ignored.
    """
    if call.body.strip():
        return options_of(context.decoder.read_delete_options(call))
    query = call.query
    given: JSONObject = {}
    if policy := query.text("propagationPolicy"):
        given["propagationPolicy"] = policy
    if (grace := query.integer("gracePeriodSeconds")) is not None:
        given["gracePeriodSeconds"] = grace
    if query.given("orphanDependents"):
        given["orphanDependents"] = query.flag("orphanDependents")
    if query.given("dryRun"):
        given["dryRun"] = [query.text("dryRun")]
    return options_of(given)


def options_of(given: JSONObject) -> DeleteOptions:
    """Return the options that an object of the right types holds; raise 422 for what they cannot be."""
    policy, orphans = given.get("propagationPolicy"), given.get("orphanDependents")
    dry_run, causes = given.get("dryRun") or [], Causes()
    if policy is not None and orphans is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        causes.append(field.invalid("propagationPolicy", policy, detail))
    if policy is not None and policy not in _POLICIES:
        causes.append(field.not_supported("propagationPolicy", policy, (*_POLICIES, "nil")))
    causes += dry_run_problems(dry_run)
    if causes:
        raise refusal("DeleteOptions", "meta.k8s.io", "", causes)
    if orphans is not None:
        policy = "Orphan" if orphans else "Background"
    preconditions = given.get("preconditions") or {}
    return DeleteOptions(
        given.get("gracePeriodSeconds"),
        preconditions.get("uid") or "",
        preconditions.get("resourceVersion") or "",
        policy or "",
        bool(dry_run),
    )


async def delete(context: Context, target: Target, call: Call) -> None:
    info = target.info
    options = _options(context, call)
    if why := info.strategy.deletion_forbidden(target.name):
        raise Forbidden(
            f'{info.qualified} "{target.name}" is forbidden: {why}',
            name=target.name,
            group=info.group,
            kind=info.plural,
        )
    _warn_of_orphans(call, info, options)
    obj, gone = await delete_object(context, info, target.namespace, target.name, options)
    if gone and not info.strategy.returns_deleted_object:
        metadata = obj["metadata"]
        status = success_status(name=metadata["name"], group=info.group, kind=info.plural, uid=metadata["uid"])
        await call.answer_object(200, status)
        return
    await call.answer_object(200, info.from_stored(obj))


def _warn_of_orphans(call: Call, info: ResourceInfo, options: DeleteOptions) -> None:
    if info.strategy.orphaning_warning and not options.propagation_policy:
        call.warnings.append(info.strategy.orphaning_warning)


async def delete_collection(context: Context, target: Target, call: Call) -> None:
    """Delete what the selectors match, and answer with the list of it."""
    info = target.info
    options = _options(context, call)
    if options.uid or options.resource_version:
        raise BadRequest("preconditions are not allowed when a collection is deleted")
    _warn_of_orphans(call, info, options)
    wanted = Filter(info, call.query.label_selector(), call.query.field_selector(info))
    listed = await context.objects.list(info, target.namespace, ListOptions())
    deleted: list[JSONObject] = []
    for number, record in enumerate(wanted.choose(listed.records), 1):
        if number % _DELETIONS_AT_A_TIME == 0:
            # Writes never suspend; watchers have to get a turn to read what is being written.
            await context.clock.sleep(0)
        metadata = orjson.loads(record.value)["metadata"]
        try:
            obj, _ = await delete_object(context, info, metadata.get("namespace", ""), metadata["name"], options)
        except NotFound:
            continue
        deleted.append(info.from_stored(obj))
    await call.answer_object(
        200,
        {
            "kind": info.list_kind,
            "apiVersion": info.api_version,
            "metadata": {"resourceVersion": str(listed.revision)},
            "items": deleted,
        },
    )


async def delete_object(
    context: Context, info: ResourceInfo, namespace: str, name: str, options: DeleteOptions
) -> tuple[JSONObject, bool]:
    """Delete, or begin to; return the object's last state and whether it is gone already."""
    while True:
        record = await context.objects.get(info, namespace, name)
        obj: JSONObject = orjson.loads(record.value)
        _check_preconditions(info, obj, options)
        await _admit(context, info, namespace, name, obj, options)
        changed = _begin(context, info, obj, options)
        if deletion_complete(info, obj):
            if options.dry_run:
                return obj, True
            removed = await context.objects.remove(info, record, obj)
            if removed is not None:
                return orjson.loads(removed.value), True
            continue
        if not changed or options.dry_run:
            return obj, False
        updated = await _write(context, info, namespace, name, record, obj)
        if updated is not None:
            return orjson.loads(updated.value), False


async def _admit(
    context: Context, info: ResourceInfo, namespace: str, name: str, obj: JSONObject, options: DeleteOptions
) -> None:
    attributes = Attributes(
        operation=Operation.DELETE,
        info=info,
        namespace=namespace if info.namespaced else "",
        name=name,
        old=obj,
        dry_run=options.dry_run,
    )
    await context.admission.admit(attributes)
    await context.admission.validate(attributes)


async def _write(
    context: Context, info: ResourceInfo, namespace: str, name: str, record: Record, obj: JSONObject
) -> Record | None:
    """Store the state in which deletion has begun; ``None`` when the object changed meanwhile."""
    superseded = False

    async def change(old: JSONObject) -> JSONObject:
        nonlocal superseded
        superseded = old["metadata"]["resourceVersion"] != str(record.mod_revision)
        return old if superseded else obj

    updated = await context.objects.update(info, namespace, name, change)
    return None if superseded else updated


def _check_preconditions(info: ResourceInfo, obj: JSONObject, options: DeleteOptions) -> None:
    metadata = obj["metadata"]
    for label, wanted, found in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if wanted and wanted != found:
            raise conflict(
                info,
                metadata["name"],
                f"Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {found}",
            )


def _begin(context: Context, info: ResourceInfo, obj: JSONObject, options: DeleteOptions) -> bool:
    """Mark the object as being deleted; return whether that changed it."""
    metadata = obj["metadata"]
    now = context.clock.now()
    finalizers = _finalizers(metadata.get("finalizers", []), options.propagation_policy)
    if info.strategy.orphans_by_default and not options.propagation_policy:
        finalizers = _orphaning(finalizers)
    changed: bool = finalizers != metadata.get("finalizers", [])
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)
    grace = info.strategy.graceful_deletion(obj, options.grace_period_seconds)
    if metadata.get("deletionTimestamp"):
        # Only ever sooner: a second delete may shorten the wait, never prolong it.
        left = metadata.get("deletionGracePeriodSeconds", 0)
        if options.grace_period_seconds is None or grace >= left:
            return changed
        asked_at = _shifted(parse_rfc3339(metadata["deletionTimestamp"]), -left)
        metadata["deletionTimestamp"] = rfc3339(max(now, _shifted(asked_at, grace)) if grace else now)
        metadata["deletionGracePeriodSeconds"] = grace
        return True
    metadata["deletionTimestamp"] = rfc3339(_shifted(now, grace))
    metadata["deletionGracePeriodSeconds"] = grace
    if metadata.get("generation"):
        metadata["generation"] += 1
    info.strategy.begin_deletion(obj)
    return True


def _shifted(moment: datetime, seconds: int) -> datetime:
    """Return the moment so many seconds later, or earlier; past the years there are, the last or first of them."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def _orphaning(current: list[str]) -> list[str]:
    """Return the finalizers of an object whose dependents stay, unless it has said otherwise itself."""
    return current if set(_FINALIZER_OF.values()) & set(current) else [*current, _FINALIZER_OF["Orphan"]]


def _finalizers(current: list[str], policy: str) -> list[str]:
    """Return the finalizers under which the wished propagation happens; none given keeps them as they are."""
    if not policy:
        return current
    kept = [name for name in current if name not in _FINALIZER_OF.values()]
    return [*kept, _FINALIZER_OF[policy]] if policy in _FINALIZER_OF else kept
