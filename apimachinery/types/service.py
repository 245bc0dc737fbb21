"""``core/v1`` Service, as far as components act on it."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import Model, Object


class ServicePort(Model):
    """``name`` is empty only where a Service has one port."""

    name: str = ""
    protocol: str = "TCP"
    port: int


class ServiceSpec(Model):
    type: str = "ClusterIP"
    cluster_ip: str = Field("", alias="clusterIP")
    ports: list[ServicePort] = Field(default_factory=list)
    selector: dict[str, str] = Field(default_factory=dict)


class Service(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Service"

    spec: ServiceSpec = Field(default_factory=ServiceSpec)

    @property
    def has_cluster_ip(self) -> bool:
        """Whether the Service has an address: it is not headless, and not a name for something elsewhere."""
        return self.spec.cluster_ip not in {"", "None"} and self.spec.type != "ExternalName"
