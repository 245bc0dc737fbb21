"""The smaller kinds: nodes, namespaces, leases (``pkg/apis/*/validation``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.metadata import STANDARD_FINALIZERS
from apiserver.validation.quota import resource_quantity
from apiserver.validation.scheduling import validate_taints

JSONObject = dict[str, Any]


def validate_node(node: JSONObject) -> Causes:
    spec = node.get("spec", {})
    # Upstream reports taints as if they were metadata.
    causes = validate_taints(spec.get("taints", []), "metadata.taints")
    cidrs = spec.get("podCIDRs", [])
    for index, cidr in enumerate(cidrs):
        path = f"spec.podCIDRs[{index}]"
        causes += values.cidr(path, cidr)
        if cidr in cidrs[:index]:
            causes.append(field.duplicate(path, cidr))
    if len(cidrs) > 2 or (len(cidrs) == 2 and len({":" in cidr for cidr in cidrs}) == 1):
        detail = "may specify no more than one CIDR for each IP family"
        causes.append(field.invalid("spec.podCIDRs", cidrs, detail))
    return causes + validate_node_status(node)


def validate_node_status(node: JSONObject) -> Causes:
    causes: Causes = []
    status = node.get("status", {})
    for key in ("capacity", "allocatable"):
        for name, quantity in status.get(key, {}).items():
            causes += resource_quantity(name, quantity, f"status.{key}.{name}")
    addresses = status.get("addresses", [])
    for index, address in enumerate(addresses):
        if address in addresses[:index]:
            causes.append(field.duplicate(f"status.addresses[{index}]", address))
    return causes


def validate_node_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_node(new)
    new_spec, old_spec = new.get("spec", {}), old.get("spec", {})
    for key, what in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        before = old_spec.get(key)
        if before and new_spec.get(key) != before:
            causes.append(field.forbidden(f"spec.{key}", f'node updates may not change {what} except from "" to valid'))
    return causes


def validate_namespace(namespace: JSONObject) -> Causes:
    return _namespace_finalizers(namespace, "spec.finalizers")


def _namespace_finalizers(namespace: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for name in namespace.get("spec", {}).get("finalizers", []):
        causes += field.problems(path, name, names.qualified_name(name))
        if "/" not in name and name not in STANDARD_FINALIZERS:
            causes.append(
                field.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")
            )
    return causes


def validate_namespace_status(namespace: JSONObject) -> Causes:
    """Check that the phase says what the time of deletion does."""
    phase = namespace.get("status", {}).get("phase", "")
    deleted = bool(namespace["metadata"].get("deletionTimestamp"))
    wanted, state = ("Terminating", "is not empty") if deleted else ("Active", "is empty")
    if phase == wanted:
        return []
    return [field.invalid("status.Phase", phase, f"may only be '{wanted}' if `deletionTimestamp` {state}")]


def validate_lease(lease: JSONObject) -> Causes:
    spec = lease.get("spec", {})
    causes: Causes = []
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        causes.append(field.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"))
    causes += field.non_negative("spec.leaseTransitions", transitions)
    return causes
