"""Services (``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_labels

JSONObject = dict[str, Any]

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
FAMILIES = ("IPv4", "IPv6")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
TRAFFIC_POLICIES = ("Cluster", "Local")
TRAFFIC_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
CLUSTER_FAMILY = "IPv4"
"""The one address family that cluster addresses are given out of."""

_MAX_AFFINITY_SECONDS = 86400
_SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"


def is_headless(spec: JSONObject) -> bool:
    return spec.get("clusterIPs") == ["None"]


def externally_accessible(spec: JSONObject) -> bool:
    """Whether traffic from outside of the cluster may reach the service."""
    kind = spec.get("type")
    return kind in {"LoadBalancer", "NodePort"} or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def needs_health_check(spec: JSONObject) -> bool:
    """Whether load balancers ask each node on a port of its own if it has endpoints."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def validate_service(service: JSONObject) -> Causes:
    """Check a defaulted service; cluster addresses and node ports may still have to be given out."""
    spec = service.get("spec", {})
    ports = spec.get("ports", [])
    causes: Causes = []
    if not ports and not is_headless(spec) and spec["type"] != "ExternalName":
        causes.append(field.required("spec.ports"))
    causes += _by_type(spec)
    seen: set[str] = set()
    for index, port in enumerate(ports):
        causes += _port(port, f"spec.ports[{index}]", seen, name_required=len(ports) > 1)
    causes += validate_labels(spec.get("selector"), "spec.selector")
    causes += _affinity(spec)
    causes += validate_cluster_ips(spec) or _families(spec)
    for index, address in enumerate(spec.get("externalIPs", [])):
        path = f"spec.externalIPs[{index}]"
        causes += values.ip(path, address) or values.endpoint_ip(path, address)
    causes += values.one_of("spec.type", spec["type"], TYPES)
    causes += _port_numbers(spec)
    causes += _load_balancer(service)
    causes += _traffic(spec)
    return causes


