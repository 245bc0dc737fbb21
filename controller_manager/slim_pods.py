"""Pods as the controllers' caches have them: without what no controller looks at, and with equal parts shared.

Thousands of pods of a few templates differ in little. What they have in common is read once: the spec of all that are
on one node, conditions that came in the same second, containers that are in the same state. That takes less than a
quarter of the memory, and half of the time. A pod that is to be written anew has to be fetched.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from pydantic import model_validator

from apimachinery.types.base import OwnerReference
from apimachinery.types.pod import ContainerStatus, Pod, PodCondition, PodSpec

JSONObject = dict[str, Any]

REMEMBERED = 4096
"""How many parts of each sort are remembered for the next pods that have them."""

_SPEC = (
    "nodeName",
    "affinity",
    "tolerations",
    "resources",
    "restartPolicy",
    "hostname",
    "subdomain",
    "hostNetwork",
    "schedulerName",
    "schedulingGates",
    "priority",
    "activeDeadlineSeconds",
    "terminationGracePeriodSeconds",
)
_CONTAINER = ("name", "image", "ports", "resources", "restartPolicy")
_VOLUME = ("persistentVolumeClaim", "ephemeral")
_STATUS = ("phase", "reason", "message", "nominatedNodeName", "hostIP", "podIP", "podIPs", "startTime", "qosClass")
_CONTAINER_STATUS = ("name", "ready", "restartCount", "started")
_TERMINATED = ("exitCode", "signal", "reason", "startedAt", "finishedAt")
_CONDITION = ("type", "status", "reason", "message", "lastTransitionTime")


class SlimPod(Pod):
    """What is read as one shares its parts with others: to be looked at, and never changed."""

    @model_validator(mode="before")
    @classmethod
    def _slim(cls, wire: JSONObject) -> JSONObject:
        """Return what is to be kept of a pod's JSON, with parts that are known already as the objects they are."""
        metadata, status = wire["metadata"], wire.get("status") or {}
        if owners := metadata.get("ownerReferences"):
            metadata = {**metadata, "ownerReferences": [_owner(orjson.dumps(owner)) for owner in owners]}
        kept: JSONObject = _some(status, _STATUS)
        if conditions := status.get("conditions"):
            kept["conditions"] = _conditions(orjson.dumps([_some(entry, _CONDITION) for entry in conditions]))
        for name in ("containerStatuses", "initContainerStatuses"):
            if found := status.get(name):
                kept[name] = [_container_status(orjson.dumps(_slim_container_status(entry))) for entry in found]
        spec = _spec(orjson.dumps(_slim_spec(wire.get("spec") or {})))
        return {"apiVersion": cls.API_VERSION, "kind": cls.KIND, "metadata": metadata, "spec": spec, "status": kept}


def _some(wire: Mapping[str, Any], names: tuple[str, ...]) -> JSONObject:
    return {name: wire[name] for name in names if name in wire}


def _slim_spec(spec: JSONObject) -> JSONObject:
    kept = _some(spec, _SPEC)
    for name in ("containers", "initContainers"):
        if found := spec.get(name):
            kept[name] = [_some(container, _CONTAINER) for container in found]
    # What a token's volume is called is another for each pod, and nobody's business here.
    volumes = [volume for volume in spec.get("volumes") or () if any(source in volume for source in _VOLUME)]
    if volumes:
        kept["volumes"] = volumes
    return kept


def _slim_container_status(status: JSONObject) -> JSONObject:
    state = dict(status.get("state") or {})
    if terminated := state.get("terminated"):
        state["terminated"] = _some(terminated, _TERMINATED)
    return {**_some(status, _CONTAINER_STATUS), "state": state, "image": "", "imageID": ""}


@lru_cache(REMEMBERED)
def _spec(encoded: bytes) -> PodSpec:
    return PodSpec.model_validate_json(encoded)


@lru_cache(REMEMBERED)
def _owner(encoded: bytes) -> OwnerReference:
    return OwnerReference.model_validate_json(encoded)


@lru_cache(REMEMBERED)
def _conditions(encoded: bytes) -> list[PodCondition]:
    return [_condition(orjson.dumps(entry)) for entry in orjson.loads(encoded)]


@lru_cache(REMEMBERED)
def _condition(encoded: bytes) -> PodCondition:
    return PodCondition.model_validate_json(encoded)


@lru_cache(REMEMBERED)
def _container_status(encoded: bytes) -> ContainerStatus:
    return ContainerStatus.model_validate_json(encoded)
