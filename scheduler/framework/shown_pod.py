"""Pods as the API server shows them, but for what the scheduler has no use of.

A typed Pod takes some twenty kilobytes, and a cluster has tens of thousands of them. Most are made from few templates
besides, so what the scheduler knows of them is worked out once for each template and shared.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

import orjson

from apimachinery.types.pod import TERMINAL, Pod
from kubeclient.resources import Resource
from scheduler.framework.pod_info import PodInfo, pod_info
from scheduler.framework.pod_requests import RESIZE_PENDING

_TEMPLATES_KEPT = 2048

_SPEC = (
    "nodeSelector",
    "affinity",
    "tolerations",
    "schedulerName",
    "priority",
    "preemptionPolicy",
    "schedulingGates",
    "topologySpreadConstraints",
    "overhead",
    "resources",
)
_CONTAINER = ("name", "image", "resources", "ports", "restartPolicy")
_IRRELEVANT_VOLUMES = frozenset({"projected", "configMap", "secret", "emptyDir", "downwardAPI", "hostPath"})
_NO_CONTAINER = {"ready": False, "restartCount": 0, "image": "", "imageID": ""}
"""What a container's status cannot do without."""

_CONDITIONS = frozenset({"PodScheduled", "DisruptionTarget"})


@dataclass(frozen=True, slots=True)
class ShownCondition:
    type: str
    status: str
    reason: str
    message: str


@dataclass(slots=True)
class ShownPod:
    """``conditions`` are those about scheduling. Made by :meth:`model_validate`; never changed."""

    info: PodInfo
    generation: int
    finished: bool
    started: str
    conditions: tuple[ShownCondition, ...]

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Read a pod's JSON."""
        meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
        info = _template(_template_key(meta, spec, status)).copy()
        info.uid = meta.get("uid", "")
        info.name = meta.get("name", "")
        info.resource_version = meta.get("resourceVersion", "")
        info.node_name = spec.get("nodeName", "")
        info.deleting = "deletionTimestamp" in meta
        info.nominated_node_name = status.get("nominatedNodeName", "")
        return cls(
            info,
            meta.get("generation", 0),
            status.get("phase") in TERMINAL,
            status.get("startTime", ""),
            _conditions(status.get("conditions") or ()),
        )

    @property
    def key(self) -> str:
        return self.info.key

    @property
    def uid(self) -> str:
        return self.info.uid

    @property
    def resource_version(self) -> str:
        return self.info.resource_version

    @property
    def deleting(self) -> bool:
        return self.info.deleting

    @property
    def start_time(self) -> datetime | None:
        """Return when its kubelet took it, ``None`` when none has."""
        return datetime.fromisoformat(self.started) if self.started else None

    def condition(self, kind: str) -> ShownCondition | None:
        """Return the condition of that type, when the pod has it."""
        return next((entry for entry in self.conditions if entry.type == kind), None)


SHOWN_PODS = Resource("", "v1", "pods", ShownPod)


def _template_key(meta: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> bytes:
    """Return, as JSON, a pod with everything that makes a difference to the scheduler, and that others may share."""
    kept = {name: spec[name] for name in _SPEC if name in spec}
    for kind in ("containers", "initContainers"):
        if kind in spec:
            kept[kind] = [{name: entry[name] for name in _CONTAINER if name in entry} for entry in spec[kind]]
    shared: dict[str, Any] = {"namespace": meta.get("namespace", ""), "labels": meta.get("labels") or {}}
    if "ownerReferences" in meta:
        shared["ownerReferences"] = [owner for owner in meta["ownerReferences"] if owner.get("controller")]
    volumes = [volume for volume in spec.get("volumes") or () if _IRRELEVANT_VOLUMES.isdisjoint(volume)]
    if volumes:
        kept["volumes"] = volumes
        # The claims of ephemeral volumes are named after the pod.
        shared["name"] = meta.get("name", "")
    pod = {"metadata": shared, "spec": kept}
    if spec.get("nodeName") and (sizes := _sizes(status)):
        # That it has a node matters here, and not which.
        kept["nodeName"] = "-"
        pod["status"] = sizes
    return orjson.dumps(pod)


def _sizes(status: dict[str, Any]) -> dict[str, Any]:
    """Return what a status says about the sizes that containers have now, nothing when it says nothing."""
    found: dict[str, Any] = {}
    for kind in ("containerStatuses", "initContainerStatuses"):
        sizes = [
            {
                "name": entry["name"],
                "allocatedResources": entry.get("allocatedResources") or {},
                "resources": entry["resources"],
                **_NO_CONTAINER,
            }
            for entry in status.get(kind) or ()
            if entry.get("resources") is not None
        ]
        if sizes:
            found[kind] = sizes
    if found:
        found["conditions"] = [
            {"type": entry["type"], "status": entry["status"], "reason": entry.get("reason", "")}
            for entry in status.get("conditions") or ()
            if entry["type"] == RESIZE_PENDING
        ]
    return found


@lru_cache(maxsize=_TEMPLATES_KEPT)
def _template(key: bytes) -> PodInfo:
    return pod_info(Pod.model_validate_json(key))


def _conditions(entries: Any) -> tuple[ShownCondition, ...]:
    return tuple(
        _condition(entry["type"], entry.get("status", ""), entry.get("reason", ""), entry.get("message", ""))
        for entry in entries
        if entry["type"] in _CONDITIONS
    )


@lru_cache(maxsize=_TEMPLATES_KEPT)
def _condition(kind: str, status: str, reason: str, message: str) -> ShownCondition:
    return ShownCondition(kind, status, reason, message)
