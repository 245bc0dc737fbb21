"""The Node object a kubelet keeps: what is in it, and when it has to be written.

Pure functions after ``pkg/kubelet/nodestatus/setters.go`` and ``kubelet_node_status.go`` (v1.36).
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from apimachinery.labels import HOSTNAME
from apimachinery.quantity import canonical, format_quantity, parse_quantity, suffix_family
from apimachinery.types.base import ObjectMeta, to_wire
from apimachinery.types.core import (
    ContainerImage,
    DaemonEndpoint,
    Node,
    NodeAddress,
    NodeCondition,
    NodeDaemonEndpoints,
    NodeSpec,
    NodeStatus,
    NodeSystemInfo,
    ObjectReference,
)
from apimachinery.types.pod import Taint
from componentbase.version import git_version
from kubelet.eviction.thresholds import kept_back
from kubelet.runtime import Image
from kubelet.settings import Settings

NETWORK_NOT_READY = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)
OPERATING_SYSTEM = "linux"
ARCHITECTURE = "amd64"

UNSCHEDULABLE = "node.kubernetes.io/unschedulable"

_MOST_IMAGES = 50
_PRESSURES = {
    "MemoryPressure": (
        ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
    ),
    "DiskPressure": (
        ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("KubeletHasDiskPressure", "kubelet has disk pressure"),
    ),
    "PIDPressure": (
        ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
    ),
}
"""Conditions: reason and message without the pressure, and with it."""


def node_reference(name: str) -> ObjectReference:
    """Return what a kubelet's events about its node refer to; upstream's name it in the place of the uid as well."""
    return ObjectReference(kind="Node", name=name, uid=name)


@dataclass(frozen=True, slots=True)
class NodeState:
    """What a node's status tells beside the settings.

    ``address`` is empty until the pod network is there; ``pressures`` are the conditions that are true.
    """

    address: str = ""
    runtime_version: str = ""
    images: Sequence[Image] = ()
    pressures: frozenset[str] = frozenset()
    shutting_down: bool = False


def node_object(settings: Settings, state: NodeState, now: datetime) -> Node:
    """Return the node as it is registered."""
    taints = list(settings.register_with_taints)
    if not settings.register_schedulable and not any(taint.key == UNSCHEDULABLE for taint in taints):
        taints.append(Taint(key=UNSCHEDULABLE, effect="NoSchedule"))
    pod_cidr = settings.pod_cidr if settings.register_pod_cidr else ""
    return Node(
        metadata=node_metadata(settings),
        spec=NodeSpec(
            pod_cidr=pod_cidr,
            pod_cidrs=[pod_cidr] if pod_cidr else [],
            provider_id=settings.provider_id,
            taints=taints,
            unschedulable=not settings.register_schedulable,
        ),
        status=node_status(settings, state, before=NodeStatus(), now=now),
    )


def node_metadata(settings: Settings) -> ObjectMeta:
    """Return the labels and annotations that a kubelet sees to."""
    return ObjectMeta(
        name=settings.node_name,
        labels={
            "beta.kubernetes.io/arch": ARCHITECTURE,
            "beta.kubernetes.io/os": OPERATING_SYSTEM,
            "kubernetes.io/arch": ARCHITECTURE,
            HOSTNAME: settings.node_name,
            "kubernetes.io/os": OPERATING_SYSTEM,
            **settings.node_labels,
        },
        annotations={
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            **settings.node_annotations,
        },
    )


def capacity(settings: Settings) -> dict[str, str]:
    """Return what the node has."""
    return {
        "cpu": canonical(settings.cpu),
        "ephemeral-storage": canonical(settings.ephemeral_storage),
        "memory": canonical(settings.memory),
        "pods": str(settings.max_pods),
        **{name: canonical(amount) for name, amount in settings.extended_resources.items()},
    }


def allocatable(settings: Settings) -> dict[str, str]:
    """Return what of the node pods may ask for: what is left of it beside what is kept back.

    That is what is reserved for the system and for Kubernetes, and what hard eviction thresholds keep free.
    """
    offered = capacity(settings)
    free = kept_back(settings.eviction_thresholds, offered)
    left = {}
    for name, quantity in offered.items():
        kept = free.get(name, Fraction(0))
        for reserved in (settings.system_reserved, settings.kube_reserved):
            kept += parse_quantity(reserved.get(name, "0"))
        rest = max(Fraction(0), parse_quantity(quantity) - kept)
        left[name] = format_quantity(rest, suffix_family(quantity)) if kept else quantity
    return left


def node_status(settings: Settings, state: NodeState, *, before: NodeStatus, now: datetime) -> NodeStatus:
    """Return the node's status. ``before`` is what the API server has: transition times carry on from it."""
    now = now.replace(microsecond=0)
    offered = capacity(settings)
    addresses = [NodeAddress(type="InternalIP", address=state.address)] if state.address else []
    return NodeStatus(
        capacity=offered,
        allocatable=allocatable(settings),
        conditions=_conditions(state, before, now),
        addresses=[*addresses, NodeAddress(type="Hostname", address=settings.node_name)],
        daemon_endpoints=_daemon_endpoints(settings),
        node_info=_system_info(settings, state),
        images=[
            ContainerImage(names=list(image.repo_tags), size_bytes=image.size)
            for image in sorted(state.images, key=lambda image: -image.size)[:_MOST_IMAGES]
        ],
    )


