"""What ``ephemeralcontainers`` and ``resize`` may change (``ValidatePodEphemeralContainersUpdate`` and
``ValidatePodResize`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

import copy
from typing import Any

from apimachinery.pod_defaults import qos_class
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_MIRROR = "kubernetes.io/config.mirror"
_RESIZABLE = frozenset({"cpu", "memory"})
_KINDS = ("initContainers", "containers")


def _is_static(pod: JSONObject) -> bool:
    return _MIRROR in (pod["metadata"].get("annotations") or {})


def validate_ephemeral_containers(new: JSONObject, old: JSONObject) -> Causes:
    """Check that those which are there neither change nor go; what is added is checked with the rest of the spec."""
    if _is_static(old):
        return [field.forbidden("", "static pods do not support ephemeral containers")]
    path, causes = "spec.ephemeralContainers", Causes()
    after = {entry.get("name"): entry for entry in new["spec"].get("ephemeralContainers") or ()}
    for earlier in old["spec"].get("ephemeralContainers") or ():
        name = earlier.get("name", "")
        if name not in after:
            causes.append(field.forbidden(path, f'existing ephemeral containers "{name}" may not be removed\n'))
        elif after[name] != earlier:
            causes.append(field.forbidden(path, f'existing ephemeral containers "{name}" may not be changed\n'))
    return causes


def validate_resize(new: JSONObject, old: JSONObject) -> Causes:
    """Check new requests and limits: CPU and memory alone, none taken away, and of the same class of service."""
    if _is_static(old):
        return [field.forbidden("", "static pods cannot be resized")]
    if (old["spec"].get("os") or {}).get("name") == "windows":
        return [field.forbidden("", "windows pods cannot be resized")]
    causes: Causes = []
    if qos_class(new) != old.get("status", {}).get("qosClass", qos_class(old)):
        shown = new.get("status", {}).get("qosClass", "")
        causes.append(field.invalid("spec", shown, "Pod QOS Class may not change as a result of resizing"))
    for key in _KINDS:
        for index, (after, before) in enumerate(_pairs(new, old, key)):
            if key == "containers" or before.get("restartPolicy") == "Always":
                causes += _nothing_removed(after, before, f"spec.{key}[{index}].resources")
    causes += _nothing_removed(new["spec"], old["spec"], "spec.resources")
    for key in _KINDS:
        for after, before in _pairs(new, old, key):
            causes += _alike_but_for_size(after, before, is_init=key == "initContainers")
    if not causes and _sized_alike(new["spec"], old["spec"]) != _sized_alike(old["spec"], old["spec"]):
        causes.append(field.forbidden("spec", "only cpu and memory resources are mutable"))
    return causes


def _pairs(new: JSONObject, old: JSONObject, key: str) -> list[tuple[JSONObject, JSONObject]]:
    return list(zip(new["spec"].get(key) or (), old["spec"].get(key) or (), strict=True))


def _nothing_removed(after: JSONObject, before: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("requests", "limits"):
        had = (before.get("resources") or {}).get(key) or {}
        if not had.keys() <= ((after.get("resources") or {}).get(key) or {}).keys():
            causes.append(field.forbidden(f"{path}.{key}", f"resource {key} cannot be removed"))
    return causes


def _alike_but_for_size(after: JSONObject, before: JSONObject, *, is_init: bool) -> Causes:
    if is_init and before.get("restartPolicy") != "Always":
        detail = "resources for non-sidecar init containers are immutable"
        return [field.forbidden("spec", detail)] if after != before else []
    if _sized_alike(after, before) == _sized_alike(before, before):
        return []
    what = "resources for sidecar containers" if is_init else "resources"
    return [field.forbidden("spec", f"only cpu and memory {what} are mutable")]


def _sized_alike(after: JSONObject, before: JSONObject) -> JSONObject:
    """Return a container, or a spec without its containers, with CPU and memory as they were."""
    alike = {key: copy.deepcopy(value) for key, value in after.items() if key not in _KINDS}
    given = alike.pop("resources", None) or {}
    had = before.get("resources") or {}
    alike["resources"] = {
        "claims": given.get("claims") or [],
        **{
            key: {
                **{name: value for name, value in (given.get(key) or {}).items() if name not in _RESIZABLE},
                **{name: value for name, value in (had.get(key) or {}).items() if name in _RESIZABLE},
            }
            for key in ("limits", "requests")
        },
    }
    return alike
