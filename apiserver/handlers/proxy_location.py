"""Where a proxied request goes: from ``[scheme:]name[:port]`` and what is known of the object to an address.

``pkg/registry/core/{pod,service,node}/…ResourceLocation``, v1.36. Addresses on loopback, which upstream refuses, are
where pods live here.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from apimachinery import go_text
from apimachinery.errors import BadRequest, ServiceUnavailable
from componentbase import low_ports

JSONObject = dict[str, Any]

_SCHEMES = ("http", "https")
_KUBELET_PORT = 10250


@dataclass(frozen=True, slots=True)
class ProxyName:
    """``scheme`` is empty where none was given; ``port`` is text: a number, a name, or empty."""

    scheme: str
    name: str
    port: str


@dataclass(frozen=True, slots=True)
class Location:
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def places(location: Location) -> list[Location]:
    """Return where to try for a location: there, and at the port that stands in for one that could not be bound."""
    if not location.host.startswith("127."):
        return [location]
    return [replace(location, port=port) for port in low_ports.places(location.port)]


def parse_name(text: str, kind: str) -> ProxyName:
    """Take apart what stands in the URL for a name (``SplitSchemeNamePort``); raise 400 when it cannot be read.

    ``web``, ``web:80``, ``https:web:`` and ``https:web:443`` are the forms there are.
    """
    parts = text.split(":")
    if len(parts) == 1:
        found = ProxyName("", parts[0], "")
    elif len(parts) == 2:
        found = ProxyName("", parts[0], parts[1])
    elif len(parts) == 3 and parts[0] in {*_SCHEMES, ""}:
        found = ProxyName(*parts)
    else:
        found = ProxyName("", "", "")
    if not found.name:
        raise BadRequest(f'invalid {kind} request "{text}"')
    return found


def pod_location(pod: JSONObject, asked: ProxyName) -> Location:
    """Return the pod's address; without a port the first one that a container declares, or the scheme's own."""
    port = asked.port
    if not port:
        declared = [entry for container in pod["spec"].get("containers", ()) for entry in container.get("ports", ())]
        port = str(declared[0]["containerPort"]) if declared else ""
    scheme = asked.scheme or "http"
    address = pod.get("status", {}).get("podIP", "")
    if not address:
        raise BadRequest("address not allowed")
    return Location(scheme, address, _number(port, asked, "pod") if port else _default_port(scheme))


def node_location(node: JSONObject, asked: ProxyName) -> Location:
    """Return the address of the node's kubelet, or of another port of the node when one is asked for."""
    status = node.get("status", {})
    kubelet = status.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port") or _KUBELET_PORT
    addresses = {entry.get("type"): entry.get("address", "") for entry in status.get("addresses", ())}
    # Upstream's default of --kubelet-preferred-address-types.
    preferred: tuple[str, ...] = ("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
    if "InternalIP" in addresses:
        # A fake node's host name is known to nobody but the cluster.
        preferred = ("InternalIP",)
    host = next((addresses[kind] for kind in preferred if addresses.get(kind)), "")
    if not host:
        raise BadRequest(f"no preferred addresses found; known addresses: {sorted(addresses.values())}")
    port = _number(asked.port, asked, "node") if asked.port else int(kubelet)
    return Location(asked.scheme or "http", host, port)


def service_port_name(service: JSONObject, asked: ProxyName) -> str:
    """Return the name of the Service's port that is asked for; raise 503 when it has no such port."""
    ports = service["spec"].get("ports", ())
    try:
        number = go_text.integer(asked.port)
    except ValueError:
        return asked.port
    for entry in ports:
        if entry.get("port") == number:
            return str(entry.get("name", ""))
    raise ServiceUnavailable(f'no service port {number} found for service "{asked.name}"')


def service_locations(slices: Sequence[JSONObject], port_name: str, asked: ProxyName) -> list[Location]:
    """Return the ready endpoints behind a Service's port, from its EndpointSlices."""
    found = []
    for endpoint_slice in slices:
        numbers = [
            entry["port"]
            for entry in endpoint_slice.get("ports") or ()
            if entry.get("name", "") == port_name and entry.get("port")
        ]
        for endpoint in endpoint_slice.get("endpoints") or ():
            if endpoint.get("conditions", {}).get("ready", True):
                found += [
                    Location(asked.scheme or "http", address, number)
                    for address in endpoint.get("addresses", ())[:1]
                    for number in numbers
                ]
    return found


def slices_of_endpoints(endpoints: JSONObject) -> list[JSONObject]:
    """Return the older form of a Service's endpoints as slices, ready addresses only."""
    return [
        {
            "ports": subset.get("ports", []),
            "endpoints": [{"addresses": [entry["ip"]]} for entry in subset.get("addresses", ())],
        }
        for subset in endpoints.get("subsets", ())
    ]


def _number(port: str, asked: ProxyName, kind: str) -> int:
    with suppress(ValueError):
        number = go_text.integer(port)
        if 0 < number < 65536:
            return number
    raise BadRequest(f'invalid {kind} request "{asked.name}:{asked.port}"')


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