def _daemon_endpoints(settings: Settings) -> NodeDaemonEndpoints | None:
    """Return where the kubelet's server is; none when it serves nothing."""
    return NodeDaemonEndpoints(kubelet_endpoint=DaemonEndpoint(port=settings.port)) if settings.port else None


def _conditions(state: NodeState, before: NodeStatus, now: datetime) -> list[NodeCondition]:
    known = {condition.type: condition for condition in before.conditions}
    findings = []
    for kind, texts in _PRESSURES.items():
        pressed = kind in state.pressures
        findings.append((kind, str(pressed), *texts[pressed]))
    if state.shutting_down:
        findings.append(("Ready", "False", "KubeletNotReady", "node is shutting down"))
    elif state.address:
        findings.append(("Ready", "True", "KubeletReady", "kubelet is posting ready status"))
    else:
        findings.append(("Ready", "False", "KubeletNotReady", NETWORK_NOT_READY))
    conditions = []
    for kind, status, reason, message in findings:
        old = known.pop(kind, None)
        since = old.last_transition_time if old is not None and old.status == status else None
        conditions.append(
            NodeCondition(
                type=kind,
                status=status,
                reason=reason,
                message=message,
                last_heartbeat_time=now,
                last_transition_time=since or now,
            )
        )
    # Conditions that others have set stay.
    return [*known.values(), *conditions]


def _system_info(settings: Settings, state: NodeState) -> NodeSystemInfo:
    version = git_version()
    machine = hashlib.md5(settings.node_name.encode(), usedforsecurity=False).hexdigest()
    return NodeSystemInfo(
        machine_id=machine,
        system_uuid=str(uuid.UUID(machine)),
        boot_id=str(uuid.uuid5(uuid.UUID(machine), "boot")),
        kernel_version="6.1.0-kubemu",
        os_image="Kubemu",
        container_runtime_version=state.runtime_version,
        kubelet_version=version,
        kube_proxy_version="",
        operating_system=OPERATING_SYSTEM,
        architecture=ARCHITECTURE,
    )


def differs(wanted: NodeStatus, shown: NodeStatus) -> bool:
    """Whether two statuses differ in more than the times of their conditions."""
    return _without_times(wanted) != _without_times(shown)


def _without_times(status: NodeStatus) -> tuple[Mapping[str, Any], ...]:
    wire = to_wire(status)
    conditions = sorted(
        (entry["type"], entry["status"], entry.get("reason", ""), entry.get("message", ""))
        for entry in wire.pop("conditions", ())
    )
    kept = {
        key: wire.get(key) for key in ("capacity", "allocatable", "addresses", "daemonEndpoints", "nodeInfo", "images")
    }
    return kept, {"conditions": conditions}
