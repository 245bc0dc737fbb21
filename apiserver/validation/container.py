"""Containers, their ports, variables, mounts, probes and resources
(``pkg/apis/core/validation/validation.go``, v1.36)."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from apimachinery import names
from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.container_restart import validate_restart_policy
from apiserver.validation.container_settings import header_name_problems, validate_container_settings
from apiserver.validation.container_volumes import Volumes, validate_mounts
from apiserver.validation.ephemeral_containers import validate_ephemeral_container
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

PULL_POLICIES = {"Always", "IfNotPresent", "Never"}
TERMINATION_MESSAGE_POLICIES = {"File", "FallbackToLogsOnError"}
PROTOCOLS = {"TCP", "UDP", "SCTP"}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
PORT_RANGE = "must be between 1 and 65535, inclusive"
STANDARD_RESOURCES = {"cpu", "memory", "ephemeral-storage"}
ENV_FIELDS = {
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
}
ENV_RESOURCES = {
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
}


def validate_containers(spec: JSONObject, volumes: Volumes, path: str) -> Causes:
    """Check all containers of a pod spec; ``volumes`` are those that mounts may use, by name."""
    causes: Causes = []
    containers = spec.get("containers", [])
    if not containers:
        causes.append(field.required(f"{path}.containers"))
    seen: set[str] = set()
    for index, container in enumerate(containers):
        here = f"{path}.containers[{index}]"
        causes += _common(container, spec, volumes, here) + _unique(container, seen, here)
        causes += _life(container, here) + validate_restart_policy(container, here)
    causes += _host_ports(containers, f"{path}.containers")
    for index, container in enumerate(spec.get("initContainers") or ()):
        here = f"{path}.initContainers[{index}]"
        causes += _common(container, spec, volumes, here) + _unique(container, seen, here)
        causes += validate_restart_policy(container, here)
        causes += _host_ports([container], f"{path}.initContainers")
        if container.get("restartPolicy") == "Always":
            causes += _life(container, here)
            continue
        causes += [
            field.forbidden(f"{here}.{key}", "may not be set for init containers without restartPolicy=Always")
            for key in ("lifecycle", *PROBES)
            if container.get(key) is not None
        ]
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        here = f"{path}.ephemeralContainers[{index}]"
        causes += _common(container, spec, volumes, here)
        causes += validate_ephemeral_container(container, index, spec, here)
    return causes


def _unique(container: JSONObject, seen: set[str], path: str) -> Causes:
    """Check that the name has not been seen, and note it."""
    name = container.get("name", "")
    if name in seen:
        return [field.duplicate(f"{path}.name", name)]
    seen.add(name)
    return []


def _life(container: JSONObject, path: str) -> Causes:
    """Check what happens while a container runs: probes and hooks."""
    causes: Causes = []
    for name in PROBES:
        if (probe := container.get(name)) is not None:
            causes += _probe(probe, f"{path}.{name}", must_succeed_once=name != "readinessProbe")
    for hook in ("postStart", "preStop"):
        if (handler := (container.get("lifecycle") or {}).get(hook)) is not None:
            causes += _handler(handler, f"{path}.lifecycle.{hook}", (*HANDLERS[:3], "sleep"))
    return causes


def _common(container: JSONObject, spec: JSONObject, volumes: Volumes, path: str) -> Causes:
    """Check what containers of all kinds have (``validateContainerCommon``)."""
    causes: Causes = []
    name = container.get("name", "")
    causes += field.problems(f"{path}.name", name, names.dns_label(name)) if name else [field.required(f"{path}.name")]
    if not container.get("image"):
        causes.append(field.required(f"{path}.image"))
    if container["imagePullPolicy"] not in PULL_POLICIES:
        causes.append(field.not_supported(f"{path}.imagePullPolicy", container["imagePullPolicy"], PULL_POLICIES))
    policy = container["terminationMessagePolicy"]
    if policy not in TERMINATION_MESSAGE_POLICIES:
        causes.append(field.not_supported(f"{path}.terminationMessagePolicy", policy, TERMINATION_MESSAGE_POLICIES))
    causes += _ports(container.get("ports", []), f"{path}.ports")
    causes += _environment(container.get("env", []), f"{path}.env")
    causes += validate_mounts(container, volumes, path)
    causes += validate_resources(container.get("resources", {}), f"{path}.resources")
    causes += _claims(container, spec, f"{path}.resources.claims")
    return causes + validate_container_settings(container, spec, path)


def _claims(container: JSONObject, spec: JSONObject, path: str) -> Causes:
    """Check which of the pod's claims a container uses."""
    causes: Causes = []
    claims = container.get("resources", {}).get("claims")
    if not claims:
        return causes
    known = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        name, request = claim.get("name", ""), claim.get("request", "")
        if not name:
            causes.append(field.required(f"{path}[{index}].name"))
            continue
        # One claim may be used for several of the requests in it.
        key = f"{name}/{request}" if request else name
        if key in seen:
            causes.append(field.duplicate(f"{path}[{index}]", key))
        seen.add(key)
        if name not in known:
            missing = field.not_found(f"{path}[{index}].name", name)
            detail = "must be one of the names in pod.spec.resourceClaims"
            causes.append(replace(missing, message=f"{missing.message}: {detail}"))
    return causes


