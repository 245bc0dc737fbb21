"""A namespace's LimitRanges: what containers get by default, and between which bounds pods and claims have to be.

``plugin/pkg/admission/limitranger``, v1.36. Messages are upstream's. Where several bounds are missed they are named
in the order of the LimitRange's entries, containers and resource names.
"""

from typing import Any

from apimachinery.amounts import Amounts, amount, amounts, pod_amounts
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden, joined

JSONObject = dict[str, Any]

ANNOTATION = "kubernetes.io/limit-ranger"


class LimitRanger(AdmissionPlugin):
    name = "LimitRanger"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if group:
            return False
        if operation is Operation.CREATE:
            return plural in {"pods", "persistentvolumeclaims"} and not subresource
        if operation is Operation.UPDATE:
            # A pod's resources change by way of its resize alone.
            return (plural, subresource) in {("pods", "resize"), ("persistentvolumeclaims", "")}
        return False

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.obj
        assert pod is not None
        if attributes.info.plural != "pods":
            return
        for limit_range in await self._lookups.listed("", "limitranges", attributes.namespace):
            set_defaults(pod, _limits(limit_range))

    async def validate(self, attributes: Attributes) -> None:
        new, old = attributes.obj, attributes.old
        assert new is not None
        if new["metadata"].get("deletionTimestamp") and attributes.operation is Operation.UPDATE:
            return
        check = pod_violations if attributes.info.plural == "pods" else claim_violations
        for limit_range in await self._lookups.listed("", "limitranges", attributes.namespace):
            if problems := check(_limits(limit_range), new, old):
                raise forbidden(attributes, joined(problems))


def _limits(limit_range: JSONObject) -> list[JSONObject]:
    limits: list[JSONObject] = limit_range.get("spec", {}).get("limits", [])
    return limits


def set_defaults(pod: JSONObject, limits: list[JSONObject]) -> None:
    """Give containers what they say nothing about, and note in an annotation what that was."""
    default_requests: dict[str, str] = {}
    default_limits: dict[str, str] = {}
    for limit in limits:
        if limit.get("type") == "Container":
            default_requests |= limit.get("defaultRequest", {})
            default_limits |= limit.get("default", {})
    if not default_requests and not default_limits:
        return
    notes: list[str] = []
    for key, noun in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(key, ()):
            owner = f"{noun} {container.get('name', '')}"
            notes += _fill(container, "requests", default_requests, f"request for {owner}")
            notes += _fill(container, "limits", default_limits, f"limit for {owner}")
    if notes:
        text = "LimitRanger plugin set: " + "; ".join(notes)
        pod["metadata"].setdefault("annotations", {})[ANNOTATION] = text


def _fill(container: JSONObject, key: str, defaults: dict[str, str], what: str) -> list[str]:
    """Set what a container lacks of its requests or limits; return the note on it."""
    given = container.get("resources", {}).get(key, {})
    missing = sorted(name for name in defaults if name not in given)
    if not missing:
        return []
    container.setdefault("resources", {})[key] = {**given, **{name: defaults[name] for name in missing}}
    return [f"{', '.join(missing)} {what}"]


def pod_violations(limits: list[JSONObject], new: JSONObject, old: JSONObject | None) -> list[str]:
    """Return what is wrong with a pod; on a resize what stays as it was is right."""
    problems: list[str] = []
    spec, before = new["spec"], (old or {}).get("spec", {})
    for limit in limits:
        kind = limit.get("type", "")
        if kind == "Container":
            for key in ("containers", "initContainers"):
                known = {container.get("name"): container for container in before.get(key, ())}
                for container in spec.get(key, ()):
                    requests, bounds = _resources(container)
                    was = _resources(known[container.get("name")]) if container.get("name") in known else None
                    problems += _bounds_missed(kind, limit, requests, bounds, was)
        elif kind == "Pod":
            requests, bounds = pod_amounts(spec, "requests"), pod_amounts(spec, "limits")
            was = (pod_amounts(before, "requests"), pod_amounts(before, "limits")) if old else None
            problems += _bounds_missed(kind, limit, requests, bounds, was)
    return problems


