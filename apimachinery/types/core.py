"""``core/v1`` and the kinds beside it that the components act on: nodes, namespaces, events, bindings."""

from functools import lru_cache
from typing import Any, ClassVar

from pydantic import Field

from apimachinery.types.base import Condition, MicroTime, Model, Object, Time
from apimachinery.types.pod import Taint


class NodeSpec(Model):
    pod_cidr: str = Field("", alias="podCIDR")
    pod_cidrs: list[str] = Field(default_factory=list, alias="podCIDRs")
    provider_id: str = Field("", alias="providerID")
    unschedulable: bool = False
    taints: list[Taint] = Field(default_factory=list)


class NodeAddress(Model):
    type: str
    address: str


class NodeCondition(Condition):
    last_heartbeat_time: Time | None = None


class NodeSystemInfo(Model):
    machine_id: str = Field("", alias="machineID")
    system_uuid: str = Field("", alias="systemUUID")
    boot_id: str = Field("", alias="bootID")
    kernel_version: str
    os_image: str
    container_runtime_version: str
    kubelet_version: str
    kube_proxy_version: str = ""
    operating_system: str
    architecture: str


class DaemonEndpoint(Model):
    port: int = Field(alias="Port")


class NodeDaemonEndpoints(Model):
    kubelet_endpoint: DaemonEndpoint | None = None


class ContainerImage(Model):
    names: list[str] = Field(default_factory=list)
    size_bytes: int = 0


class NodeStatus(Model):
    capacity: dict[str, str] = Field(default_factory=dict)
    allocatable: dict[str, str] = Field(default_factory=dict)
    conditions: list[NodeCondition] = Field(default_factory=list)
    addresses: list[NodeAddress] = Field(default_factory=list)
    daemon_endpoints: NodeDaemonEndpoints | None = None
    node_info: NodeSystemInfo | None = None
    images: list[ContainerImage] = Field(default_factory=list)


class Node(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Node"

    spec: NodeSpec = Field(default_factory=NodeSpec)
    status: NodeStatus = Field(default_factory=NodeStatus)


class NamespaceSpec(Model):
    finalizers: list[str] = Field(default_factory=list)


class NamespaceStatus(Model):
    phase: str = ""
    conditions: list[Condition] = Field(default_factory=list)


class Namespace(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Namespace"

    spec: NamespaceSpec = Field(default_factory=NamespaceSpec)
    status: NamespaceStatus = Field(default_factory=NamespaceStatus)


class ObjectReference(Model):
    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    field_path: str = ""


class EventSource(Model):
    component: str = ""
    host: str = ""


class EventSeries(Model):
    count: int = 0
    last_observed_time: MicroTime | None = None


class Event(Object):
    """``core/v1`` Event; the fields of ``events.k8s.io/v1`` live in the same object."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Event"

    involved_object: ObjectReference
    reason: str = ""
    message: str = ""
    source: EventSource = Field(default_factory=EventSource)
    first_timestamp: Time | None = None
    last_timestamp: Time | None = None
    count: int = 0
    type: str = ""
    event_time: MicroTime | None = None
    series: EventSeries | None = None
    action: str = ""
    reporting_component: str = ""
    reporting_instance: str = ""


class LeaseSpec(Model):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: MicroTime | None = None
    renew_time: MicroTime | None = None
    lease_transitions: int | None = None


class Lease(Object):
    """``coordination.k8s.io/v1`` Lease: a node's heartbeat, or a leader's claim."""

    API_VERSION: ClassVar[str] = "coordination.k8s.io/v1"
    KIND: ClassVar[str] = "Lease"

    spec: LeaseSpec = Field(default_factory=LeaseSpec)


def object_reference(target: Object | dict[str, Any], field_path: str = "") -> ObjectReference:
    """Return the reference that events carry; ``field_path`` names a part, as ``spec.containers{web}``."""
    if isinstance(target, Object):
        meta = target.metadata
        return _reference(
            target.api_version, target.kind, meta.namespace, meta.name, meta.uid, meta.resource_version, field_path
        )
    metadata = target["metadata"]
    return _reference(
        target["apiVersion"],
        target["kind"],
        metadata.get("namespace", ""),
        metadata["name"],
        metadata.get("uid", ""),
        metadata.get("resourceVersion", ""),
        field_path,
    )


# What happens to an object is told in several events, one soon after the other.
@lru_cache(maxsize=256)
def _reference(
    api_version: str, kind: str, namespace: str, name: str, uid: str, resource_version: str, field_path: str
) -> ObjectReference:
    return ObjectReference(
        api_version=api_version,
        kind=kind,
        namespace=namespace,
        name=name,
        uid=uid,
        resource_version=resource_version,
        field_path=field_path,
    )