def _port_number(path: str, value: Any) -> Causes:
    return [] if isinstance(value, int) and 1 <= value <= 65535 else [field.invalid(path, value, PORT_RANGE)]


def _ports(ports: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        here = f"{path}[{index}]"
        if name := port.get("name"):
            messages = names.port_name(name)
            causes += field.problems(f"{here}.name", name, messages)
            if not messages and name in seen:
                causes.append(field.duplicate(f"{here}.name", name))
            seen.add(name)
        if not port.get("containerPort"):
            causes.append(field.required(f"{here}.containerPort"))
        else:
            causes += _port_number(f"{here}.containerPort", port["containerPort"])
        if port.get("hostPort"):
            causes += _port_number(f"{here}.hostPort", port["hostPort"])
        if port["protocol"] not in PROTOCOLS:
            causes.append(field.not_supported(f"{here}.protocol", port["protocol"], PROTOCOLS))
    return causes


def _host_ports(containers: Iterable[JSONObject], path: str) -> Causes:
    causes: Causes = []
    taken: set[tuple[int, str, str]] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports", [])):
            if not (host_port := port.get("hostPort")):
                continue
            claim = (host_port, port["protocol"], port.get("hostIP", ""))
            if claim in taken:
                shown = f"{claim[2]}/{claim[1]}/{host_port}" if claim[2] else f"{claim[1]}/{host_port}"
                causes.append(field.duplicate(f"{path}[{index}].ports[{number}].hostPort", shown))
            taken.add(claim)
    return causes


def _environment(variables: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    for index, variable in enumerate(variables):
        here = f"{path}[{index}]"
        name = variable.get("name", "")
        if not name:
            causes.append(field.required(f"{here}.name"))
        else:
            causes += field.problems(f"{here}.name", name, names.env_var_name(name))
        if (source := variable.get("valueFrom")) is not None:
            causes += _env_source(source, bool(variable.get("value")), f"{here}.valueFrom")
    return causes


def _env_source(source: JSONObject, has_value: bool, path: str) -> Causes:
    given = [key for key, value in source.items() if value is not None]
    if not given:
        return [
            field.invalid(
                path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
            )
        ]
    if len(given) > 1:
        return [field.invalid(path, "", "may not have more than one field specified at a time")]
    if has_value:
        return [field.invalid(path, "", "may not be specified when `value` is not empty")]
    if (ref := source.get("fieldRef")) is not None:
        return _field_ref(ref, f"{path}.fieldRef")
    if (ref := source.get("resourceFieldRef")) is not None:
        return _resource_ref(ref, f"{path}.resourceFieldRef")
    kind = given[0]
    ref = source[kind]
    if "key" in ref or kind.endswith("KeyRef"):
        return [] if ref.get("key") else [field.required(f"{path}.{kind}.key")]
    return []


def _field_ref(ref: JSONObject, path: str) -> Causes:
    selected = ref.get("fieldPath", "")
    if not selected:
        return [field.required(f"{path}.fieldPath")]
    base, bracket, subscript = selected.partition("['")
    if bracket and base in {"metadata.labels", "metadata.annotations"} and subscript.endswith("']"):
        return field.problems(path, subscript[:-2], names.qualified_name(subscript[:-2].lower()))
    if selected in ENV_FIELDS:
        return []
    if selected.startswith(("metadata.", "spec.", "status.")):
        return [field.not_supported(f"{path}.fieldPath", selected, ENV_FIELDS)]
    return [field.invalid(f"{path}.fieldPath", selected, "error converting fieldPath: field label not supported")]


def _resource_ref(ref: JSONObject, path: str) -> Causes:
    resource = ref.get("resource", "")
    if not resource:
        return [field.required(f"{path}.resource")]
    if resource not in ENV_RESOURCES and not resource.startswith(("requests.hugepages-", "limits.hugepages-")):
        return [field.not_supported(f"{path}.resource", resource, ENV_RESOURCES)]
    divisor = parse_quantity(ref.get("divisor", "0"))
    allowed = (
        {Fraction(0), Fraction(1, 1000), Fraction(1)}
        if resource.endswith(".cpu")
        else {Fraction(0), Fraction(1)}
        | {Fraction(1000) ** power for power in range(1, 7)}
        | {Fraction(1024) ** power for power in range(1, 7)}
    )
    if divisor not in allowed:
        choices = "1m and 1" if resource.endswith(".cpu") else "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
        return [field.invalid(f"{path}.divisor", ref["divisor"], f"only divisor's values {choices} are supported")]
    return []


def validate_resources(resources: JSONObject, path: str) -> Causes:
    """Check requests and limits: known names, no negatives, requests within limits."""
    causes: Causes = []
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for key, quantities in (("limits", limits), ("requests", requests)):
        for name, quantity in quantities.items():
            if name not in STANDARD_RESOURCES:
                causes += _resource_name(name, f"{path}.{key}")
            number = parse_quantity(quantity)
            if number.numerator < 0:
                here = f"{path}.{key}[{name}]"
                causes.append(field.invalid(here, quantity, "must be greater than or equal to 0"))
            elif "/" in name and number.denominator != 1:
                causes.append(field.invalid(f"{path}.{key}[{name}]", quantity, "must be an integer"))
    for name, request in requests.items():
        here = f"{path}.requests"
        limit = limits.get(name)
        overcommits = name in STANDARD_RESOURCES
        if limit is None:
            if not overcommits:
                causes.append(field.required(f"{path}.limits", "Limit must be set for non overcommitable resources"))
        elif parse_quantity(request) > parse_quantity(limit):
            causes.append(field.invalid(here, request, f"must be less than or equal to {name} limit of {limit}"))
        elif not overcommits and parse_quantity(request) != parse_quantity(limit):
            causes.append(field.invalid(here, request, f"must be equal to {name} limit of {limit}"))
    return causes


def _resource_name(name: str, path: str) -> Causes:
    causes = field.problems(path, name, names.qualified_name(name))
    if not causes and "/" not in name and not name.startswith("hugepages-"):
        causes.append(field.invalid(path, name, "must be a standard resource for containers"))
    return causes


def _probe(probe: JSONObject, path: str, *, must_succeed_once: bool) -> Causes:
    causes = _handler(probe, path, HANDLERS)
    for key in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        causes += field.non_negative(f"{path}.{key}", probe.get(key))
    if must_succeed_once and probe.get("successThreshold") != 1:
        causes.append(field.invalid(f"{path}.successThreshold", probe.get("successThreshold"), "must be 1"))
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None:
        if not must_succeed_once:
            causes.append(
                field.invalid(f"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes")
            )
        elif grace <= 0:
            causes.append(field.invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0"))
    return causes


def _handler(handler: JSONObject, path: str, allowed: tuple[str, ...]) -> Causes:
    given = [key for key in allowed if handler.get(key) is not None]
    if not given:
        return [field.required(path, "must specify a handler type")]
    causes: Causes = [field.forbidden(f"{path}.{key}", "may not specify more than 1 handler type") for key in given[1:]]
    kind = given[0]
    action = handler[kind]
    here = f"{path}.{kind}"
    if kind == "exec" and not action.get("command"):
        causes.append(field.required(f"{here}.command"))
    if kind in {"httpGet", "tcpSocket"}:
        causes += _handler_port(action.get("port", 0), f"{here}.port")
    if kind == "httpGet":
        if action.get("scheme") not in {"HTTP", "HTTPS"}:
            causes.append(field.not_supported(f"{here}.scheme", action.get("scheme"), {"HTTP", "HTTPS"}))
        for index, header in enumerate(action.get("httpHeaders", [])):
            if not header.get("name"):
                causes.append(field.required(f"{here}.httpHeaders[{index}].name"))
            else:
                problems = header_name_problems(header["name"])
                causes += field.problems(f"{here}.httpHeaders", header["name"], problems)
    if kind == "grpc":
        causes += _port_number(f"{here}.port", action.get("port", 0))
    if kind == "sleep" and action.get("seconds", 0) < 0:
        causes.append(field.invalid(here, action.get("seconds"), "must be greater than or equal to 0"))
    return causes


def _handler_port(port: int | str, path: str) -> Causes:
    if isinstance(port, int):
        return _port_number(path, port)
    return field.problems(path, port, names.port_name(port))
