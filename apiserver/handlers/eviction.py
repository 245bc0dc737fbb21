"""POST ``pods/NAME/eviction``: delete a pod when its disruption budget allows it.

``pkg/registry/core/pod/storage/eviction.go``, v1.36. Budgets are counted by whoever keeps their status; here it is
only seen to that no two evictions are let through on the strength of the same count.
"""

from dataclasses import replace
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, Cause, Conflict, Forbidden, InternalError, TooManyRequests
from apimachinery.selectors import SelectorSyntaxError, from_label_selector
from apimachinery.types.base import LabelSelector
from apiserver.admission.interface import Attributes, Operation
from apiserver.handlers.context import Context, write_options
from apiserver.handlers.delete import DeleteOptions, delete_object, options_of
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Target
from apiserver.storage import conflict
from store.interface import ListOptions

JSONObject = dict[str, Any]

MOST_DISRUPTED_PODS = 2000
"""How many evictions may be let through before whoever keeps the budget's status has taken note of any."""

_TRIES = 20
_ENDED = frozenset({"Failed", "Succeeded"})
_WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_RETRY_SECONDS = 10


async def evict(context: Context, target: Target, call: Call) -> None:
    eviction = context.decoder.read_kind(call, "policy/v1", "Eviction")
    metadata = eviction.get("metadata", {})
    if metadata.get("name", "") != target.name:
        raise BadRequest("name in URL does not match name in Eviction object")
    if metadata.get("namespace", target.namespace) != target.namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    write = write_options(call)
    options = options_of(eviction.get("deleteOptions") or {})
    options = replace(options, dry_run=options.dry_run or write.dry_run)
    attributes = Attributes(
        operation=Operation.CREATE,
        info=target.info,
        namespace=target.namespace,
        name=target.name,
        subresource="eviction",
        obj=eviction,
        dry_run=options.dry_run,
        user=write.user,
        warnings=write.warnings,
    )
    await context.admission.admit(attributes)
    await context.admission.validate(attributes)
    await _evict(context, target, options)
    await call.answer_object(
        201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    )


async def _evict(context: Context, target: Target, options: DeleteOptions) -> None:
    for attempt in range(_TRIES):
        pod = await _read(context, target)
        if not _is_free(pod):
            await _evict_within_budget(context, target, pod, options)
            return
        # A pod that has not run yet may become ready any time, and would count then.
        pinned = not options.resource_version and not _has_ended(pod)
        wanted = replace(options, resource_version=pod["metadata"]["resourceVersion"]) if pinned else options
        try:
            await _delete(context, target, wanted)
        except Conflict:
            if options.resource_version or attempt == _TRIES - 1:
                raise
            continue
        return


async def _read(context: Context, target: Target) -> JSONObject:
    pod: JSONObject = orjson.loads((await context.objects.get(target.info, target.namespace, target.name)).value)
    return pod


def _has_ended(pod: JSONObject) -> bool:
    return pod.get("status", {}).get("phase") in _ENDED or bool(pod["metadata"].get("deletionTimestamp"))


def _is_free(pod: JSONObject) -> bool:
    """Whether no budget counts the pod, so that none is asked."""
    return _has_ended(pod) or pod.get("status", {}).get("phase") == "Pending"


def _is_ready(pod: JSONObject) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(entry.get("type") == "Ready" and entry.get("status") == "True" for entry in conditions)


async def _evict_within_budget(context: Context, target: Target, pod: JSONObject, options: DeleteOptions) -> None:
    budgets = await _budgets_of(context, pod)
    if len(budgets) > 1:
        raise InternalError(_SEVERAL)
    name = ""
    pinned = False
    if budgets:
        name = budgets[0]["metadata"]["name"]
        pinned = not _is_ready(pod) and _spares_unready(budgets[0])
        if not pinned:
            await _take(context, target, name, options)
    # A pod that is let go because it is not ready must not have become ready meanwhile.
    wanted = replace(options, resource_version=pod["metadata"]["resourceVersion"]) if pinned else options
    try:
        await _delete(context, target, wanted)
    except Conflict as error:
        if pinned and not options.resource_version:
            raise _being_processed(name) from error
        raise


async def _budgets_of(context: Context, pod: JSONObject) -> list[JSONObject]:
    """Return the budgets that select a pod."""
    listed = await context.objects.list(_budgets(context), pod["metadata"]["namespace"], ListOptions())
    found = []
    for record in listed.records:
        budget: JSONObject = orjson.loads(record.value)
        given = budget.get("spec", {}).get("selector")
        try:
            selector = from_label_selector(None if given is None else LabelSelector.model_validate(given))
        except SelectorSyntaxError:
            continue
        if selector is not None and selector.matches(pod["metadata"].get("labels", {})):
            found.append(budget)
    return found


