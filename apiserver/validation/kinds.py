"""The smaller kinds: nodes, namespaces, replica sets, leases, events (``pkg/apis/*/validation``, v1.36)."""

import ipaddress
from typing import Any

from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.scheduling import validate_taints

JSONObject = dict[str, Any]


def validate_node(node: JSONObject) -> Causes:
    spec = node.get("spec", {})
    causes = validate_taints(spec.get("taints", []), "spec.taints")
    for index, cidr in enumerate(spec.get("podCIDRs", [])):
        try:
            ipaddress.ip_network(cidr)
        except ValueError:
            causes.append(
                field.invalid(
                    f"spec.podCIDRs[{index}]", cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
                )
            )
    causes += validate_node_status(node)
    return causes


def validate_node_status(node: JSONObject) -> Causes:
    causes: Causes = []
    for key in ("capacity", "allocatable"):
        for name, quantity in node.get("status", {}).get(key, {}).items():
            if parse_quantity(quantity) < 0:
                causes.append(field.invalid(f"status.{key}[{name}]", quantity, "must be greater than or equal to 0"))
    return causes


def validate_node_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_node(new)
    new_spec, old_spec = new.get("spec", {}), old.get("spec", {})
    for key in ("podCIDRs", "providerID"):
        before = old_spec.get(key)
        if before and new_spec.get(key) != before:
            causes.append(field.forbidden(f"spec.{key}", f'node updates may not change {key} except from "" to valid'))
    return causes


def validate_lease(lease: JSONObject) -> Causes:
    spec = lease.get("spec", {})
    causes: Causes = []
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        causes.append(field.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"))
    causes += field.non_negative("spec.leaseTransitions", transitions)
    return causes


def validate_event(event: JSONObject) -> Causes:
    """Events of the core group are checked for their namespace alone, as upstream's legacy validation does."""
    involved = event.get("involvedObject", {}).get("namespace", "")
    namespace = event["metadata"].get("namespace", "")
    if involved and involved != namespace:
        return [field.invalid("involvedObject.namespace", involved, "does not match event.namespace")]
    if not involved and namespace not in {"default", "kube-system", ""}:
        return [field.invalid("involvedObject.namespace", involved, "does not match event.namespace")]
    return []
