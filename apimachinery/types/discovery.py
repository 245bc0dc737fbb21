"""``discovery.k8s.io/v1`` EndpointSlice: where a Service leads, in parts."""

from typing import ClassVar

from pydantic import Field

from apimachinery.labels import SERVICE_NAME_LABEL
from apimachinery.types.base import Model, Object
from apimachinery.types.core import ObjectReference

IPV4 = "IPv4"
IPV6 = "IPv6"


class EndpointConditions(Model):
    """``None`` is unknown, and to be read as true of ``ready`` and ``serving``, as false of ``terminating``."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class ForZone(Model):
    name: str


class ForNode(Model):
    name: str


class EndpointHints(Model):
    """For whom an endpoint is best."""

    for_zones: list[ForZone] = Field(default_factory=list)
    for_nodes: list[ForNode] = Field(default_factory=list)


class Endpoint(Model):
    addresses: list[str]
    conditions: EndpointConditions = Field(default_factory=EndpointConditions)
    hostname: str | None = None
    target_ref: ObjectReference | None = None
    node_name: str | None = None
    zone: str | None = None
    hints: EndpointHints | None = None


class EndpointPort(Model):
    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    app_protocol: str | None = None


class EndpointSlice(Object):
    """Endpoints of one kind of address that all have the same ports."""

    API_VERSION: ClassVar[str] = "discovery.k8s.io/v1"
    KIND: ClassVar[str] = "EndpointSlice"

    address_type: str = ""
    endpoints: list[Endpoint] = Field(default_factory=list)
    ports: list[EndpointPort] = Field(default_factory=list)

    @property
    def service_name(self) -> str:
        """The name of the Service that it is of, empty when it is of none."""
        return self.metadata.labels.get(SERVICE_NAME_LABEL, "")

    @property
    def service_key(self) -> str:
        """The key of that Service, empty when it is of none."""
        return f"{self.metadata.namespace}/{self.service_name}" if self.service_name else ""
