"""Pods and pod templates (``pkg/apis/core/validation/validation.go``, v1.36)."""

import copy
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.container import validate_containers
from apiserver.validation.field import Causes
from apiserver.validation.pod_settings import validate_settings
from apiserver.validation.pod_volumes import validate_source
from apiserver.validation.scheduling import validate_affinity, validate_tolerations

JSONObject = dict[str, Any]

RESTART_POLICIES = {"Always", "OnFailure", "Never"}
DNS_POLICIES = {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"}
MAX_ACTIVE_DEADLINE = 2**31 - 1


def validate_pod(pod: JSONObject) -> Causes:
    """Check the spec of a defaulted pod."""
    return validate_pod_spec(pod.get("spec", {}), "spec")


def validate_pod_create(pod: JSONObject) -> Causes:
    """Check a new pod, which cannot have what is only ever added to a running one."""
    causes = validate_pod(pod)
    if pod.get("spec", {}).get("ephemeralContainers"):
        causes.append(field.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    return causes


def validate_pod_spec(spec: JSONObject, path: str) -> Causes:
    causes: Causes = []
    volumes, volume_causes = _volumes(spec.get("volumes", []), f"{path}.volumes")
    causes += volume_causes
    causes += validate_containers(spec, volumes, path)
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
    ):
        if value := spec.get(key):
            causes += field.problems(f"{path}.{key}", value, check(value))
    for key, value in spec.get("nodeSelector", {}).items():
        causes += field.problems(f"{path}.nodeSelector", key, names.qualified_name(key))
        causes += field.problems(f"{path}.nodeSelector", value, names.label_value(value))
    causes += validate_settings(spec, path)
    causes += validate_tolerations(spec.get("tolerations", []), f"{path}.tolerations")
    if affinity := spec.get("affinity"):
        causes += validate_affinity(affinity, f"{path}.affinity")
    causes += _gates(spec.get("schedulingGates", []), f"{path}.schedulingGates")
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


def _volumes(volumes: list[JSONObject], path: str) -> tuple[set[str], Causes]:
    """Return the names that mounts may use, and what is wrong with the list."""
    causes: Causes = []
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        name = volume.get("name", "")
        here = f"{path}[{index}]"
        if not name:
            causes.append(field.required(f"{here}.name"))
        else:
            causes += field.problems(f"{here}.name", name, names.dns_label(name))
        if name in seen:
            causes.append(field.duplicate(f"{here}.name", name))
        seen.add(name)
        sources = [key for key, value in volume.items() if key != "name" and isinstance(value, dict)]
        causes += [
            field.forbidden(f"{here}.{source}", "may not specify more than 1 volume type") for source in sources[1:]
        ]
        causes += validate_source(volume, here)
    return seen, causes


_IMMUTABLE_TEXT = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate_pod_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check which parts of a running pod's spec a write may touch."""
    causes: Causes = []
    new_spec, old_spec = new["spec"], old["spec"]
    for key in ("containers", "initContainers"):
        if len(new_spec.get(key, [])) != len(old_spec.get(key, [])):
            causes.append(field.forbidden(f"spec.{key}", "pod updates may not add or remove containers"))
            return causes
        for index, container in enumerate(new_spec.get(key, [])):
            if not container.get("image"):
                causes.append(field.required(f"spec.{key}[{index}].image"))
    causes += _deadline_update(new_spec.get("activeDeadlineSeconds"), old_spec.get("activeDeadlineSeconds"))
    causes += _toleration_update(new_spec.get("tolerations", []), old_spec.get("tolerations", []))
    causes += _gates_update(new_spec.get("schedulingGates", []), old_spec.get("schedulingGates", []))
    if causes:
        return causes
    # What may change is made alike; whatever differs after that may not.
    alike = copy.deepcopy(new_spec)
    for key in ("containers", "initContainers"):
        for mine, theirs in zip(alike.get(key, []), old_spec.get(key, []), strict=True):
            mine["image"] = theirs.get("image", "")
    for key in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        alike.pop(key, None)
        if key in old_spec:
            alike[key] = old_spec[key]
    if old_spec.get("schedulingGates"):
        # A pod that still waits behind a gate may have its placement narrowed.
        for key in ("nodeSelector", "affinity"):
            alike.pop(key, None)
            if key in old_spec:
                alike[key] = old_spec[key]
    if old_spec["terminationGracePeriodSeconds"] < 0 and alike["terminationGracePeriodSeconds"] == 1:
        alike["terminationGracePeriodSeconds"] = old_spec["terminationGracePeriodSeconds"]
    if alike != old_spec:
        causes.append(field.forbidden("spec", _IMMUTABLE_TEXT))
    return causes


def _deadline_update(new: int | None, old: int | None) -> Causes:
    path = "spec.activeDeadlineSeconds"
    if new is not None and not 0 <= new <= MAX_ACTIVE_DEADLINE:
        return [field.invalid(path, new, f"must be between 0 and {MAX_ACTIVE_DEADLINE}, inclusive")]
    if old is not None and new is None:
        return [field.invalid(path, None, "must not update from a positive integer to nil value")]
    if old is not None and new is not None and new > old:
        return [field.invalid(path, new, "must be less than or equal to previous value")]
    return []


def _toleration_update(new: list[JSONObject], old: list[JSONObject]) -> Causes:
    def without_seconds(toleration: JSONObject) -> JSONObject:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [without_seconds(toleration) for toleration in new]
    if any(without_seconds(toleration) not in kept for toleration in old):
        return [
            field.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")
        ]
    return []


def _gates_update(new: list[JSONObject], old: list[JSONObject]) -> Causes:
    before = {gate.get("name") for gate in old}
    return [
        field.forbidden("spec.schedulingGates", f"only deletion is allowed, but found new scheduling gate '{name}'")
        for name in (gate.get("name") for gate in new)
        if name not in before
    ]


def validate_pod_status_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a status write: bound pods keep their node, finished containers stay finished under ``Never``."""
    causes: Causes = []
    if (nominated := new.get("status", {}).get("nominatedNodeName")) and names.dns_subdomain(nominated):
        causes += field.problems("status.nominatedNodeName", nominated, names.dns_subdomain(nominated))
    seen: set[str] = set()
    for index, condition in enumerate(new.get("status", {}).get("conditions", [])):
        kind = condition.get("type", "")
        if kind in seen:
            causes.append(field.duplicate(f"status.conditions[{index}].type", kind))
        seen.add(kind)
    if old["spec"]["restartPolicy"] != "Always":
        causes += _no_way_back(new, old)
    return causes


def _no_way_back(new: JSONObject, old: JSONObject) -> Causes:
    """A terminated container may not become running again where the restart policy forbids it."""
    policy = old["spec"]["restartPolicy"]
    before = {status.get("name", ""): status for status in old.get("status", {}).get("containerStatuses", [])}
    own_policy = {container.get("name") for container in old["spec"]["containers"] if container.get("restartPolicy")}
    causes: Causes = []
    for index, status in enumerate(new.get("status", {}).get("containerStatuses", [])):
        earlier = before.get(status.get("name", ""), {}).get("state", {}).get("terminated")
        if earlier is None or status.get("name", "") in own_policy or "terminated" in status.get("state", {}):
            continue
        if policy == "OnFailure" and earlier.get("exitCode", 0) != 0:
            continue
        causes.append(
            field.forbidden(
                f"status.containerStatuses[{index}].state", "may not be transitioned to non-terminated state"
            )
        )
    return causes
