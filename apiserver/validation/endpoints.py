"""Endpoints and EndpointSlices (``pkg/apis/{core,discovery}/validation``, v1.36).

Addresses in 127.0.0.0/8, which upstream refuses, are fine: see :func:`apiserver.validation.values.endpoint_ip`.
"""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_labels

JSONObject = dict[str, Any]

_MAX_ADDRESSES = 100
_MAX_PORTS = 20_000
_MAX_ENDPOINTS = 1000
_MAX_ZONE_HINTS = 8
_MAX_TOPOLOGY_LABELS = 16


def validate_endpoints(endpoints: JSONObject) -> Causes:
    causes: Causes = []
    for index, subset in enumerate(endpoints.get("subsets", [])):
        path = f"subsets[{index}]"
        ports = subset.get("ports", [])
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            causes.append(field.required(path, "must specify `addresses` or `notReadyAddresses`"))
        for key in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(key, [])):
                causes += _address(address, f"{path}.{key}[{number}]")
        for number, port in enumerate(ports):
            causes += _port(port, f"{path}.ports[{number}]", name_required=len(ports) > 1)
    return causes


def _address(address: JSONObject, path: str) -> Causes:
    text = address.get("ip", "")
    causes = values.ip(f"{path}.ip", text) or values.endpoint_ip(f"{path}.ip", text)
    if host := address.get("hostname"):
        causes += field.problems(f"{path}.hostname", host, names.dns_label(host))
    if (node := address.get("nodeName")) is not None:
        causes += field.problems(f"{path}.nodeName", node, names.dns_subdomain(node))
    return causes


def _port(port: JSONObject, path: str, *, name_required: bool) -> Causes:
    causes: Causes = []
    if name := port.get("name"):
        causes += field.problems(f"{path}.name", name, names.dns_label(name))
    elif name_required:
        causes.append(field.required(f"{path}.name"))
    causes += values.port(f"{path}.port", port.get("port", 0))
    return causes + _protocols(port, path)


def _protocols(port: JSONObject, path: str) -> Causes:
    causes = values.one_of(f"{path}.protocol", port.get("protocol", ""), values.PROTOCOLS)
    if (protocol := port.get("appProtocol")) is not None:
        causes += field.problems(f"{path}.appProtocol", protocol, names.qualified_name(protocol))
    return causes


def validate_endpoint_slice(endpoint_slice: JSONObject) -> Causes:
    family = endpoint_slice.get("addressType", "")
    causes = values.one_of("addressType", family, ("FQDN", "IPv4", "IPv6"))
    endpoints, ports = endpoint_slice.get("endpoints", []), endpoint_slice.get("ports", [])
    if len(endpoints) > _MAX_ENDPOINTS:
        causes.append(field.too_many("endpoints", len(endpoints), _MAX_ENDPOINTS))
    else:
        for index, endpoint in enumerate(endpoints):
            causes += _endpoint(endpoint, f"endpoints[{index}]", family)
    if len(ports) > _MAX_PORTS:
        causes.append(field.too_many("ports", len(ports), _MAX_PORTS))
        return causes
    seen: set[str] = set()
    for index, port in enumerate(ports):
        path, name = f"ports[{index}]", port.get("name", "")
        if name:
            causes += field.problems(f"{path}.name", name, names.dns_label(name))
        if name in seen:
            causes.append(field.duplicate(f"{path}.name", name))
        seen.add(name)
        causes += _protocols(port, path)
    return causes


def _endpoint(endpoint: JSONObject, path: str, family: str) -> Causes:
    causes: Causes = []
    addresses = endpoint.get("addresses", [])
    if not addresses:
        causes.append(field.required(f"{path}.addresses", "must contain at least 1 address"))
    elif len(addresses) > _MAX_ADDRESSES:
        causes.append(field.too_many(f"{path}.addresses", len(addresses), _MAX_ADDRESSES))
    for index, address in enumerate(addresses):
        causes += _typed_address(address, f"{path}.addresses[{index}]", family)
    if (node := endpoint.get("nodeName")) is not None:
        causes += field.problems(f"{path}.nodeName", node, names.dns_subdomain(node))
    topology = endpoint.get("deprecatedTopology", {})
    if len(topology) > _MAX_TOPOLOGY_LABELS:
        causes.append(field.too_many(f"{path}.deprecatedTopology", len(topology), _MAX_TOPOLOGY_LABELS))
    causes += validate_labels(topology, f"{path}.deprecatedTopology")
    if (host := endpoint.get("hostname")) is not None:
        causes += field.problems(f"{path}.hostname", host, names.dns_label(host))
    zones = (endpoint.get("hints") or {}).get("forZones", [])
    if len(zones) > _MAX_ZONE_HINTS:
        causes.append(field.too_many(f"{path}.hints.forZones", len(zones), _MAX_ZONE_HINTS))
    return causes


def _typed_address(address: str, path: str, family: str) -> Causes:
    if family == "FQDN":
        host = address.removesuffix(".")
        if not host:
            return [field.required(path)]
        if "." not in host:
            return [field.invalid(path, address, "should be a domain with at least two segments separated by dots")]
        return field.problems(path, address, names.dns_subdomain(host))
    parsed = values.address(address)
    for name, version in (("IPv4", 4), ("IPv6", 6)):
        if family == name and (parsed is None or parsed.version != version):
            return [field.invalid(path, address, f"must be a valid {name} address")]
    return values.endpoint_ip(path, address)


def validate_endpoint_slice_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_endpoint_slice(new)
    return causes + values.immutable("addressType", new.get("addressType"), old.get("addressType"))
