"""The kinds of ``networking.k8s.io`` (``pkg/apis/networking/validation/validation.go``, v1.36)."""

import ipaddress
from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_BAD_SUFFIXES = ("/..", "/.")
_MAX_CONTROLLER = 250
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"


def validate_ingress(ingress: JSONObject) -> Causes:
    spec = ingress.get("spec", {})
    rules, backend = spec.get("rules", []), spec.get("defaultBackend")
    causes: Causes = []
    if not rules and backend is None:
        causes.append(field.invalid("spec", rules, "either `defaultBackend` or `rules` must be specified"))
    if backend is not None:
        causes += _backend(backend, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        causes += _rule(rule, f"spec.rules[{index}]")
    for index, entry in enumerate(spec.get("tls", [])):
        path = f"spec.tls[{index}]"
        for number, host in enumerate(entry.get("hosts", [])):
            causes += _host(host, f"{path}.hosts[{number}]")
        if secret := entry.get("secretName"):
            causes += field.problems(f"{path}.secretName", secret, names.dns_subdomain(secret))
    if (name := spec.get("ingressClassName")) is not None:
        causes += field.problems("spec.ingressClassName", name, names.dns_subdomain(name))
    return causes


def validate_new_ingress(ingress: JSONObject) -> Causes:
    """Check a new ingress, whose older annotation may not contradict its class."""
    causes = validate_ingress(ingress)
    annotated = (ingress["metadata"].get("annotations") or {}).get(_CLASS_ANNOTATION)
    named = ingress.get("spec", {}).get("ingressClassName")
    if annotated is not None and named is not None and annotated != named:
        detail = "must match `ingressClassName` when both are specified"
        causes.append(field.invalid(f"annotations.{_CLASS_ANNOTATION}", annotated, detail))
    return causes


def _host(host: str, path: str) -> Causes:
    check = names.wildcard_subdomain if "*" in host else names.dns_subdomain
    return field.problems(path, host, check(host))


def _rule(rule: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if host := rule.get("host"):
        if values.address(host):
            causes.append(field.invalid(f"{path}.host", host, "must be a DNS name, not an IP address"))
        causes += _host(host, f"{path}.host")
    if (http := rule.get("http")) is not None:
        paths = http.get("paths", [])
        if not paths:
            causes.append(field.required(f"{path}.http.paths"))
        for index, entry in enumerate(paths):
            causes += _path(entry, f"{path}.http.paths[{index}]")
    return causes


def _path(entry: JSONObject, path: str) -> Causes:
    kind, text = entry.get("pathType"), entry.get("path", "")
    if kind is None:
        return [field.required(f"{path}.pathType", "pathType must be specified")]
    causes = values.optional_one_of(f"{path}.pathType", kind, _PATH_TYPES)
    strict = kind in {"Exact", "Prefix"}
    if (strict or (kind == "ImplementationSpecific" and text)) and not text.startswith("/"):
        causes.append(field.invalid(f"{path}.path", text, "must be an absolute path"))
    if strict:
        for part in _BAD_SEQUENCES:
            if part in text:
                causes.append(field.invalid(f"{path}.path", text, f"must not contain '{part}'"))
        for part in _BAD_SUFFIXES:
            if text.endswith(part):
                causes.append(field.invalid(f"{path}.path", text, f"cannot end with '{part}'"))
    return causes + _backend(entry.get("backend", {}), f"{path}.backend")


def _backend(backend: JSONObject, path: str) -> Causes:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        return [field.invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return _reference(resource, f"{path}.resource")
    if service is None:
        return [field.invalid(path, "", "resource or service backend is required")]
    causes = values.named(f"{path}.service.name", service.get("name", ""), names.dns_label_1035)
    port = service.get("port", {})
    name, number = port.get("name", ""), port.get("number", 0)
    if name and number:
        causes.append(field.invalid(path, "", "cannot set both port name & port number"))
    elif name:
        causes += field.problems(f"{path}.service.port.name", name, names.port_name(name))
    elif number:
        causes += values.port(f"{path}.service.port.number", number)
    else:
        causes.append(field.required(path, "port name or number is required"))
    return causes


def _reference(reference: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if (group := reference.get("apiGroup")) is not None:
        causes += field.problems(f"{path}.apiGroup", group, names.dns_subdomain(group))
    for key in ("kind", "name"):
        causes += values.named(f"{path}.{key}", reference.get(key, ""), names.path_segment)
    return causes


def validate_ingress_status(ingress: JSONObject) -> Causes:
    causes: Causes = []
    entries = ingress.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    for index, entry in enumerate(entries):
        path = f"status.loadBalancer.ingress[{index}]"
        if address := entry.get("ip"):
            causes += values.ip(f"{path}.ip", address)
        if host := entry.get("hostname"):
            causes += field.problems(f"{path}.hostname", host, names.dns_subdomain(host))
            if values.address(host):
                causes.append(field.invalid(f"{path}.hostname", host, "must be a DNS name, not an IP address"))
    return causes


def validate_ingress_class(ingress_class: JSONObject) -> Causes:
    spec = ingress_class.get("spec", {})
    controller = spec.get("controller", "")
    causes = values.named("spec.controller", controller, names.domain_prefixed_path)
    if len(controller) > _MAX_CONTROLLER:
        causes.append(field.too_long("spec.controller", _MAX_CONTROLLER))
    if (parameters := spec.get("parameters")) is not None:
        path = "spec.parameters"
        causes += _reference(parameters, path)
        scope, namespace = parameters.get("scope", ""), parameters.get("namespace")
        causes += values.one_of(f"{path}.scope", scope, ("Cluster", "Namespace"))
        if scope == "Namespace":
            detail = "`parameters.scope` is set to 'Namespace'"
            causes += values.named(f"{path}.namespace", namespace or "", names.dns_label, detail)
        elif scope == "Cluster" and namespace is not None:
            causes.append(field.forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'"))
    return causes


def validate_ingress_class_update(new: JSONObject, old: JSONObject) -> Causes:
    after, before = new.get("spec", {}).get("controller"), old.get("spec", {}).get("controller")
    return values.immutable("spec.controller", after, before) + validate_ingress_class(new)


def validate_network_policy(policy: JSONObject) -> Causes:
    spec = policy.get("spec", {})
    causes = validate_label_selector(spec.get("podSelector", {}), "spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction, [])):
            path = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports", [])):
                causes += _policy_port(port, f"{path}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers, [])):
                causes += _peer(peer, f"{path}.{peers}[{number}]")
    types = spec.get("policyTypes", [])
    if len(types) > 2:
        causes.append(field.invalid("spec.policyTypes", types, "may not specify more than two policyTypes"))
        return causes
    for index, kind in enumerate(types):
        causes += values.optional_one_of(f"spec.policyTypes[{index}]", kind, ("Egress", "Ingress"))
    return causes


def _policy_port(entry: JSONObject, path: str) -> Causes:
    causes = values.optional_one_of(f"{path}.protocol", entry.get("protocol"), values.PROTOCOLS)
    port, end = entry.get("port"), entry.get("endPort")
    if port is not None:
        causes += values.port_or_name(f"{path}.port", port)
    if end is None:
        return causes
    if port is None:
        causes.append(field.invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified"))
    elif isinstance(port, str):
        causes.append(field.invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric"))
    else:
        if end < port:
            causes.append(field.invalid(f"{path}.endPort", end, "must be greater than or equal to `port`"))
        causes += values.port(f"{path}.endPort", end)
    return causes


def _peer(peer: JSONObject, path: str) -> Causes:
    causes: Causes = []
    selectors = [key for key in ("podSelector", "namespaceSelector") if peer.get(key) is not None]
    for key in selectors:
        causes += validate_label_selector(peer[key], f"{path}.{key}")
    block = peer.get("ipBlock")
    if block is not None:
        causes += _ip_block(block, f"{path}.ipBlock")
        if selectors:
            causes.append(field.forbidden(path, "may not specify both ipBlock and another peer"))
    elif not selectors:
        causes.append(field.required(path, "must specify a peer"))
    return causes


def _ip_block(block: JSONObject, path: str) -> Causes:
    text = block.get("cidr", "")
    if not text:
        return [field.required(f"{path}.cidr")]
    if causes := values.cidr(f"{path}.cidr", text):
        return causes
    whole = ipaddress.ip_network(text, strict=False)
    for index, part in enumerate(block.get("except", [])):
        here = f"{path}.except[{index}]"
        if wrong := values.cidr(here, part):
            causes += wrong
            continue
        hole = ipaddress.ip_network(part, strict=False)
        inside = hole.version == whole.version and hole.network_address in whole
        if not inside or whole.prefixlen >= hole.prefixlen:
            causes.append(field.invalid(here, part, "must be a strict subset of `cidr`"))
    return causes


def ip_address_name(name: str) -> list[str]:
    """What an IPAddress may be called: itself, in canonical form."""
    parsed = values.address(name)
    if parsed is None:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    if str(parsed) != name:
        return [f'must be in canonical form ("{parsed}")']
    return []


def validate_ip_address(address: JSONObject) -> Causes:
    parent = address.get("spec", {}).get("parentRef")
    path = "spec.parentRef"
    if parent is None:
        return [field.required(path)]
    causes: Causes = []
    if group := parent.get("group"):
        causes += field.problems(f"{path}.group", group, names.dns_subdomain(group))
    for key in ("resource", "name"):
        causes += values.named(f"{path}.{key}", parent.get(key, ""), names.path_segment)
    if namespace := parent.get("namespace"):
        causes += field.problems(f"{path}.namespace", namespace, names.path_segment(namespace))
    return causes


def validate_ip_address_update(new: JSONObject, old: JSONObject) -> Causes:
    after, before = new.get("spec", {}).get("parentRef"), old.get("spec", {}).get("parentRef")
    return values.immutable("spec.parentRef", after, before)


def validate_service_cidr(service_cidr: JSONObject) -> Causes:
    path, cidrs = "spec.cidrs", service_cidr.get("spec", {}).get("cidrs", [])
    if not cidrs:
        return [field.required(path, "at least one CIDR required")]
    if len(cidrs) > 2:
        return [field.invalid(path, cidrs, "may only hold up to 2 values")]
    causes: Causes = []
    for index, text in enumerate(cidrs):
        causes += values.cidr(f"{path}[{index}]", text)
    if not causes and len(cidrs) == 2 and len({":" in text for text in cidrs}) == 1:
        detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        causes.append(field.invalid(path, cidrs, detail))
    return causes


def validate_service_cidr_update(new: JSONObject, old: JSONObject) -> Causes:
    path = "spec.cidrs"
    after, before = new.get("spec", {}).get("cidrs", []), old.get("spec", {}).get("cidrs", [])
    if len(after) == len(before) or (len(before) == 1 and len(after) == 2):
        causes: Causes = []
        for index, (mine, theirs) in enumerate(zip(after, before, strict=False)):
            causes += values.immutable(f"{path}[{index}]", mine, theirs)
        return causes if len(after) == len(before) else causes + validate_service_cidr(new)
    return [field.invalid(path, after, "field is immutable")]
