"""The subresources that are more than a view of their object: binding, scale, finalize."""

from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, InternalError, NotFound
from apiserver.handlers import apply, update
from apiserver.handlers.context import Context, write_options
from apiserver.handlers.create import settle_namespace
from apiserver.handlers.patching import read_patch
from apiserver.http import Call, method_not_allowed, success_status
from apiserver.printing.columns import label_selector_text
from apiserver.registry.resource import ResourceInfo, ScalePaths
from apiserver.request import Target
from apiserver.storage import conflict
from apiserver.validation import field
from apiserver.validation.field import refusal
from apiserver.validation.kinds import validate_namespace

JSONObject = dict[str, Any]


async def bind(context: Context, target: Target, call: Call) -> None:
    """POST ``pods/NAME/binding``: give an unbound pod its node (``BindingREST``, v1.36)."""
    if call.method != "POST":
        raise method_not_allowed()
    binding = context.decoder.read_kind(call, "v1", "Binding")
    await _bind(context, target, call, binding)


async def bind_by_name(context: Context, target: Target, call: Call) -> None:
    """POST ``bindings``: the same, for the pod that the body names; the older form of it."""
    pods = context.registry.find("", "v1", "pods")
    assert pods is not None
    binding = context.decoder.read(call, target.info)
    metadata = binding.setdefault("metadata", {})
    settle_namespace(target.info, metadata, target.namespace)
    if not metadata.get("name"):
        raise refusal("Binding", "", "", [field.required("metadata.name", "name or generateName is required")])
    await _bind(context, Target(pods, target.namespace, metadata["name"], "binding"), call, binding)


async def _bind(context: Context, target: Target, call: Call, binding: JSONObject) -> None:
    chosen = binding.get("target", {})
    causes = []
    if not chosen.get("name"):
        causes.append(field.required("target.name"))
    elif chosen.get("kind") not in {None, "", "Node"}:
        causes.append(field.not_supported("target.kind", chosen["kind"], ["", "Node"]))
    if causes:
        raise refusal("Binding", "", target.name, causes)
    annotations = binding.get("metadata", {}).get("annotations", {})
    now = rfc3339(context.clock.now())

    async def change(pod: JSONObject) -> JSONObject:
        _assign(target, pod, chosen["name"], annotations, now)
        return pod

    await context.objects.update(target.info, target.namespace, target.name, change, dry_run=call.query.dry_run())
    await call.answer_object(201, success_status(name=target.name, group="", kind="pods"))


def _assign(target: Target, pod: JSONObject, node: str, annotations: JSONObject, now: str) -> None:
    name, spec = target.name, pod["spec"]
    if pod["metadata"].get("deletionTimestamp"):
        raise conflict(target.info, name, f"pod {name} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        raise conflict(target.info, name, f'pod {name} is already assigned to node "{spec["nodeName"]}"')
    if spec.get("schedulingGates"):
        raise conflict(target.info, name, f"pod {name} has non-empty .spec.schedulingGates")
    spec["nodeName"] = node
    if annotations:
        pod["metadata"].setdefault("annotations", {}).update(annotations)
    # What the pod was promised is of no more use (ClearingNominatedNodeNameAfterBinding, on since v1.35).
    pod["status"].pop("nominatedNodeName", None)
    conditions = pod["status"].setdefault("conditions", [])
    scheduled = next((entry for entry in conditions if entry.get("type") == "PodScheduled"), None)
    if scheduled is None:
        scheduled = {"type": "PodScheduled"}
        conditions.append(scheduled)
    scheduled.clear()
    scheduled |= {"type": "PodScheduled", "status": "True", "lastTransitionTime": now}
    scheduled["observedGeneration"] = pod["metadata"].get("generation", 1)


async def finalize(context: Context, target: Target, call: Call) -> None:
    """PUT ``namespaces/NAME/finalize``: change which finalizers of the spec are left."""
    if call.method != "PUT":
        raise method_not_allowed()
    wanted = context.decoder.read(call, target.info)
    finalizers = wanted.get("spec", {}).get("finalizers", [])
    if causes := validate_namespace(wanted):
        raise refusal(target.info.kind, target.info.group, target.name, causes)

    async def change(namespace: JSONObject) -> JSONObject:
        if finalizers:
            namespace["spec"] = {"finalizers": finalizers}
        else:
            namespace.pop("spec", None)
        given = wanted.get("metadata", {}).get("resourceVersion")
        if given:
            namespace["metadata"]["resourceVersion"] = given
        else:
            namespace["metadata"].pop("resourceVersion", None)
        return namespace

    record = await context.objects.update(
        target.info, target.namespace, target.name, change, dry_run=call.query.dry_run()
    )
    await call.answer(200, record.value)


_SCALE = ("autoscaling/v1", "Scale")


_BUILTIN_SCALE = ScalePaths(("spec", "replicas"), ("status", "replicas"))


def _at(obj: JSONObject, path: tuple[str, ...]) -> Any:
    """Return what stands at the end of a way through nested fields; ``None`` when it ends before."""
    found: Any = obj
    for key in path:
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def _selector_text(info: ResourceInfo, obj: JSONObject) -> str:
    if info.scale is not None:
        return str(_at(obj, info.scale.selector) or "") if info.scale.selector else ""
    selector = obj["spec"].get("selector") or {}
    if not {"matchLabels", "matchExpressions"} & set(selector):
        # A replication controller's selector is a plain map.
        selector = {"matchLabels": selector}
    shown = label_selector_text(selector)
    return "" if shown == "<none>" else shown


def _scale_of(info: ResourceInfo, value: bytes) -> JSONObject:
    obj = orjson.loads(value)
    metadata, paths = obj["metadata"], info.scale or _BUILTIN_SCALE
    replicas = _at(obj, paths.spec_replicas)
    if replicas is None and info.scale is not None:
        detail = f'the spec replicas field "{".".join(("", *paths.spec_replicas))}" does not exist'
        raise InternalError(f"Internal error occurred: {detail}")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            key: metadata[key]
            for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
            if key in metadata
        },
        "spec": {"replicas": replicas or 0},
        "status": {"replicas": _at(obj, paths.status_replicas) or 0, "selector": _selector_text(info, obj)},
    }


