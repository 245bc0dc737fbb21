"""The smaller kinds: nodes, namespaces, replica sets, leases, events (``pkg/apis/*/validation``, v1.36)."""

import ipaddress
from typing import Any

from apimachinery.quantity import parse_quantity
from apimachinery.selectors import from_label_selector
from apimachinery.types.base import LabelSelector
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_labels
from apiserver.validation.pod import validate_pod_spec
from apiserver.validation.scheduling import validate_taints
from apiserver.validation.selector import validate_label_selector

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


def validate_replica_set(replica_set: JSONObject) -> Causes:
    """Row S27's rule is among these: a replica set's pods always restart."""
    spec = replica_set.get("spec", {})
    causes = field.non_negative("spec.replicas", spec.get("replicas"))
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    selector, template = spec.get("selector"), spec.get("template")
    if selector is None:
        causes.append(field.required("spec.selector"))
    else:
        causes += validate_label_selector(selector, "spec.selector")
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            causes.append(field.invalid("spec.selector", selector, "empty selector is invalid for deployment"))
    if template is None:
        causes.append(field.required("spec.template"))
        return causes
    labels = template.get("metadata", {}).get("labels", {})
    if selector and not causes:
        parsed = from_label_selector(LabelSelector.model_validate(selector))
        if parsed is not None and not parsed.matches(labels):
            causes.append(
                field.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
            )
    causes += validate_labels(labels, "spec.template.metadata.labels")
    causes += validate_pod_spec(template.get("spec", {}), "spec.template.spec")
    policy = template.get("spec", {}).get("restartPolicy")
    if policy != "Always":
        causes.append(field.not_supported("spec.template.spec.restartPolicy", policy, {"Always"}))
    if template.get("spec", {}).get("activeDeadlineSeconds") is not None:
        causes.append(
            field.forbidden(
                "spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"
            )
        )
    return causes


def validate_replica_set_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_replica_set(new)
    if new["spec"].get("selector") != old["spec"].get("selector"):
        causes.append(field.invalid("spec.selector", new["spec"].get("selector"), "field is immutable"))
    return causes


def validate_replica_set_status(new: JSONObject, old: JSONObject) -> Causes:
    status = new.get("status", {})
    causes: Causes = []
    total = status.get("replicas", 0)
    for key in ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"):
        causes += field.non_negative(f"status.{key}", status.get(key))
    for key in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        if status.get(key, 0) > total:
            causes.append(field.invalid(f"status.{key}", status[key], "cannot be greater than status.replicas"))
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
