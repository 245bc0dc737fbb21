"""Containers that are added to a running pod (``validateEphemeralContainers`` in
``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_ALLOWED = frozenset({
    "name",
    "image",
    "command",
    "args",
    "workingDir",
    "envFrom",
    "env",
    "volumeMounts",
    "volumeDevices",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "imagePullPolicy",
    "securityContext",
    "stdin",
    "stdinOnce",
    "tty",
    "targetContainerName",
})
_NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"


def validate_ephemeral_container(container: JSONObject, index: int, spec: JSONObject, path: str) -> Causes:
    """Check what sets one of them apart from other containers; ``path`` is its own."""
    causes: Causes = []
    name = container.get("name", "")
    others = [entry.get("name") for key in ("containers", "initContainers") for entry in spec.get(key) or ()]
    earlier = [entry.get("name") for entry in spec["ephemeralContainers"][:index]]
    if name in others or name in earlier:
        causes.append(field.duplicate(f"{path}.name", name))
    if (target := container.get("targetContainerName")) and target not in others:
        causes.append(field.not_found(f"{path}.targetContainerName", target))
    causes += [
        field.forbidden(f"{path}.{key}", _NOT_EPHEMERAL)
        for key, value in container.items()
        if key not in _ALLOWED and _is_set(key, value)
    ]
    for number, mount in enumerate(container.get("volumeMounts") or ()):
        causes += [
            field.forbidden(f"{path}.volumeMounts[{number}].{key}", _NOT_EPHEMERAL)
            for key in ("subPath", "subPathExpr")
            if mount.get(key)
        ]
    return causes


def _is_set(key: str, value: Any) -> bool:
    """Whether a field says something; ``{}`` does, where in Go it is a pointer: everywhere but in ``resources``."""
    return bool(value) or (value == {} and key != "resources")
