"""What a status of a pod may say (``ValidatePodStatusUpdate`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.container_restart import may_restart, restarts_everything
from apiserver.validation.field import Causes
from apiserver.validation.pod_settings import validate_id
from apiserver.validation.values import address, immutable, ip

JSONObject = dict[str, Any]

_STATUSES = {
    "containers": "containerStatuses",
    "initContainers": "initContainerStatuses",
    "ephemeralContainers": "ephemeralContainerStatuses",
}
_SYSTEM_CONDITIONS = frozenset({"PodScheduled", "Ready", "Initialized"})
_HEALTH = ("Healthy", "Unhealthy", "Unknown")


def validate_pod_status_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a status write of a pod; ``new`` has the spec that it had."""
    status, before = new.get("status", {}), old.get("status", {})
    causes: Causes = []
    for index, condition in enumerate(status.get("conditions") or ()):
        if (kind := condition.get("type", "")) not in _SYSTEM_CONDITIONS:
            # Upstream spells the path so.
            causes += field.problems(f"metadata.conditions[{index}].Type", kind, names.qualified_name(kind))
    nominated = status.get("nominatedNodeName")
    if nominated and nominated != before.get("nominatedNodeName"):
        causes += field.problems("status.nominatedNodeName", nominated, names.dns_subdomain(nominated))
    causes += immutable("status.qosClass", status.get("qosClass"), before.get("qosClass"))
    causes += _no_way_back(new, old)
    if claims := status.get("resourceClaimStatuses"):
        causes += _claims(claims, new["spec"])
    if addresses := status.get("podIPs"):
        causes += _addresses(addresses, "status.podIPs")
    if host := status.get("hostIPs"):
        if host[0].get("ip", "") != status.get("hostIP", ""):
            detail = "must be equal to `hostIP`"
            causes.append(field.invalid("status.hostIPs[0].ip", host[0].get("ip", ""), detail))
        causes += _addresses(host, "status.hostIPs")
    for key, name in _STATUSES.items():
        if statuses := status.get(name):
            causes += _users(statuses, f"status.{name}", new["spec"])
            causes += _health(statuses, f"status.{name}", new["spec"].get(key) or [], key)
    return causes


def _no_way_back(new: JSONObject, old: JSONObject) -> Causes:
    """A container that has ended, and is not started again, does not run again."""
    causes: Causes = []
    spec = old["spec"]
    for key, name in _STATUSES.items():
        before = old.get("status", {}).get(name) or ()
        if not any("terminated" in entry.get("state", ()) for entry in before):
            continue
        containers = {container.get("name"): container for container in spec.get(key) or ()}
        after = {entry.get("name"): entry for entry in new.get("status", {}).get(name) or ()}
        for index, entry in enumerate(before):
            ended, now = entry.get("state", {}).get("terminated"), after.get(entry.get("name"))
            if ended is None or now is None or "terminated" in now.get("state", {}):
                continue
            container = containers.get(entry.get("name"), {})
            # Nobody starts an ephemeral container twice.
            if key != "ephemeralContainers" and may_restart(container, spec["restartPolicy"], ended.get("exitCode", 0)):
                continue
            detail = "may not be transitioned to non-terminated state"
            causes.append(field.forbidden(f"status.{name}[{index}].state", detail))
    if causes and any(restarts_everything(container) for key in _STATUSES for container in spec.get(key) or ()):
        # The end of one container may start any of them again.
        return []
    return causes


def _claims(claims: list[JSONObject], spec: JSONObject) -> Causes:
    causes: Causes = []
    known, seen = {claim.get("name") for claim in spec.get("resourceClaims") or ()}, set[str]()
    for index, entry in enumerate(claims):
        path, name = f"status.resourceClaimStatuses[{index}].name", entry.get("name", "")
        if name not in known:
            causes.append(field.invalid(path, name, "must match the name of an entry in `spec.resourceClaims`"))
        if name in seen:
            causes.append(field.duplicate(path, name))
        seen.add(name)
        if claim := entry.get("resourceClaimName"):
            causes += field.problems(path, claim, names.dns_subdomain(claim))
    return causes


def _addresses(entries: list[JSONObject], path: str) -> Causes:
    """Check a list of addresses: at most one of each family, none twice."""
    causes: Causes = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        text = entry.get("ip", "")
        causes += ip(f"{path}[{index}]", text)
        if text in seen:
            causes.append(field.duplicate(f"{path}[{index}]", entry))
        seen.add(text)
    families = {parsed.version for text in seen if (parsed := address(text)) is not None}
    if len(entries) > 2 or (len(entries) == 2 and len(families) < 2):
        causes.append(field.invalid(path, entries, "may specify no more than one IP for each IP family"))
    return causes


def _users(statuses: list[JSONObject], path: str, spec: JSONObject) -> Causes:
    causes: Causes = []
    windows = (spec.get("os") or {}).get("name") == "windows"
    for index, entry in enumerate(statuses):
        user, place = (entry.get("user") or {}).get("linux"), f"{path}[{index}].linux"
        if user is None:
            continue
        if windows:
            causes.append(field.forbidden(place, "cannot be set for a windows pod"))
            continue
        causes += validate_id(user.get("uid"), f"{place}.uid") + validate_id(user.get("gid"), f"{place}.gid")
        for number, group in enumerate(user.get("supplementalGroups") or ()):
            causes += validate_id(group, f"{place}.supplementalGroups[{number}]")
    return causes


def _health(statuses: list[JSONObject], path: str, containers: list[JSONObject], key: str) -> Causes:
    """Check what is said of the health of devices: that the container has asked for them, and each of them once."""
    causes: Causes = []
    specs = {container.get("name"): container for container in containers}
    for index, entry in enumerate(statuses):
        place = f"{path}[{index}].allocatedResourcesStatus"
        reported = entry.get("allocatedResourcesStatus") or []
        if reported and key == "ephemeralContainers":
            causes.append(field.forbidden(place, "must not be specified in container status"))
            continue
        for number, resource in enumerate(reported):
            here = f"{place}[{number}]"
            if (container := specs.get(entry.get("name"))) is not None:
                causes += _asked_for(resource.get("name", ""), container.get("resources", {}), f"{here}.name")
            seen: set[str] = set()
            for position, one in enumerate(resource.get("resources") or ()):
                identity, health = one.get("resourceID", ""), one.get("health", "")
                if health not in _HEALTH:
                    causes.append(field.not_supported(f"{here}.resources[{position}].health", health, _HEALTH))
                if identity in seen:
                    causes.append(field.duplicate(f"{here}.resources[{position}].resourceID", identity))
                seen.add(identity)
    return causes


def _asked_for(name: str, resources: JSONObject, path: str) -> Causes:
    if not name.startswith("claim:"):
        detail = "must match one of the container's resource requests"
        return [] if name in (resources.get("requests") or {}) else [field.invalid(path, name, detail)]
    wanted = {
        f"claim:{claim.get('name', '')}" + (f"/{claim['request']}" if claim.get("request") else "")
        for claim in resources.get("claims") or ()
    }
    detail = (
        "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' "
        "or 'claim:<claimName>' if request is empty"
    )
    return [] if name in wanted else [field.invalid(path, name, detail)]