def _resources(container: JSONObject) -> tuple[Amounts, Amounts]:
    resources = container.get("resources", {})
    return amounts(resources.get("requests")), amounts(resources.get("limits"))


def _bounds_missed(
    kind: str, limit: JSONObject, requests: Amounts, limits: Amounts, was: tuple[Amounts, Amounts] | None
) -> list[str]:
    problems = []
    for key, check in (("min", _below), ("max", _above), ("maxLimitRequestRatio", _out_of_proportion)):
        for name, bound in sorted(limit.get(key, {}).items()):
            if was is not None and _same(name, requests, was[0]) and _same(name, limits, was[1]):
                continue
            if problem := check(kind, name, bound, requests, limits):
                problems.append(problem)
    return problems


def _same(name: str, one: Amounts, other: Amounts) -> bool:
    """Whether both have as much of a resource, or neither any."""
    left, right = one.get(name), other.get(name)
    return left is right or (left is not None and right is not None and left.number == right.number)


def _below(kind: str, name: str, bound: str, requests: Amounts, limits: Amounts) -> str:
    least, request, limit = amount(bound), requests.get(name), limits.get(name)
    rule = f"minimum {name} usage per {kind} is {least}"
    if request is None:
        return f"{rule}.  No request is specified"
    if request.number < least.number:
        return f"{rule}, but request is {request}"
    if limit is not None and limit.number < least.number:
        return f"{rule}, but limit is {limit}"
    return ""


def _above(kind: str, name: str, bound: str, requests: Amounts, limits: Amounts) -> str:
    most, request, limit = amount(bound), requests.get(name), limits.get(name)
    rule = f"maximum {name} usage per {kind} is {most}"
    if limit is None:
        return f"{rule}.  No limit is specified"
    if limit.number > most.number:
        return f"{rule}, but limit is {limit}"
    if request is not None and request.number > most.number:
        return f"{rule}, but request is {request}"
    return ""


def _out_of_proportion(kind: str, name: str, bound: str, requests: Amounts, limits: Amounts) -> str:
    most, request, limit = amount(bound), requests.get(name), limits.get(name)
    rule = f"{name} max limit to request ratio per {kind} is {most}"
    if request is None or not request.number:
        return f"{rule}, but no request is specified or request is 0"
    if limit is None or not limit.number:
        return f"{rule}, but no limit is specified or limit is 0"
    ratio = limit.number / request.number
    if ratio > most.number:
        return f"{rule}, but provided ratio is {float(ratio):f}"
    return ""


def claim_violations(limits: list[JSONObject], new: JSONObject, old: JSONObject | None) -> list[str]:
    """Return what is wrong with how much a PersistentVolumeClaim asks for, where that is new."""
    requests = _claimed(new)
    before = _claimed(old) if old else {}
    problems = []
    for limit in limits:
        if limit.get("type") != "PersistentVolumeClaim":
            continue
        for name, bound in sorted(limit.get("min", {}).items()):
            if name not in requests or not _same(name, requests, before):
                problems.append(_below("PersistentVolumeClaim", name, bound, requests, {}))
        for name, bound in sorted(limit.get("max", {}).items()):
            if name not in requests or not _same(name, requests, before):
                problems.append(_claimed_above(name, bound, requests))
    return [problem for problem in problems if problem]


def _claimed(claim: JSONObject) -> Amounts:
    return amounts(claim.get("spec", {}).get("resources", {}).get("requests"))


def _claimed_above(name: str, bound: str, requests: Amounts) -> str:
    most, request = amount(bound), requests.get(name)
    rule = f"maximum {name} usage per PersistentVolumeClaim is {most}"
    if request is None:
        return f"{rule}.  No request is specified"
    if request.number > most.number:
        return f"{rule}, but request is {request}"
    return ""