def _budgets(context: Context) -> ResourceInfo:
    info = context.registry.find("policy", "v1", "poddisruptionbudgets")
    assert info is not None
    return info


def _spares_unready(budget: JSONObject) -> bool:
    """Whether a pod that is not ready costs the budget nothing."""
    if budget.get("spec", {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status", {})
    desired: int = status.get("desiredHealthy", 0)
    return 0 < desired <= int(status.get("currentHealthy", 0))


async def _take(context: Context, target: Target, name: str, options: DeleteOptions) -> None:
    """Take one disruption out of a budget; raise 429 when there is none left."""
    now = rfc3339(context.clock.now())

    async def change(budget: JSONObject) -> JSONObject:
        status = budget.setdefault("status", {})
        _check(budget, status)
        status["disruptionsAllowed"] -= 1
        if not status["disruptionsAllowed"]:
            _set_disallowed(budget, now)
        status.setdefault("disruptedPods", {})[target.name] = now
        budget["metadata"].pop("resourceVersion")
        return budget

    await context.objects.update(_budgets(context), target.namespace, name, change, dry_run=options.dry_run)


def _being_processed(name: str) -> TooManyRequests:
    cause = Cause("DisruptionBudget", f"The disruption budget {name} is still being processed by the server.")
    return TooManyRequests(_WOULD_VIOLATE, causes=[cause], retry_after_seconds=_RETRY_SECONDS)


def _check(budget: JSONObject, status: JSONObject) -> None:
    name = budget["metadata"]["name"]
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        raise _being_processed(name)
    if len(status.get("disruptedPods", {})) > MOST_DISRUPTED_PODS:
        raise Forbidden(
            f'poddisruptionbudget.policy "{name}" is forbidden: DisruptedPods map too big - too many evictions not '
            "confirmed by PDB controller",
            name=name,
            group="policy",
            kind="poddisruptionbudget",
        )
    if status.get("disruptionsAllowed", 0) > 0:
        return
    failed = next(
        (entry for entry in status.get("conditions", ()) if entry.get("reason") == "SyncFailed"),
        None,
    )
    if failed is not None:
        text = (
            f"The disruption budget {name} does not allow evicting pods currently because it failed sync: "
            f"{failed.get('message', '')}"
        )
    else:
        text = (
            f"The disruption budget {name} needs {status.get('desiredHealthy', 0)} healthy pods and has "
            f"{status.get('currentHealthy', 0)} currently"
        )
    raise TooManyRequests(_WOULD_VIOLATE, causes=[Cause("DisruptionBudget", text)])


def _set_disallowed(budget: JSONObject, now: str) -> None:
    """Say in the budget's conditions that no further disruption is allowed."""
    conditions = budget["status"].setdefault("conditions", [])
    condition = next((entry for entry in conditions if entry.get("type") == "DisruptionAllowed"), None)
    if condition is None:
        condition = {"type": "DisruptionAllowed"}
        conditions.append(condition)
    if condition.get("status") != "False":
        condition["lastTransitionTime"] = now
    condition |= {
        "status": "False",
        "reason": "InsufficientPods",
        "message": "",
        "observedGeneration": budget["status"].get("observedGeneration", 0),
    }


async def _delete(context: Context, target: Target, options: DeleteOptions) -> None:
    """Note on the pod why it goes, and delete it."""
    info, namespace, name = target.info, target.namespace, target.name
    if not options.dry_run:
        now = rfc3339(context.clock.now())

        async def note(pod: JSONObject) -> JSONObject:
            _check_preconditions(info, pod["metadata"], options)
            _set_disruption_target(pod, now)
            pod["metadata"].pop("resourceVersion")
            return pod

        noted = await context.objects.update(info, namespace, name, note)
        if options.resource_version:
            # It was this very write that changed it.
            options = replace(options, resource_version=str(noted.mod_revision))
    await delete_object(context, info, namespace, name, options)


def _check_preconditions(info: ResourceInfo, metadata: JSONObject, options: DeleteOptions) -> None:
    for label, wanted, found, then in (
        ("UID", options.uid, metadata["uid"], "deleted and then recreated"),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"], "modified"),
    ):
        if wanted and wanted != found:
            raise conflict(
                info,
                metadata["name"],
                f"the {label} in the precondition ({wanted}) does not match the {label} in record ({found}). "
                f"The object might have been {then}",
            )


def _set_disruption_target(pod: JSONObject, now: str) -> None:
    conditions = pod.setdefault("status", {}).setdefault("conditions", [])
    condition = next((entry for entry in conditions if entry.get("type") == "DisruptionTarget"), None)
    if condition is None:
        condition = {"type": "DisruptionTarget"}
        conditions.append(condition)
    if condition.get("status") != "True":
        condition["lastTransitionTime"] = now
    condition |= {"status": "True", "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"}
