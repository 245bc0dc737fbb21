"""Services (``pkg/registry/core/service``, v1.36): one stack, of IPv4 addresses.

What is given out of a pool, cluster addresses and node ports, is no matter of the strategy: see
:mod:`apiserver.registry.service_allocation`, which runs when a checked service is about to be written.
"""

from typing import Any

from apimachinery import names
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation.field import Causes
from apiserver.validation.service import (
    CLUSTER_FAMILY,
    FAMILIES,
    externally_accessible,
    family_of,
    needs_health_check,
    validate_cluster_ips,
    validate_service,
    validate_service_status,
    validate_service_update,
)

JSONObject = dict[str, Any]

AFFINITY_SECONDS = 10800


class ServiceStrategy(Strategy):
    name_check = staticmethod(names.dns_label_1035)
    selectable_fields = (*COMMON_FIELDS, "spec.clusterIP", "spec.type")
    counts_generations = False
    create_on_update = True
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        default_service(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"loadBalancer": {}}
        spec = obj["spec"]
        if spec.get("clusterIP") and not spec.get("clusterIPs"):
            spec["clusterIPs"] = [spec["clusterIP"]]
        settle_families(spec, None)

    def validate(self, obj: JSONObject) -> Causes:
        return validate_service(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        super().prepare_for_update(new, old)
        after, before = new["spec"], old["spec"]
        keep_allocated(after, before)
        _align_addresses(after, before)
        drop_with_type(after, before)
        settle_families(after, before)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_service_update(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_service_status(new)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        spec = obj.get("spec", {})
        return {
            **super().fields(obj),
            "spec.clusterIP": spec.get("clusterIP", ""),
            "spec.type": spec.get("type", ""),
        }


def default_service(service: JSONObject) -> None:
    """``SetDefaults_Service`` in ``pkg/apis/core/v1/defaults.go``."""
    spec = service.setdefault("spec", {})
    spec["type"] = spec.get("type") or "ClusterIP"
    spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client = spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {})
        client.setdefault("timeoutSeconds", AFFINITY_SECONDS)
    for port in spec.get("ports", ()):
        port["protocol"] = port.get("protocol") or "TCP"
        port["targetPort"] = port.get("targetPort") or port.get("port", 0)
    if externally_accessible(spec) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if spec["type"] in {"ClusterIP", "LoadBalancer", "NodePort"}:
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for entry in service.get("status", {}).get("loadBalancer", {}).get("ingress", ()):
            if entry.get("ip"):
                entry.setdefault("ipMode", "VIP")


def has_cluster_ip(spec: JSONObject) -> bool:
    """Whether a service of its type has an address of the cluster's, or says that it wants none."""
    return spec.get("type") in {"ClusterIP", "LoadBalancer", "NodePort"}


def has_node_ports(spec: JSONObject) -> bool:
    return spec.get("type") in {"LoadBalancer", "NodePort"}


def settle_families(spec: JSONObject, before: JSONObject | None) -> None:
    """Fill in ``ipFamilyPolicy`` and ``ipFamilies``, unless what is given contradicts itself."""
    if spec["type"] == "ExternalName":
        return
    earlier = before or {}
    lone = spec.get("clusterIP") == "None" and not spec.get("selector")
    if not spec.get("ipFamilyPolicy"):
        spec["ipFamilyPolicy"] = earlier.get("ipFamilyPolicy") or ("RequireDualStack" if lone else "SingleStack")
    if validate_cluster_ips(spec):
        return
    policy, families = spec["ipFamilyPolicy"], list(spec.get("ipFamilies", []))
    if policy == "SingleStack" and families == earlier.get("ipFamilies"):
        # To ask for one stack is to let go of the second family.
        families = families[:1]
    addresses = [address for address in spec.get("clusterIPs", []) if address != "None"]
    families += [family_of(address) for address in addresses[len(families) :]]
    families = families or [CLUSTER_FAMILY]
    if lone and policy != "SingleStack" and len(families) < 2:
        families += [family for family in FAMILIES if family not in families]
    spec["ipFamilies"] = families


def keep_allocated(after: JSONObject, before: JSONObject) -> None:
    """Give a service what it had been given, where a client that replaces it leaves that out."""
    if has_cluster_ip(after) and has_cluster_ip(before):
        if not after.get("clusterIP") and before.get("clusterIP"):
            after["clusterIP"] = before["clusterIP"]
        if not after.get("clusterIPs") and after.get("clusterIP") == before.get("clusterIP"):
            after["clusterIPs"] = list(before.get("clusterIPs", []))
    if has_node_ports(after) and has_node_ports(before):
        _keep_node_ports(after.get("ports", []), before.get("ports", []))
    if needs_health_check(after) and needs_health_check(before) and not after.get("healthCheckNodePort"):
        after["healthCheckNodePort"] = before.get("healthCheckNodePort", 0)


def _keep_node_ports(after: list[JSONObject], before: list[JSONObject]) -> None:
    had = {port.get("name", ""): port.get("nodePort", 0) for port in before}
    used = {port.get("nodePort", 0) for port in after}
    for port in after:
        number = had.get(port.get("name", ""), 0)
        if not port.get("nodePort") and number and number not in used:
            port["nodePort"] = number
            used.add(number)


def _align_addresses(after: JSONObject, before: JSONObject) -> None:
    """Let ``clusterIPs`` follow ``clusterIP`` for clients that know the older field only."""
    if after.get("clusterIP", "") == before.get("clusterIP", ""):
        return
    if after.get("clusterIPs") == before.get("clusterIPs"):
        after.pop("clusterIPs", None)
        if after.get("clusterIP"):
            after["clusterIPs"] = [after["clusterIP"]]


def drop_with_type(after: JSONObject, before: JSONObject) -> None:
    """Take away what the new type has no use for, if the client has not changed it on purpose."""

    def drop(key: str) -> None:
        if after.get(key) == before.get(key):
            after.pop(key, None)

    if has_cluster_ip(before) and not has_cluster_ip(after):
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            drop(key)
    if has_node_ports(before) and not has_node_ports(after):
        numbers = [port.get("nodePort", 0) for port in before.get("ports", [])]
        if numbers == [port.get("nodePort", 0) for port in after.get("ports", [])]:
            for port in after.get("ports", []):
                port.pop("nodePort", None)
    if needs_health_check(before) and not needs_health_check(after):
        drop("healthCheckNodePort")
    if before["type"] == "LoadBalancer" and after["type"] != "LoadBalancer":
        drop("allocateLoadBalancerNodePorts")
        drop("loadBalancerClass")
    if externally_accessible(before) and not externally_accessible(after):
        drop("externalTrafficPolicy")
