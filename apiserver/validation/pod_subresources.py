"""What ``ephemeralcontainers`` and ``resize`` may change (``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.defaults.pod import qos_class
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_NOT_EPHEMERAL = (
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resizePolicy",
    "restartPolicy",
)
_RESIZABLE = frozenset({"cpu", "memory"})


def validate_ephemeral_containers(new: JSONObject, old: JSONObject) -> Causes:
    """Check what has been added; what is there may neither change nor go."""
    path, causes = "spec.ephemeralContainers", Causes()
    after = new["spec"].get("ephemeralContainers") or []
    before = {entry.get("name"): entry for entry in old["spec"].get("ephemeralContainers") or ()}
    taken = {entry.get("name") for key in ("containers", "initContainers") for entry in new["spec"].get(key) or ()}
    targets = {entry.get("name") for entry in new["spec"].get("containers") or ()}
    seen: set[str] = set()
    for index, container in enumerate(after):
        place, name = f"{path}[{index}]", container.get("name", "")
        if name in before and before[name] != container:
            detail = f'existing ephemeral containers "{name}" may not be changed'
            causes.append(field.forbidden(path, detail))
            continue
        if not name:
            causes.append(field.required(f"{place}.name"))
        else:
            causes += field.problems(f"{place}.name", name, names.dns_label(name))
        if name in taken or name in seen:
            causes.append(field.duplicate(f"{place}.name", name))
        seen.add(name)
        if not container.get("image"):
            causes.append(field.required(f"{place}.image"))
        if (target := container.get("targetContainerName")) and target not in targets:
            causes.append(field.not_found(f"{place}.targetContainerName", target))
        for key in _NOT_EPHEMERAL:
            if container.get(key):
                causes.append(field.forbidden(f"{place}.{key}", "cannot be set for an Ephemeral Container"))
        if container.get("resources"):
            causes.append(field.forbidden(f"{place}.resources", "cannot be set for an Ephemeral Container"))
    for name in before:
        if name not in {container.get("name") for container in after}:
            causes.append(field.forbidden(path, f'existing ephemeral containers "{name}" may not be removed'))
    return causes


def validate_resize(new: JSONObject, old: JSONObject) -> Causes:
    """Check new requests and limits of containers: CPU and memory alone, and of the same class of service."""
    causes: Causes = []
    for key in ("containers", "initContainers"):
        before = {entry.get("name"): entry for entry in old["spec"].get(key) or ()}
        for index, container in enumerate(new["spec"].get(key) or ()):
            earlier = before[container.get("name")]
            causes += _resources(container, earlier, f"spec.{key}[{index}].resources")
            sidecar = key == "containers" or container.get("restartPolicy") == "Always"
            if not sidecar and container.get("resources") != earlier.get("resources"):
                detail = "only pod container and sidecar resources are mutable"
                causes.append(field.forbidden(f"spec.{key}[{index}].resources", detail))
    if qos_class(new) != old.get("status", {}).get("qosClass", qos_class(old)):
        shown = qos_class(new)
        causes.append(field.invalid("spec", shown, "Pod QOS Class may not change as a result of resizing"))
    return causes


def _resources(container: JSONObject, earlier: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("limits", "requests"):
        after = container.get("resources", {}).get(key) or {}
        before = earlier.get("resources", {}).get(key) or {}
        for name in sorted(set(after) | set(before)):
            if after.get(name) == before.get(name):
                continue
            if name not in _RESIZABLE:
                causes.append(field.forbidden(f"{path}.{key}", "only cpu and memory resources are mutable"))
            elif name not in after:
                causes.append(field.forbidden(f"{path}.{key}", f"resource {key} cannot be removed"))
    return causes
