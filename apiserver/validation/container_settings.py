"""What a container says of its security and surroundings (``pkg/apis/core/validation/validation.go``, v1.36)."""

import re
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.pod_settings import validate_id, validate_seccomp

JSONObject = dict[str, Any]

_HEADER_NAME = re.compile(r"[-A-Za-z0-9]+")
_PROPAGATION = ("Bidirectional", "HostToContainer", "None")
_RESIZE = ("NotRequired", "RestartContainer")


def validate_container_settings(container: JSONObject, path: str) -> Causes:
    causes: Causes = []
    context = container.get("securityContext")
    if context:
        causes += _security(context, f"{path}.securityContext")
    for index, source in enumerate(container.get("envFrom") or ()):
        causes += _env_from(source, f"{path}.envFrom[{index}]")
    privileged = bool((context or {}).get("privileged"))
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        causes += _propagation(mount, f"{path}.volumeMounts[{index}].mountPropagation", privileged=privileged)
    causes += _resize_policy(container, f"{path}.resizePolicy")
    return causes


def _security(context: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("runAsUser", "runAsGroup"):
        causes += validate_id(context.get(key), f"{path}.{key}")
    if context.get("allowPrivilegeEscalation") is False:
        shown = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        if context.get("privileged"):
            causes.append(field.invalid(path, context, shown))
        if "SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            shown = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            causes.append(field.invalid(path, context, shown))
    mount = context.get("procMount")
    if mount is not None and mount not in {"Default", "Unmasked"}:
        causes.append(field.not_supported(f"{path}.procMount", mount, ["Default", "Unmasked"]))
    return causes + validate_seccomp(context.get("seccompProfile"), f"{path}.seccompProfile")


def _env_from(source: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if prefix := source.get("prefix"):
        causes += field.problems(f"{path}.prefix", prefix, names.env_var_name(prefix))
    given = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
    if not given:
        return [*causes, field.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")]
    if len(given) > 1:
        causes.append(field.invalid(path, "", "may not have more than one field specified at a time"))
    for key in given:
        if not source[key].get("name"):
            causes.append(field.required(f"{path}.{key}.name"))
    return causes


def _propagation(mount: JSONObject, path: str, *, privileged: bool) -> Causes:
    kind = mount.get("mountPropagation")
    if kind is None:
        return []
    if kind not in _PROPAGATION:
        return [field.not_supported(path, kind, _PROPAGATION)]
    if kind == "Bidirectional" and not privileged:
        return [field.forbidden(path, "Bidirectional mount propagation is available only to privileged containers")]
    return []


def _resize_policy(container: JSONObject, path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, policy in enumerate(container.get("resizePolicy") or ()):
        name, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if name not in {"cpu", "memory"}:
            causes.append(
                field.not_supported(f"{path}[{index}].resourceName", name, ["cpu", "memory"])
                if name
                else field.required(f"{path}[{index}].resourceName")
            )
        elif name in seen:
            causes.append(field.duplicate(f"{path}[{index}]", name))
        seen.add(name)
        if restart not in _RESIZE:
            causes.append(
                field.not_supported(f"{path}[{index}].restartPolicy", restart, _RESIZE)
                if restart
                else field.required(f"{path}[{index}].restartPolicy")
            )
    return causes


def header_name_problems(name: str) -> list[str]:
    """``IsHTTPHeaderName``."""
    if _HEADER_NAME.fullmatch(name):
        return []
    return [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
        "validation is '[-A-Za-z0-9]+')"
    ]
