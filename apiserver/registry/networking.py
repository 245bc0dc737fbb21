"""The kinds of ``networking.k8s.io`` (``pkg/registry/networking``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import Strategy
from apiserver.validation import networking
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class IngressStrategy(Strategy):
    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"loadBalancer": {}}

    def validate(self, obj: JSONObject) -> Causes:
        return networking.validate_new_ingress(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return networking.validate_ingress(new)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return networking.validate_ingress_status(new)


class IngressClassStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        if (parameters := obj.get("spec", {}).get("parameters")) is not None:
            parameters.setdefault("scope", "Cluster")

    def validate(self, obj: JSONObject) -> Causes:
        return networking.validate_ingress_class(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return networking.validate_ingress_class_update(new, old)


class NetworkPolicyStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("podSelector", {})
        for direction in ("ingress", "egress"):
            for rule in spec.get(direction, ()):
                for port in rule.get("ports", ()):
                    port.setdefault("protocol", "TCP")
        if not spec.get("policyTypes"):
            # Whoever writes egress rules means them, and a policy is about ingress unless it says otherwise.
            spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]

    def validate(self, obj: JSONObject) -> Causes:
        return networking.validate_network_policy(obj)


class IPAddressStrategy(Strategy):
    name_check = staticmethod(networking.ip_address_name)
    counts_generations = False

    def validate(self, obj: JSONObject) -> Causes:
        return networking.validate_ip_address(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return networking.validate_ip_address_update(new, old)


class ServiceCIDRStrategy(Strategy):
    counts_generations = False

    def validate(self, obj: JSONObject) -> Causes:
        return networking.validate_service_cidr(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return networking.validate_service_cidr_update(new, old)
