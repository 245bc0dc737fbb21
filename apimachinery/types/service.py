"""``core/v1`` Service and Endpoints, as far as components act on them."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import Model, Object
from apimachinery.types.core import ObjectReference


class ServicePort(Model):
    """``name`` is empty only where a Service has one port."""

    name: str = ""
    protocol: str = "TCP"
    port: int
    target_port: int | str = 0
    node_port: int = 0
    app_protocol: str | None = None


class ClientIPConfig(Model):
    timeout_seconds: int | None = None


class SessionAffinityConfig(Model):
    client_ip: ClientIPConfig | None = Field(None, alias="clientIP")


class ServiceSpec(Model):
    type: str = "ClusterIP"
    external_name: str = ""
    cluster_ip: str = Field("", alias="clusterIP")
    external_ips: list[str] = Field(default_factory=list, alias="externalIPs")
    ports: list[ServicePort] = Field(default_factory=list)
    selector: dict[str, str] = Field(default_factory=dict)
    ip_families: list[str] = Field(default_factory=list)
    publish_not_ready_addresses: bool = False
    session_affinity: str = "None"
    session_affinity_config: SessionAffinityConfig | None = None
    internal_traffic_policy: str = "Cluster"
    external_traffic_policy: str = ""
    load_balancer_ip: str = Field("", alias="loadBalancerIP")
    load_balancer_class: str = ""
    load_balancer_source_ranges: list[str] = Field(default_factory=list)
    traffic_distribution: str = ""


class LoadBalancerIngress(Model):
    """``ipMode`` ``Proxy`` says that the address is the load balancer's own, which sends on to nodes."""

    ip: str = ""
    hostname: str = ""
    ip_mode: str = "VIP"


class LoadBalancerStatus(Model):
    ingress: list[LoadBalancerIngress] = Field(default_factory=list)


class ServiceStatus(Model):
    load_balancer: LoadBalancerStatus = Field(default_factory=LoadBalancerStatus)


class Service(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Service"

    spec: ServiceSpec = Field(default_factory=ServiceSpec)
    status: ServiceStatus = Field(default_factory=ServiceStatus)

    @property
    def has_cluster_ip(self) -> bool:
        """Whether the Service has an address: it is not headless, and not a name for something elsewhere."""
        return self.spec.cluster_ip not in {"", "None"} and self.spec.type != "ExternalName"


class EndpointAddress(Model):
    ip: str
    hostname: str = ""
    node_name: str | None = None
    target_ref: ObjectReference | None = None


class NamedPort(Model):
    """A port of ``Endpoints``; ``name`` is that of the Service's port."""

    name: str = ""
    port: int
    protocol: str = "TCP"
    app_protocol: str | None = None


class EndpointSubset(Model):
    """Addresses that all have the same ports."""

    addresses: list[EndpointAddress] = Field(default_factory=list)
    not_ready_addresses: list[EndpointAddress] = Field(default_factory=list)
    ports: list[NamedPort] = Field(default_factory=list)


class Endpoints(Object):
    """Where a Service of the same name leads, in the old form."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Endpoints"

    subsets: list[EndpointSubset] = Field(default_factory=list)