def _scale_not_found(target: Target) -> NotFound:
    """Return what the ``ScaleREST`` of the built-in kinds says, and only when it is read."""
    group, kind = target.info.group, f"{target.info.plural}/scale"
    qualified = f"{kind}.{group}" if group else kind
    return NotFound(f'{qualified} "{target.name}" not found', name=target.name, group=group, kind=kind)


async def scale(context: Context, target: Target, call: Call) -> None:
    """GET, PUT and PATCH of ``…/scale``: the replicas of a workload, whatever its kind."""
    reads = call.method in {"GET", "HEAD"}
    try:
        record = await context.objects.get(target.info, target.namespace, target.name)
    except NotFound:
        if reads and target.info.scale is None:
            raise _scale_not_found(target) from None
        raise
    if reads:
        await call.answer_object(200, _scale_of(target.info, record.value))
        return
    if call.method == "PUT":
        wanted = context.decoder.read_kind(call, *_SCALE)
    elif call.method == "PATCH" and apply.is_apply(call):
        updated = await apply.apply_to_existing(context, target, call)
        await call.answer_object(200, _scale_of(target.info, updated.value))
        return
    elif call.method == "PATCH":
        wanted = _patched_scale(context, call, _scale_of(target.info, record.value))
    else:
        raise method_not_allowed()
    replicas, version = _checked_scale(target, wanted)
    options = write_options(call)

    async def change(old: JSONObject) -> JSONObject:
        new = orjson.loads(orjson.dumps(old))
        _put(new, (target.info.scale or _BUILTIN_SCALE).spec_replicas, replicas)
        if version:
            new["metadata"]["resourceVersion"] = version
        else:
            new["metadata"].pop("resourceVersion", None)
        return await update.settle(context, target.info, new, old, target.subresource, options)

    updated = await context.objects.update(target.info, target.namespace, target.name, change, dry_run=options.dry_run)
    await call.answer_object(200, _scale_of(target.info, updated.value))


def _put(obj: JSONObject, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        obj = obj.setdefault(key, {})
    obj[path[-1]] = value


def _patched_scale(context: Context, call: Call, current: JSONObject) -> JSONObject:
    version = current["metadata"]["resourceVersion"]
    patch = read_patch(context.decoder, call)
    patched = patch.apply(current, context.bundle.kind(*_SCALE), context.bundle)
    scale: JSONObject = patch.decode(patched, context.decoder.of_kind(*_SCALE), _SCALE, call)
    if scale.get("metadata", {}).get("resourceVersion") == version:
        # The patch did not ask for a version: it fits whatever the object is by then.
        del scale["metadata"]["resourceVersion"]
    return scale


def _checked_scale(target: Target, wanted: JSONObject) -> tuple[int, str]:
    metadata = wanted.get("metadata", {})
    if metadata.get("name", target.name) != target.name:
        raise BadRequest(
            f"the name of the object ({metadata['name']}) does not match the name on the URL ({target.name})"
        )
    replicas: int = wanted.get("spec", {}).get("replicas", 0)
    if causes := field.non_negative("spec.replicas", replicas):
        raise refusal("Scale", "autoscaling", target.name, causes)
    return replicas, metadata.get("resourceVersion", "")
