"""Pods and pod templates (``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.container import validate_containers
from apiserver.validation.field import Causes
from apiserver.validation.pod_os import validate_os
from apiserver.validation.pod_resources import validate_pod_resources, validate_resource_claims
from apiserver.validation.pod_settings import validate_settings
from apiserver.validation.pod_update import MAX_ACTIVE_DEADLINE
from apiserver.validation.pod_volumes import validate_source
from apiserver.validation.right_specs import RightSpecs, essence
from apiserver.validation.scheduling import validate_affinity, validate_tolerations
from apiserver.validation.values import optional_one_of

JSONObject = dict[str, Any]

RESTART_POLICIES = {"Always", "OnFailure", "Never"}
PREEMPTION_POLICIES = ("Never", "PreemptLowerPriority")
LONGEST_HOST_NAME = 64
DNS_POLICIES = {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"}


_RIGHT = RightSpecs()


def validate_pod(pod: JSONObject) -> Causes:
    """Check the spec of a defaulted pod, and what holds for pods though not for templates of them."""
    spec = pod.get("spec", {})
    found = essence(spec)
    if found in _RIGHT:
        return []
    causes = _validate_spec_of_pod(spec)
    if not causes:
        _RIGHT.add(found)
    return causes


def _validate_spec_of_pod(spec: JSONObject) -> Causes:
    causes = validate_pod_spec(spec, "spec")
    if not spec.get("serviceAccountName"):
        causes += [
            field.forbidden(
                f"spec.volumes[{index}].projected.sources[{number}].serviceAccountToken",
                "must not be specified when serviceAccountName is not set",
            )
            for index, volume in enumerate(spec.get("volumes") or ())
            for number, source in enumerate((volume.get("projected") or {}).get("sources") or ())
            if source.get("serviceAccountToken") is not None
        ]
    for index, volume in enumerate(spec.get("volumes") or ()):
        if (image := volume.get("image")) is not None and not image.get("reference"):
            causes.append(field.required(f"spec.volumes[{index}].image.reference"))
    for key in ("containers", "initContainers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(key) or ()):
            image = container.get("image", "")
            if image != image.strip():
                detail = "must not have leading or trailing whitespace"
                causes.append(field.invalid(f"spec.{key}[{index}].image", image, detail))
    return causes


def validate_pod_create(pod: JSONObject) -> Causes:
    """Check a new pod, which cannot have what is only ever added to a running one."""
    causes, spec = validate_pod(pod), pod.get("spec", {})
    if spec.get("ephemeralContainers"):
        causes.append(field.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        causes.append(field.forbidden("spec.nodeName", detail))
    return causes


def validate_pod_spec(spec: JSONObject, path: str) -> Causes:
    causes: Causes = []
    volumes, volume_causes = _volumes(spec.get("volumes", []), f"{path}.volumes")
    causes += volume_causes
    causes += validate_resource_claims(spec.get("resourceClaims") or [], f"{path}.resourceClaims")
    causes += validate_containers(spec, volumes, path) + validate_pod_resources(spec, path)
    if spec["restartPolicy"] not in RESTART_POLICIES:
        causes.append(field.not_supported(f"{path}.restartPolicy", spec["restartPolicy"], RESTART_POLICIES))
    if spec["dnsPolicy"] not in DNS_POLICIES:
        causes.append(field.not_supported(f"{path}.dnsPolicy", spec["dnsPolicy"], DNS_POLICIES))
    causes += field.non_negative(f"{path}.terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"])
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MAX_ACTIVE_DEADLINE:
        causes.append(
            field.invalid(
                f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {MAX_ACTIVE_DEADLINE}, inclusive"
            )
        )
    for key, check in (
        ("nodeName", names.dns_subdomain),
        ("serviceAccountName", names.dns_subdomain),
        ("hostname", names.dns_label),
        ("subdomain", names.dns_label),
        ("priorityClassName", names.dns_subdomain),
        ("runtimeClassName", names.dns_subdomain),
        ("hostnameOverride", names.dns_subdomain),
    ):
        if value := spec.get(key):
            causes += field.problems(f"{path}.{key}", value, check(value))
    for key, value in spec.get("nodeSelector", {}).items():
        causes += field.problems(f"{path}.nodeSelector", key, names.qualified_name(key))
        causes += field.problems(f"{path}.nodeSelector", value, names.label_value(value))
    causes += validate_settings(spec, path) + validate_os(spec, path)
    causes += optional_one_of(f"{path}.preemptionPolicy", spec.get("preemptionPolicy"), PREEMPTION_POLICIES)
    causes += _host_name(spec, path)
    causes += validate_tolerations(spec.get("tolerations", []), f"{path}.tolerations")
    if affinity := spec.get("affinity"):
        causes += validate_affinity(affinity, f"{path}.affinity")
    causes += _gates(spec.get("schedulingGates", []), f"{path}.schedulingGates")
    return causes


def _host_name(spec: JSONObject, path: str) -> Causes:
    """Check a host name that replaces the one made of the pod's name."""
    if (name := spec.get("hostnameOverride")) is None:
        return []
    causes: Causes = []
    if not name:
        causes += field.problems(f"{path}.hostnameOverride", name, names.dns_subdomain(name))
    if len(name) > LONGEST_HOST_NAME:
        causes.append(field.too_long(f"{path}.hostnameOverride", LONGEST_HOST_NAME))
    if spec.get("setHostnameAsFQDN"):
        detail = "may not be specified when `hostnameOverride` is set"
        causes.append(field.forbidden(f"{path}.setHostnameAsFQDN", detail))
    if spec.get("hostNetwork"):
        detail = "may not be specified when `hostNetwork` is true"
        causes.append(field.forbidden(f"{path}.hostnameOverride", detail))
    return causes


def _gates(gates: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, gate in enumerate(gates):
        name = gate.get("name", "")
        causes += field.problems(f"{path}[{index}]", name, names.qualified_name(name))
        if name in seen:
            causes.append(field.duplicate(f"{path}[{index}]", name))
        seen.add(name)
    return causes


def _volumes(volumes: list[JSONObject], path: str) -> tuple[dict[str, JSONObject], Causes]:
    """Return what mounts may use, by name, and what is wrong with the list."""
    causes: Causes = []
    seen: dict[str, JSONObject] = {}
    for index, volume in enumerate(volumes):
        name = volume.get("name", "")
        here = f"{path}[{index}]"
        if not name:
            causes.append(field.required(f"{here}.name"))
        else:
            causes += field.problems(f"{here}.name", name, names.dns_label(name))
        if name in seen:
            causes.append(field.duplicate(f"{here}.name", name))
        seen[name] = volume
        sources = [key for key, value in volume.items() if key != "name" and isinstance(value, dict)]
        causes += [
            field.forbidden(f"{here}.{source}", "may not specify more than 1 volume type") for source in sources[1:]
        ]
        causes += validate_source(volume, here)
    return seen, causes
