"""The strategies of the smaller kinds (``pkg/registry/*/strategy.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.defaults import core as defaults
from apiserver.json_fields import keep
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import events, kinds
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class NamespaceStrategy(Strategy):
    counts_generations = False
    name_check = staticmethod(names.dns_label)
    selectable_fields = ("metadata.name", "status.phase")

    def default(self, obj: JSONObject) -> None:
        defaults.default_namespace(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        # Others may hold up the end of a namespace as well; this one is for its contents.
        given = obj.get("spec", {}).get("finalizers", [])
        obj["spec"] = {"finalizers": given if "kubernetes" in given else [*given, "kubernetes"]}
        obj["status"] = {"phase": "Active"}
        # A generated name is known only now.
        defaults.default_namespace(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        keep(new, old, "spec")
        keep(new, old, "status")

    def validate(self, obj: JSONObject) -> Causes:
        return kinds.validate_namespace(obj)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return kinds.validate_namespace_status(new)

    def begin_deletion(self, obj: JSONObject) -> None:
        obj.setdefault("status", {})["phase"] = "Terminating"

    def deletion_blocked(self, obj: JSONObject) -> bool:
        return bool(obj.get("spec", {}).get("finalizers"))

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {"metadata.name": obj["metadata"]["name"], "status.phase": obj.get("status", {}).get("phase", "")}


class NodeStrategy(Strategy):
    counts_generations = False
    selectable_fields = ("metadata.name", "spec.unschedulable")

    def default(self, obj: JSONObject) -> None:
        defaults.default_node(obj)
        _align_pod_networks(obj.get("spec", {}))

    def prepare_for_create(self, obj: JSONObject) -> None:
        """A kubelet registers its node status and all."""

    def validate(self, obj: JSONObject) -> Causes:
        return kinds.validate_node(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return kinds.validate_node_update(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return kinds.validate_node_update(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        unschedulable = obj.get("spec", {}).get("unschedulable", False)
        return {
            "metadata.name": obj["metadata"]["name"],
            "spec.unschedulable": "true" if unschedulable else "false",
        }


def _align_pod_networks(spec: JSONObject) -> None:
    """Let a node's older field name the first of its pods' networks."""
    first, networks = spec.get("podCIDR"), spec.get("podCIDRs") or []
    if first and networks[:1] != [first]:
        spec["podCIDRs"] = [first]
    elif networks and not first:
        spec["podCIDR"] = networks[0]


class LeaseStrategy(Strategy):
    counts_generations = False
    create_on_update = True

    def validate(self, obj: JSONObject) -> Causes:
        return kinds.validate_lease(obj)


class EventStrategy(Strategy):
    counts_generations = False
    create_on_update = True
    selectable_fields: tuple[str, ...] = (
        *COMMON_FIELDS,
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    )

    def prepare_for_create(self, obj: JSONObject) -> None:
        """Events have no status."""

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """Events have no status."""

    def validate(self, obj: JSONObject) -> Causes:
        return events.validate_event(obj)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        involved = obj.get("involvedObject", {})
        source = obj.get("source", {}).get("component", "")
        return {
            **super().fields(obj),
            **{f"involvedObject.{key}": involved.get(key, "") for key in _INVOLVED},
            "reason": obj.get("reason", ""),
            "reportingComponent": obj.get("reportingComponent", ""),
            "source": source or obj.get("reportingComponent", ""),
            "type": obj.get("type", ""),
        }


_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