def _by_type(spec: JSONObject) -> Causes:
    kind = spec["type"]
    if kind in {"LoadBalancer", "NodePort"} and is_headless(spec):
        return [field.invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")]
    if kind != "ExternalName":
        return []
    causes = [
        field.forbidden(f"spec.{key}", "may not be set for ExternalName services")
        for key in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(key)
    ]
    # A name that ends in a dot is one that is complete.
    target = spec.get("externalName", "").removesuffix(".")
    return causes + values.named("spec.externalName", target, names.dns_subdomain)


def _port(port: JSONObject, path: str, seen: set[str], *, name_required: bool) -> Causes:
    causes: Causes = []
    name = port.get("name", "")
    if name:
        causes += field.problems(f"{path}.name", name, names.dns_label(name))
        if name in seen:
            causes.append(field.duplicate(f"{path}.name", name))
        seen.add(name)
    elif name_required:
        causes.append(field.required(f"{path}.name"))
    causes += values.port(f"{path}.port", port.get("port", 0))
    causes += values.one_of(f"{path}.protocol", port.get("protocol", ""), values.PROTOCOLS)
    causes += values.port_or_name(f"{path}.targetPort", port.get("targetPort", 0))
    if (protocol := port.get("appProtocol")) is not None:
        causes += field.problems(f"{path}.appProtocol", protocol, names.qualified_name(protocol))
    return causes


def _affinity(spec: JSONObject) -> Causes:
    affinity, config = spec.get("sessionAffinity", ""), spec.get("sessionAffinityConfig")
    causes = values.one_of("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    if affinity == "None" and config is not None:
        causes.append(
            field.forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None"),
        )
    if affinity == "ClientIP":
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds", 0)
        if not 0 < seconds <= _MAX_AFFINITY_SECONDS:
            causes.append(
                field.invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                    seconds,
                    f"must be greater than 0 and less than {_MAX_AFFINITY_SECONDS}",
                )
            )
    return causes


def validate_cluster_ips(spec: JSONObject) -> Causes:
    """Check ``clusterIP``, ``clusterIPs``, ``ipFamilies`` and ``ipFamilyPolicy`` against each other."""
    if spec["type"] == "ExternalName":
        return []
    path = "spec.clusterIPs"
    first, addresses, families = spec.get("clusterIP", ""), spec.get("clusterIPs", []), spec.get("ipFamilies", [])
    causes: Causes = []
    if first and not addresses:
        causes.append(field.required(path))
    elif first and addresses[0] != first:
        causes.append(field.invalid(path, addresses, "first value must match `clusterIP`"))
    elif not first and addresses:
        causes.append(field.invalid(path, addresses, "must be empty when `clusterIP` is not specified"))
    for index, family in enumerate(families):
        causes += values.optional_one_of(f"spec.ipFamilies[{index}]", family, FAMILIES)
        if family in families[:index]:
            causes.append(field.duplicate(f"spec.ipFamilies[{index}]", family))
    causes += values.optional_one_of("spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), FAMILY_POLICIES)
    wrong: Causes = []
    for index, address in enumerate(addresses):
        if index == 0 and address == "None":
            if len(addresses) > 1:
                wrong.append(field.invalid(path, addresses, "'None' must be the first and only value"))
            continue
        wrong += values.ip(f"{path}[{index}]", address)
    causes += wrong
    if len(addresses) > 2:
        causes.append(field.invalid(path, addresses, "may only hold up to 2 values"))
    return causes if wrong else causes + _matching_families(addresses, families)


def family_of(text: str) -> str:
    return "IPv6" if ":" in text else "IPv4"


def _matching_families(addresses: list[str], families: list[str]) -> Causes:
    path = "spec.clusterIPs"
    causes: Causes = []
    if len(addresses) > 1 and len({family_of(address) for address in addresses}) != 2:
        causes.append(field.invalid(path, addresses, "may specify no more than one IP for each IP family"))
    if addresses == ["None"]:
        return causes
    for index, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if family in FAMILIES and family_of(address) != family:
            causes.append(
                field.invalid(
                    f"{path}[{index}]",
                    address,
                    f"expected an {family} value as indicated by `ipFamilies[{index}]`",
                )
            )
    return causes


def _families(spec: JSONObject) -> Causes:
    """Check that the cluster has the families that are asked for; it has one."""
    if spec["type"] == "ExternalName":
        return []
    policy, families, addresses = (spec.get(key) for key in ("ipFamilyPolicy", "ipFamilies", "clusterIPs"))
    causes: Causes = []
    if policy == "SingleStack":
        for many, what in ((addresses, "cluster IPs"), (families, "IP families")):
            if len(many or ()) == 2:
                causes.append(
                    field.invalid(
                        "spec.ipFamilyPolicy",
                        policy,
                        f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified",
                    )
                )
    if causes or (is_headless(spec) and not spec.get("selector")):
        # Without a selector whoever writes the endpoints decides on their families.
        return causes
    if policy == "RequireDualStack":
        causes.append(
            field.invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services")
        )
    for index, family in enumerate(families or ()):
        if family != CLUSTER_FAMILY:
            causes.append(field.invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster"))
    return causes


def _port_numbers(spec: JSONObject) -> Causes:
    """Check that no two ports are the same, inside of the cluster and on its nodes."""
    causes: Causes = []
    node_ports: set[tuple[str, int]] = set()
    ports: set[tuple[str, int]] = set()
    for index, port in enumerate(spec.get("ports", [])):
        path = f"spec.ports[{index}]"
        protocol, number, node_port = port.get("protocol", ""), port.get("port", 0), port.get("nodePort", 0)
        if node_port:
            if spec["type"] == "ClusterIP":
                causes.append(field.forbidden(f"{path}.nodePort", "may not be used when `type` is 'ClusterIP'"))
            if (protocol, node_port) in node_ports:
                causes.append(field.duplicate(f"{path}.nodePort", node_port))
            node_ports.add((protocol, node_port))
        if (protocol, number) in ports:
            shown = {"Name": "", "Protocol": protocol, "AppProtocol": None, "Port": number}
            causes.append(field.duplicate(path, {**shown, "TargetPort": 0, "NodePort": 0}))
        ports.add((protocol, number))
    return causes


def _load_balancer(service: JSONObject) -> Causes:
    spec, balances = service["spec"], service["spec"]["type"] == "LoadBalancer"
    causes: Causes = []
    annotations = service["metadata"].get("annotations") or {}
    if ranges := spec.get("loadBalancerSourceRanges"):
        path = "spec.LoadBalancerSourceRanges"
        if not balances:
            causes.append(field.forbidden(path, _BALANCER_ONLY))
        for index, text in enumerate(ranges):
            causes += values.cidr(f"{path}[{index}]", text.strip())
    elif (text := annotations.get(_SOURCE_RANGES_ANNOTATION)) is not None:
        path = f"metadata.annotations[{_SOURCE_RANGES_ANNOTATION}]"
        if not balances:
            causes.append(field.forbidden(path, _BALANCER_ONLY))
        for part in text.split(",") if text.strip() else ():
            causes += values.cidr(path, part.strip())
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balances:
        causes.append(field.forbidden("spec.allocateLoadBalancerNodePorts", _BALANCER_ONLY))
    if (name := spec.get("loadBalancerClass")) is not None:
        if balances:
            causes += field.problems("spec.loadBalancerClass", name, names.qualified_name(name))
        else:
            causes.append(field.forbidden("spec.loadBalancerClass", _BALANCER_ONLY))
    return causes


def _traffic(spec: JSONObject) -> Causes:
    causes: Causes = []
    external = spec.get("externalTrafficPolicy", "")
    if externally_accessible(spec):
        causes += values.one_of("spec.externalTrafficPolicy", external, TRAFFIC_POLICIES)
    elif external:
        causes.append(
            field.invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services")
        )
    if number := spec.get("healthCheckNodePort", 0):
        path = "spec.healthCheckNodePort"
        if needs_health_check(spec):
            causes += values.port(path, number)
        else:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            causes.append(field.invalid(path, number, detail))
    causes += values.optional_one_of("spec.internalTrafficPolicy", spec.get("internalTrafficPolicy"), TRAFFIC_POLICIES)
    causes += values.optional_one_of("spec.trafficDistribution", spec.get("trafficDistribution"), TRAFFIC_DISTRIBUTIONS)
    return causes


def validate_service_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a changed service: what has been given out for it stays as long as it needs it."""
    after, before = new["spec"], old["spec"]
    causes: Causes = []
    if "ExternalName" not in {after["type"], before["type"]}:
        causes += _addresses_update(after, before)
    if after["type"] == before["type"] == "LoadBalancer":
        name = after.get("loadBalancerClass")
        if name != before.get("loadBalancerClass"):
            causes.append(field.invalid("spec.loadBalancerClass", name, "may not change once set"))
    if needs_health_check(after) and needs_health_check(before):
        number = after.get("healthCheckNodePort", 0)
        if number and number != before.get("healthCheckNodePort", 0):
            causes.append(field.forbidden("spec.healthCheckNodePort", "field is immutable"))
    return causes + validate_service(new)


def _addresses_update(after: JSONObject, before: JSONObject) -> Causes:
    if is_headless(after) and is_headless(before):
        return _released_families(after, before)
    new, old = after.get("clusterIPs", []), before.get("clusterIPs", [])
    causes: Causes = []
    if old and not new:
        causes.append(field.invalid("spec.clusterIPs[0]", None, "primary clusterIP can not be unset"))
    elif old and new[0] != old[0]:
        causes.append(field.invalid("spec.clusterIPs[0]", new, "may not change once set"))
    if is_headless(after) == is_headless(before):
        families, earlier = after.get("ipFamilies", []), before.get("ipFamilies", [])
        if earlier and families[:1] != earlier[:1]:
            causes.append(field.invalid("spec.ipFamilies[0]", families, "may not change once set"))
    return causes


def _released_families(after: JSONObject, before: JSONObject) -> Causes:
    policy = after.get("ipFamilyPolicy")
    if policy != "SingleStack" and len(after.get("ipFamilies", [])) < len(before.get("ipFamilies", [])):
        detail = "must be 'SingleStack' to release the secondary IP family"
        return [field.invalid("spec.ipFamilyPolicy", policy, detail)]
    return []


def validate_service_status(new: JSONObject) -> Causes:
    ingress = new.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    path = "status.loadBalancer.ingress"
    if ingress and new["spec"]["type"] != "LoadBalancer":
        return [field.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
    causes: Causes = []
    for index, entry in enumerate(ingress):
        here = f"{path}[{index}]"
        address, mode, host = entry.get("ip", ""), entry.get("ipMode"), entry.get("hostname", "")
        if address:
            causes += values.ip(f"{here}.ip", address)
            causes += values.optional_one_of(f"{here}.ipMode", mode, ("Proxy", "VIP"))
        elif mode is not None:
            causes.append(field.forbidden(f"{here}.ipMode", "may not be specified when `ip` is not set"))
        if host:
            causes += field.problems(f"{here}.hostname", host, names.dns_subdomain(host))
            if values.address(host):
                causes.append(field.invalid(f"{here}.hostname", host, "must be a DNS name, not an IP address"))
    return causes
