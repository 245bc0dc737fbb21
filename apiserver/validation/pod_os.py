"""What the operating system of a pod rules out, and the signals that stop its containers
(``validateOS`` and ``validateStopSignal`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

from collections.abc import Iterator
from typing import Any

from apimachinery.errors import Cause
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_SYSTEMS = ("linux", "windows")
_NOT_ON_WINDOWS = "cannot be set for a windows pod"
_NOT_FOR_WINDOWS_PODS = ("hostPID", "hostIPC", "hostUsers", "shareProcessNamespace")
_NOT_FOR_WINDOWS_POD_CONTEXTS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
)
_NOT_FOR_WINDOWS_CONTAINERS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)
_WINDOWS_SIGNALS = ("SIGKILL", "SIGTERM")
_LINUX_NAMES = (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM "
    "TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
)
_LINUX_SIGNALS = frozenset({
    *(f"SIG{name}" for name in _LINUX_NAMES.split()),
    *(f"SIGRTMIN+{number}" for number in range(1, 16)),
    *(f"SIGRTMAX-{number}" for number in range(1, 15)),
})


def validate_os(spec: JSONObject, path: str) -> Causes:
    causes = list(_stop_signals(spec, path))
    system = spec.get("os")
    if system is None:
        return causes
    match system.get("name"):
        case "linux":
            return causes + list(_linux(spec, path))
        case "windows":
            return causes + list(_windows(spec, path))
        case None | "":
            return [*causes, field.required(f"{path}.os.name", "cannot be empty")]
        case name:
            return [*causes, field.not_supported(f"{path}.os.name", name, _SYSTEMS)]


def _contexts(spec: JSONObject, path: str) -> Iterator[tuple[JSONObject, str]]:
    """Yield the security contexts of all containers, with their paths."""
    for key in _CONTAINERS:
        for index, container in enumerate(spec.get(key) or ()):
            yield container.get("securityContext") or {}, f"{path}.{key}[{index}].securityContext"


def _linux(spec: JSONObject, path: str) -> Iterator[Cause]:
    for context, place in [(spec.get("securityContext") or {}, f"{path}.securityContext"), *_contexts(spec, path)]:
        if context.get("windowsOptions") is not None:
            yield field.forbidden(f"{place}.windowsOptions", "windows options cannot be set for a linux pod")


def _windows(spec: JSONObject, path: str) -> Iterator[Cause]:
    context = spec.get("securityContext") or {}
    for key in _NOT_FOR_WINDOWS_POD_CONTEXTS:
        if context.get(key) is not None and context[key] != []:
            yield field.forbidden(f"{path}.securityContext.{key}", _NOT_ON_WINDOWS)
    for key in _NOT_FOR_WINDOWS_PODS:
        # The first two are plain truth values in Go, so that false is as good as nothing.
        if spec.get(key) or (spec.get(key) is False and key in {"hostUsers", "shareProcessNamespace"}):
            yield field.forbidden(f"{path}.{key}", _NOT_ON_WINDOWS)
    for context, place in _contexts(spec, path):
        for key in _NOT_FOR_WINDOWS_CONTAINERS:
            if context.get(key) is not None:
                yield field.forbidden(f"{place}.{key}", _NOT_ON_WINDOWS)


def _stop_signals(spec: JSONObject, path: str) -> Iterator[Cause]:
    system = (spec.get("os") or {}).get("name")
    signals = _WINDOWS_SIGNALS if system == "windows" else _LINUX_SIGNALS
    for key in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(key) or ()):
            signal = (container.get("lifecycle") or {}).get("stopSignal")
            place = f"{path}.{key}[{index}].lifecycle.stopSignal"
            if signal is None:
                continue
            if not system:
                yield field.forbidden(place, "may not be set for containers with empty `spec.os.name`")
            elif signal not in signals:
                yield field.not_supported(place, signal, signals)
