"""Pods (``pkg/registry/core/pod/strategy.go``, v1.36)."""

import copy
from typing import Any

from apimachinery import pod_defaults as defaults
from apiserver.json_fields import keep
from apiserver.registry.label_keys import merge_label_keys
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation.field import Causes
from apiserver.validation.pod import validate_pod, validate_pod_create
from apiserver.validation.pod_status import validate_pod_status_update
from apiserver.validation.pod_subresources import validate_ephemeral_containers, validate_resize
from apiserver.validation.pod_update import validate_pod_update

JSONObject = dict[str, Any]


class PodStrategy(Strategy):
    selectable_fields = (
        *COMMON_FIELDS,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    )
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        defaults.default_pod(obj)

    def default_status(self, obj: JSONObject) -> None:
        """All defaults of pods are in their spec."""

    def prepare_for_create(self, obj: JSONObject) -> None:
        merge_label_keys(obj)
        obj["status"] = {"phase": "Pending", "qosClass": defaults.qos_class(obj)}
        gates = obj["spec"].get("schedulingGates")
        if gates:
            obj["status"]["conditions"] = [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                }
            ]

    def validate(self, obj: JSONObject) -> Causes:
        return validate_pod_create(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_pod(new) + validate_pod_update(new, old)

    def prepare_for_status_update(self, new: JSONObject, old: JSONObject) -> None:
        super().prepare_for_status_update(new, old)
        keep(new["metadata"], old["metadata"], "ownerReferences")
        # What an object of this kind cannot lose; a writer that leaves it out does not mean to clear it.
        if qos_class := old.get("status", {}).get("qosClass"):
            new.setdefault("status", {}).setdefault("qosClass", qos_class)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_pod_status_update(new, old)

    def of_subresource(self, name: str) -> Strategy:
        match name:
            case "ephemeralcontainers":
                return EphemeralContainersStrategy()
            case "resize":
                return ResizeStrategy()
        return self

    def graceful_deletion(self, obj: JSONObject, requested: int | None) -> int:
        spec, phase = obj["spec"], obj.get("status", {}).get("phase")
        # A pod that never ran, or has ended, has nothing to wind down.
        if not spec.get("nodeName") or phase in {"Failed", "Succeeded"}:
            return 0
        period: int = spec.get("terminationGracePeriodSeconds", 30) if requested is None else requested
        return 1 if period < 0 else period

    def fields(self, obj: JSONObject) -> dict[str, str]:
        metadata, spec, status = obj["metadata"], obj["spec"], obj.get("status", {})
        return {
            "metadata.name": metadata["name"],
            "metadata.namespace": metadata.get("namespace", ""),
            "spec.nodeName": spec.get("nodeName", ""),
            "spec.restartPolicy": spec.get("restartPolicy", ""),
            "spec.schedulerName": spec.get("schedulerName", ""),
            "spec.serviceAccountName": spec.get("serviceAccountName", ""),
            "spec.hostNetwork": "true" if spec.get("hostNetwork") else "false",
            "status.phase": status.get("phase", ""),
            "status.podIP": status.get("podIP", ""),
            "status.nominatedNodeName": status.get("nominatedNodeName", ""),
        }


class EphemeralContainersStrategy(PodStrategy):
    """``pods/ephemeralcontainers``: the one list, of which everything else is left as it is."""

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        containers = new["spec"].get("ephemeralContainers")
        _keep_all(new, old)
        new["spec"].pop("ephemeralContainers", None)
        if containers:
            new["spec"]["ephemeralContainers"] = containers

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_pod(new) + validate_ephemeral_containers(new, old)


class ResizeStrategy(PodStrategy):
    """``pods/resize``: the resources of the pod and of containers that are there, and how they get them."""

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        wished = {
            key: {container.get("name"): container for container in new["spec"].get(key) or ()}
            for key in ("containers", "initContainers")
        }
        whole = new["spec"].get("resources")
        _keep_all(new, old)
        for key, containers in wished.items():
            for container in new["spec"].get(key) or ():
                if (changed := containers.get(container.get("name"))) is not None:
                    for name in ("resources", "resizePolicy"):
                        keep(container, changed, name)
        if whole is None:
            new["spec"].pop("resources", None)
        else:
            new["spec"]["resources"] = whole

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_pod(new) + validate_resize(new, old)


def _keep_all(new: JSONObject, old: JSONObject) -> None:
    """Undo every change of a pod but those of what belongs to the write itself."""
    given = new["metadata"]
    new["metadata"] = dict(old["metadata"])
    for key in ("resourceVersion", "managedFields"):
        keep(new["metadata"], given, key)
    new["spec"] = copy.deepcopy(old["spec"])
    keep(new, old, "status")
