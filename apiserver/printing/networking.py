"""Services and what belongs to them (``pkg/printers/internalversion/printers.go``, v1.36)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apiserver.printing.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    RowPrinter,
    age,
    label_selector_text,
    labels_text,
    name_of,
    some,
)

JSONObject = dict[str, Any]

_SHOWN_ENDPOINTS = 3
_SHOWN_HOSTS = 3


def networking_printers() -> Mapping[tuple[str, str], Printer]:
    return {
        ("", "Service"): RowPrinter(
            (
                NAME,
                Column("Type", description="How the service can be reached."),
                Column("Cluster-IP", description="The service's address inside the cluster."),
                Column("External-IP", description="The service's addresses outside the cluster."),
                Column("Port(s)", description="The service's ports, node ports behind a colon."),
                AGE,
                Column("Selector", description="The labels of the pods behind the service.", priority=1),
            ),
            _service,
        ),
        ("", "Endpoints"): RowPrinter(
            (NAME, Column("Endpoints", description="Addresses and ports that are ready."), AGE),
            lambda obj, now: [name_of(obj), _endpoints(obj), age(obj, now)],
        ),
        ("discovery.k8s.io", "EndpointSlice"): RowPrinter(
            (
                NAME,
                Column("AddressType", description="What the addresses are."),
                Column("Ports", description="The ports of every endpoint."),
                Column("Endpoints", description="The endpoints' addresses."),
                AGE,
            ),
            _endpoint_slice,
        ),
        ("networking.k8s.io", "Ingress"): RowPrinter(
            (
                NAME,
                Column("Class", description="The class that says who serves the ingress."),
                Column("Hosts", description="The hosts of the rules."),
                Column("Address", description="Where the ingress is reached."),
                Column("Ports", description="The ports it serves."),
                AGE,
            ),
            _ingress,
        ),
        ("networking.k8s.io", "IngressClass"): RowPrinter(
            (
                NAME,
                Column("Controller", description="The controller that serves the class."),
                Column("Parameters", description="The object with the controller's parameters."),
                AGE,
            ),
            _ingress_class,
        ),
        ("networking.k8s.io", "NetworkPolicy"): RowPrinter(
            (NAME, Column("Pod-Selector", description="The pods that the policy is for."), AGE),
            lambda obj, now: [
                name_of(obj),
                label_selector_text(obj.get("spec", {}).get("podSelector")),
                age(obj, now),
            ],
        ),
        ("networking.k8s.io", "IPAddress"): RowPrinter(
            (NAME, Column("ParentRef", description="The object that the address belongs to.")),
            lambda obj, now: [name_of(obj), _parent(obj.get("spec", {}).get("parentRef"))],
        ),
        ("networking.k8s.io", "ServiceCIDR"): RowPrinter(
            (NAME, Column("CIDRs", description="The ranges that services get addresses from."), AGE),
            lambda obj, now: [name_of(obj), ",".join(obj.get("spec", {}).get("cidrs", ())), age(obj, now)],
        ),
    }


def _service(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    addresses = spec.get("clusterIPs") or ["<none>"]
    return [
        name_of(obj),
        spec.get("type", ""),
        addresses[0],
        _external_ip(obj),
        _ports(spec.get("ports", ())),
        age(obj, now),
        labels_text(spec.get("selector")),
    ]


def _external_ip(service: JSONObject) -> str:
    spec = service.get("spec", {})
    outside = list(spec.get("externalIPs", ()))
    match spec.get("type"):
        case "ExternalName":
            return str(spec.get("externalName", ""))
        case "LoadBalancer":
            ingress = _load_balancer(service)
            shown = ",".join([*([ingress] if ingress else []), *outside])
            return shown or "<pending>"
        case "ClusterIP" | "NodePort":
            return ",".join(outside) or "<none>"
    return "<unknown>"


def _load_balancer(obj: JSONObject) -> str:
    ingress = obj.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
    return ",".join(sorted({entry.get("ip") or entry.get("hostname", "") for entry in ingress} - {""}))


def _ports(ports: Any) -> str:
    shown = []
    for port in ports:
        node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port.get('port', 0)}{node_port}/{port.get('protocol', 'TCP')}")
    return ",".join(shown) or "<none>"


def _endpoints(obj: JSONObject) -> str:
    found: list[str] = []
    if not obj.get("subsets"):
        return "<none>"
    for subset in obj.get("subsets") or ():
        addresses = [entry.get("ip", "") for entry in subset.get("addresses") or ()]
        ports = subset.get("ports") or ()
        if ports:
            found += [_joined(address, port.get("port", 0)) for port in ports for address in addresses]
        else:
            found += addresses
    return some(found, _SHOWN_ENDPOINTS, "")


def _joined(address: str, port: int) -> str:
    """Return an address with its port, an IPv6 one in brackets (Go's ``net.JoinHostPort``)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _endpoint_slice(obj: JSONObject, now: datetime) -> list[Cell]:
    ports = [str(port.get("port") or port.get("name", "*")) for port in obj.get("ports") or ()]
    addresses = [address for endpoint in obj.get("endpoints") or () for address in endpoint.get("addresses") or ()]
    return [
        name_of(obj),
        obj.get("addressType", ""),
        some(ports, _SHOWN_ENDPOINTS, "<unset>"),
        some(addresses, _SHOWN_ENDPOINTS, "<unset>"),
        age(obj, now),
    ]


def _ingress(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        spec.get("ingressClassName", "<none>"),
        _hosts(spec.get("rules") or []),
        _load_balancer(obj),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    ]


def _hosts(rules: list[JSONObject]) -> str:
    """Return the first hosts; once there are enough, every further rule counts, with a host or without."""
    shown: list[str] = []
    for rule in rules:
        if len(shown) == _SHOWN_HOSTS:
            return f"{','.join(shown)} + {len(rules) - _SHOWN_HOSTS} more..."
        if rule.get("host"):
            shown.append(rule["host"])
    return ",".join(shown) or "*"


def _ingress_class(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    shown = "<none>"
    if parameters := spec.get("parameters"):
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") is not None else ""
        shown = f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"
    return [name_of(obj), spec.get("controller", ""), shown, age(obj, now)]


def _parent(reference: JSONObject | None) -> str:
    if reference is None:
        return "<none>"
    resource, group = reference.get("resource", ""), reference.get("group", "")
    parts = [f"{resource}.{group}" if group else resource, reference.get("namespace", ""), reference.get("name", "")]
    return "/".join(part for part in parts if part)
