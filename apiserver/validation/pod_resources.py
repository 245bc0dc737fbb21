"""What a pod as a whole asks for: resources and the claims of devices
(``validatePodResources`` and ``validatePodResourceClaims`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apimachinery.amounts import POD_LEVEL, container_amounts, is_pod_level
from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.container import validate_resources
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_SOURCES = ("resourceClaimName", "resourceClaimTemplateName")


def validate_pod_resources(spec: JSONObject, path: str) -> Causes:
    """Check requests and limits of the whole pod, also against those of its containers."""
    resources = spec.get("resources")
    if resources is None:
        return []
    causes: Causes = []
    path = f"{path}.resources"
    if resources.get("claims") is not None:
        causes.append(field.forbidden(f"{path}.claims", "claims cannot be set for Resources at pod-level"))
    for key in ("limits", "requests"):
        for name in resources.get(key) or ():
            if not is_pod_level(name):
                causes.append(field.not_supported(f"{path}.{key}[{name}]", name, POD_LEVEL))
    if causes:
        return causes
    causes += validate_resources(resources, path)
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name, together in container_amounts(spec, "requests").items():
        if is_pod_level(name) and together.number > parse_quantity(requests.get(name, "0")):
            detail = f"must be greater than or equal to aggregate container requests of {together}"
            causes.append(field.invalid(f"{path}.requests[{name}]", requests.get(name, "0"), detail))
    for index, container in enumerate(spec.get("containers") or ()):
        for name, limit in (container.get("resources", {}).get("limits") or {}).items():
            if name in limits and parse_quantity(limit) > parse_quantity(limits[name]):
                place = f"{path}.containers[{index}][{name}].limits"
                detail = f"must be less than or equal to pod limits of {limits[name]}"
                causes.append(field.invalid(place, limit, detail))
    return causes


def validate_resource_claims(claims: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        place, name = f"{path}[{index}]", claim.get("name", "")
        if not name:
            causes.append(field.required(f"{place}.name"))
        elif name in seen:
            causes.append(field.duplicate(f"{place}.name", name))
        else:
            causes += field.problems(f"{place}.name", name, names.dns_label(name))
        seen.add(name)
        given = [key for key in _SOURCES if claim.get(key) is not None]
        if len(given) == len(_SOURCES):
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            causes.append(field.invalid(place, claim, detail))
        elif not given:
            detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            causes.append(field.invalid(place, claim, detail))
        for key in given:
            causes += field.problems(f"{place}.{key}", claim[key], names.dns_subdomain(claim[key]))
    return causes
