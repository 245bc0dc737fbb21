"""What a name server knows, as plain lists, and a cluster to ask about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apimachinery.labels import SERVICE_NAME_LABEL
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeproxy.dns.view import BY_ADDRESS, BY_SERVICE, SERVICE_INDEXES, SLICE_INDEXES


@dataclass
class Listed:
    """A view of these objects."""

    services: list[Service]
    pieces: list[EndpointSlice]

    def service(self, namespace: str, name: str) -> Service | None:
        return next((found for found in self.services if found.key == f"{namespace}/{name}"), None)

    def slices(self, namespace: str, name: str) -> Iterable[EndpointSlice]:
        return [found for found in self.pieces if f"{namespace}/{name}" in SLICE_INDEXES[BY_SERVICE](found)]

    def services_at(self, address: str) -> Iterable[Service]:
        return [found for found in self.services if address in SERVICE_INDEXES[BY_ADDRESS](found)]

    def slices_at(self, address: str) -> Iterable[EndpointSlice]:
        return [found for found in self.pieces if address in SLICE_INDEXES[BY_ADDRESS](found)]


def service(name: str, ip: str = "", *ports: tuple[str, str, int], namespace: str = "default", **spec: Any) -> Service:
    listed = [{"name": port, "protocol": protocol, "port": number} for port, protocol, number in ports]
    return Service.model_validate({
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": ip, "ports": listed, **spec},
    })


def piece(
    of: str, *ends: dict[str, Any], ports: Iterable[tuple[str, str, int]] = (), family: str = "IPv4"
) -> EndpointSlice:
    return EndpointSlice.model_validate({
        "metadata": {"name": f"{of}-1", "namespace": "default", "labels": {SERVICE_NAME_LABEL: of}},
        "addressType": family,
        "endpoints": list(ends),
        "ports": [{"name": name, "protocol": protocol, "port": number} for name, protocol, number in ports],
    })


def end(address: str, *, ready: bool | None = True, **more: Any) -> dict[str, Any]:
    return {"addresses": [address], "conditions": {"ready": ready}, **more}


HTTP = ("http", "TCP", 80)

CLUSTER = Listed(
    [
        service("kubernetes", "127.64.0.1", ("https", "TCP", 443)),
        service("kube-dns", "127.64.0.10", ("dns", "UDP", 53), ("dns-tcp", "TCP", 53), namespace="kube-system"),
        service("web", "127.64.0.20", HTTP, ("metrics", "TCP", 9100)),
        service("plain", "127.64.0.21", ("", "TCP", 80)),
        service("db", "None", ("sql", "TCP", 5432)),
        service("portless", "None"),
        service("empty", "None", HTTP),
        service("out", type="ExternalName", externalName="foo.example.com"),
        service("in", type="ExternalName", externalName="web.default.svc.cluster.local"),
        service("chain", type="ExternalName", externalName="in.default.svc.cluster.local."),
        service("loop", type="ExternalName", externalName="loop.default.svc.cluster.local"),
        service("literal", type="ExternalName", externalName="192.0.2.1"),
    ],
    [
        piece("web", end("127.128.0.9", hostname="named"), ports=[("http", "TCP", 8080)]),
        piece(
            "db",
            end("127.128.0.5", hostname="db-0"),
            end("127.128.1.6", hostname="DB-1", ready=None),
            end("127.128.0.7", hostname="db-2", ready=False),
            ports=[("sql", "TCP", 5432)],
        ),
        piece("db", end("fd00::5", hostname="db-0"), ports=[("sql", "TCP", 5432)], family="IPv6"),
        piece("portless", end("127.128.0.8")),
        piece("empty", end("127.128.0.4", ready=False), ports=[HTTP]),
    ],
)
