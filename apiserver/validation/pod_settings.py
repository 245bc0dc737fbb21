"""What a pod spec says about the pod as a whole: security, names, the network, where it spreads.

``pkg/apis/core/validation/validation.go``, v1.36.
"""

import re
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.label_keys import validate_label_keys
from apiserver.validation.selector import validate_label_selector
from apiserver.validation.values import descending_path, ip, optional_one_of

JSONObject = dict[str, Any]

_LARGEST_ID = 2**31 - 1
_ID = f"must be between 0 and {_LARGEST_ID}, inclusive"
_NAMESERVERS, _SEARCHES, _SEARCH_LENGTH = 3, 32, 2048
_SYSCTL = re.compile(r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*")
_SYSCTL_LENGTH = 253
_PROFILE_LENGTH = 4095
_CONTEXT_CHOICES = {
    "fsGroupChangePolicy": ("Always", "OnRootMismatch"),
    "supplementalGroupsPolicy": ("Merge", "Strict"),
    "seLinuxChangePolicy": ("MountOption", "Recursive"),
}
_SECCOMP = ("Localhost", "RuntimeDefault", "Unconfined")
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_INCLUSION = ("Honor", "Ignore")


def validate_settings(spec: JSONObject, path: str) -> Causes:
    """Check everything in here; a spec that says nothing of it costs a few look-ups."""
    causes: Causes = []
    if context := spec.get("securityContext"):
        causes += _security(context, spec, f"{path}.securityContext")
    if spec.get("hostPID") and spec.get("shareProcessNamespace"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        causes.append(field.invalid(f"{path}.shareProcessNamespace", True, detail))
    if spec.get("hostUsers") is False:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(key):
                causes.append(field.forbidden(f"{path}.{key}", "when `hostUsers` is false"))
    if spec.get("hostNetwork"):
        causes += _host_network(spec, path)
    if spec.get("dnsConfig") or spec["dnsPolicy"] == "None":
        causes += _dns(spec, f"{path}.dnsConfig")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        causes += _host_alias(alias, f"{path}.hostAliases[{index}]")
    causes += _spread(spec.get("topologySpreadConstraints") or [], f"{path}.topologySpreadConstraints")
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        kind = gate.get("conditionType", "")
        causes += field.problems(f"{path}.readinessGates[{index}].conditionType", kind, names.qualified_name(kind))
    return causes


def validate_id(value: int | None, path: str) -> Causes:
    return [] if value is None or 0 <= value <= _LARGEST_ID else [field.invalid(path, value, _ID)]


def validate_seccomp(profile: JSONObject | None, path: str) -> Causes:
    if profile is None:
        return []
    kind, file = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        return [field.required(f"{path}.type", "type is required when seccompProfile is set")]
    if kind not in _SECCOMP:
        return [field.not_supported(f"{path}.type", kind, _SECCOMP)]
    if kind == "Localhost" and not file:
        return [field.required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")]
    if kind != "Localhost" and file is not None:
        return [field.invalid(f"{path}.localhostProfile", file, "can only be set when seccomp type is Localhost")]
    return [] if file is None else descending_path(f"{path}.localhostProfile", file)


def validate_apparmor(profile: JSONObject | None, path: str) -> Causes:
    if profile is None:
        return []
    kind, name = profile.get("type", ""), profile.get("localhostProfile")
    path, kind_path = f"{path}.localhostProfile", f"{path}.type"
    if not kind:
        return [field.required(kind_path, "type is required when appArmorProfile is set")]
    if kind not in _SECCOMP:
        return [field.not_supported(kind_path, kind, _SECCOMP)]
    if kind != "Localhost":
        return [] if name is None else [field.invalid(path, name, "can only be set when AppArmor type is Localhost")]
    if not name:
        return [field.required(path, "must be set when AppArmor type is Localhost")]
    if name != name.strip():
        return [field.invalid(path, name, "must not be padded with whitespace")]
    return [field.too_long(path, _PROFILE_LENGTH)] if len(name) > _PROFILE_LENGTH else []


def _security(context: JSONObject, spec: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        causes += validate_id(context.get(key), f"{path}.{key}")
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        causes += validate_id(group, f"{path}.supplementalGroups[{index}]")
    seen: set[str] = set()
    for index, sysctl in enumerate(context.get("sysctls") or ()):
        name, place = sysctl.get("name", ""), f"{path}.sysctls[{index}].name"
        if not name:
            causes.append(field.required(place))
        elif len(name) > _SYSCTL_LENGTH or not _SYSCTL.fullmatch(name):
            detail = f"must have at most {_SYSCTL_LENGTH} characters and match regex {_SYSCTL.pattern}"
            causes.append(field.invalid(place, name, detail))
        elif name in seen:
            causes.append(field.duplicate(place, name))
        seen.add(name)
    for key, choices in _CONTEXT_CHOICES.items():
        causes += optional_one_of(f"{path}.{key}", context.get(key), choices)
    causes += validate_seccomp(context.get("seccompProfile"), f"{path}.seccompProfile")
    return causes + validate_apparmor(context.get("appArmorProfile"), f"{path}.appArmorProfile")


def _host_network(spec: JSONObject, path: str) -> Causes:
    return [
        field.invalid(
            f"{path}.{key}[{index}].ports[{number}].hostPort",
            port["hostPort"],
            "must match `containerPort` when `hostNetwork` is true",
        )
        for key in ("containers", "initContainers")
        for index, container in enumerate(spec.get(key) or ())
        for number, port in enumerate(container.get("ports") or ())
        if port.get("hostPort") and port["hostPort"] != port.get("containerPort")
    ]


def _dns(spec: JSONObject, path: str) -> Causes:
    config, causes = spec.get("dnsConfig") or {}, Causes()
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if spec["dnsPolicy"] == "None" and not servers:
        where = f"{path}.nameservers" if spec.get("dnsConfig") else path
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        if not spec.get("dnsConfig"):
            detail = "must provide `dnsConfig` when `dnsPolicy` is None"
        causes.append(field.required(where, detail))
    if len(servers) > _NAMESERVERS:
        detail = f"must not have more than {_NAMESERVERS} nameservers"
        causes.append(field.invalid(f"{path}.nameservers", servers, detail))
    for index, server in enumerate(servers):
        causes += ip(f"{path}.nameservers[{index}]", server)
    if len(searches) > _SEARCHES:
        detail = f"must not have more than {_SEARCHES} search paths"
        causes.append(field.invalid(f"{path}.searches", searches, detail))
    if len(" ".join(searches)) > _SEARCH_LENGTH:
        detail = f"must not have more than {_SEARCH_LENGTH} characters (including spaces) in the search list"
        causes.append(field.invalid(f"{path}.searches", searches, detail))
    for index, search in enumerate(searches):
        if search != ".":
            checked = search.removesuffix(".").replace("_", "-")
            causes += field.problems(f"{path}.searches[{index}]", search, names.dns_subdomain(checked))
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            causes.append(field.required(f"{path}.options[{index}]", "must not be empty"))
    return causes


def _host_alias(alias: JSONObject, path: str) -> Causes:
    causes = ip(f"{path}.ip", alias.get("ip", ""))
    for name in alias.get("hostnames") or ():
        causes += field.problems(f"{path}.hostnames", name, names.dns_subdomain(name))
    return causes


def _spread(constraints: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    seen: list[tuple[Any, Any]] = []
    for index, constraint in enumerate(constraints):
        place = f"{path}[{index}]"
        skew, key, action = (
            constraint.get("maxSkew", 0),
            constraint.get("topologyKey", ""),
            constraint.get("whenUnsatisfiable", ""),
        )
        if skew <= 0:
            causes.append(field.invalid(f"{place}.maxSkew", skew, "must be greater than zero"))
        if not key:
            causes.append(field.required(f"{place}.topologyKey", "can not be empty"))
        else:
            causes += field.problems(f"{place}.topologyKey", key, names.qualified_name(key))
        if action not in _UNSATISFIABLE:
            causes.append(field.not_supported(f"{place}.whenUnsatisfiable", action, _UNSATISFIABLE))
        if (key, action) in seen:
            causes.append(field.duplicate(f"{place}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}"))
        seen.append((key, action))
        domains = constraint.get("minDomains")
        if domains is not None and domains <= 0:
            causes.append(field.invalid(f"{place}.minDomains", domains, "must be greater than zero"))
        if domains is not None and action != "DoNotSchedule":
            detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
            causes.append(field.invalid(f"{place}.minDomains", domains, detail))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in _INCLUSION:
                causes.append(field.not_supported(f"{place}.{name}", policy, _INCLUSION))
        if (selector := constraint.get("labelSelector")) is not None:
            causes += validate_label_selector(selector, f"{place}.labelSelector")
        causes += validate_label_keys(constraint, place)
    return causes
