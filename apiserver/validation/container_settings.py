"""What a container says of its security and surroundings (``pkg/apis/core/validation/validation.go``, v1.36)."""

import re
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.pod_settings import validate_apparmor, validate_id, validate_seccomp
from apiserver.validation.values import one_of

JSONObject = dict[str, Any]

_HEADER_NAME = re.compile(r"[-A-Za-z0-9]+")
_RESIZABLE = ("cpu", "memory")
_RESIZE = ("NotRequired", "RestartContainer")


def validate_container_settings(container: JSONObject, spec: JSONObject, path: str) -> Causes:
    """Check everything in here; ``spec`` is the pod's."""
    causes: Causes = []
    context = container.get("securityContext")
    if context:
        causes += _security(context, f"{path}.securityContext")
        if context.get("procMount") == "Unmasked" and spec.get("hostUsers", True):
            detail = "`hostUsers` must be false to use `Unmasked`"
            causes.append(field.invalid(f"{path}.securityContext.procMount", "Unmasked", detail))
    for index, source in enumerate(container.get("envFrom") or ()):
        causes += _env_from(source, f"{path}.envFrom[{index}]")
    return causes + _resize_policy(container, spec.get("restartPolicy", ""), f"{path}.resizePolicy")


def _security(context: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("runAsUser", "runAsGroup"):
        causes += validate_id(context.get(key), f"{path}.{key}")
    if context.get("allowPrivilegeEscalation") is False:
        shown = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        if context.get("privileged"):
            causes.append(field.invalid(path, context, shown))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            shown = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            causes.append(field.invalid(path, context, shown))
    mount = context.get("procMount")
    if mount is not None and mount not in {"Default", "Unmasked"}:
        causes.append(field.not_supported(f"{path}.procMount", mount, ["Default", "Unmasked"]))
    causes += validate_seccomp(context.get("seccompProfile"), f"{path}.seccompProfile")
    return causes + validate_apparmor(context.get("appArmorProfile"), f"{path}.appArmorProfile")


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


def _resize_policy(container: JSONObject, pod_policy: str, path: str) -> Causes:
    """Check the list; upstream's paths do not say which entry is meant."""
    causes: Causes = []
    seen: set[str] = set()
    for index, policy in enumerate(container.get("resizePolicy") or ()):
        name, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if name in seen:
            causes.append(field.duplicate(f"{path}[{index}]", name))
        seen.add(name)
        causes += one_of(path, name, _RESIZABLE) + one_of(path, restart, _RESIZE)
        if (container.get("restartPolicy") or pod_policy) == "Never" and restart != "NotRequired":
            detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            causes.append(field.invalid(path, restart, detail))
    return causes


def header_name_problems(name: str) -> list[str]:
    """``IsHTTPHeaderName``."""
    if _HEADER_NAME.fullmatch(name):
        return []
    return [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
        "validation is '[-A-Za-z0-9]+')"
    ]
