"""Where proxied requests go."""

from typing import Any

import pytest

from apimachinery.errors import BadRequest, ServiceUnavailable
from apiserver.handlers.proxy_location import (
    Location,
    ProxyName,
    node_location,
    parse_name,
    places,
    pod_location,
    service_locations,
    service_port_name,
    slices_of_endpoints,
)
from componentbase import low_ports

WEB = ProxyName("", "web", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("web", ProxyName("", "web", ""), id="name"),
        pytest.param("web:80", ProxyName("", "web", "80"), id="number"),
        pytest.param("web:http", ProxyName("", "web", "http"), id="named-port"),
        pytest.param("https:web:", ProxyName("https", "web", ""), id="scheme"),
        pytest.param("https:web:443", ProxyName("https", "web", "443"), id="scheme-and-port"),
    ],
)
def test_names(text: str, expected: ProxyName) -> None:
    assert parse_name(text, "pod") == expected


@pytest.mark.parametrize("text", ["", ":80", "ftp:web:21", "a:b:c:d", "http::80"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(BadRequest, match="invalid pod request"):
        parse_name(text, "pod")


def pod(*ports: int, ip: str = "127.128.0.2") -> dict[str, Any]:
    containers = [{"name": "sidecar"}, {"name": "web", "ports": [{"containerPort": port} for port in ports]}]
    return {"spec": {"containers": containers}, "status": {"podIP": ip} if ip else {}}


@pytest.mark.parametrize(
    ("obj", "asked", "expected"),
    [
        pytest.param(pod(8080, 9090), WEB, "http://127.128.0.2:8080", id="first-declared"),
        pytest.param(pod(), WEB, "http://127.128.0.2:80", id="none-declared"),
        pytest.param(pod(), ProxyName("https", "web", ""), "https://127.128.0.2:443", id="none-declared-https"),
        pytest.param(pod(8080), ProxyName("", "web", "9090"), "http://127.128.0.2:9090", id="asked-for"),
    ],
)
def test_pods(obj: dict[str, Any], asked: ProxyName, expected: str) -> None:
    assert pod_location(obj, asked).origin == expected


@pytest.mark.parametrize(
    ("obj", "asked"),
    [
        pytest.param(pod(80, ip=""), WEB, id="no-address"),
        pytest.param(pod(80), ProxyName("", "web", "http"), id="no-number"),
        pytest.param(pod(80), ProxyName("", "web", "70000"), id="no-port"),
        pytest.param(pod(80), ProxyName("", "web", "9" * 5000), id="no-port-at-all"),
    ],
)
def test_pods_that_cannot_be_reached(obj: dict[str, Any], asked: ProxyName) -> None:
    with pytest.raises(BadRequest):
        pod_location(obj, asked)


def test_nodes() -> None:
    node = {
        "status": {"addresses": [{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": "127.1.0.1"}]}
    }
    asked = ProxyName("", "n", "")
    assert node_location(node, asked) == Location("http", "127.1.0.1", 10250)
    node["status"]["daemonEndpoints"] = {"kubeletEndpoint": {"Port": 10255}}  # type: ignore[assignment]
    assert node_location(node, asked).port == 10255
    assert node_location(node, ProxyName("", "n", "9100")).port == 9100
    with pytest.raises(BadRequest, match="no preferred addresses"):
        node_location({}, asked)


def test_services() -> None:
    service = {"spec": {"ports": [{"name": "http", "port": 80}, {"name": "admin", "port": 81}]}}
    assert service_port_name(service, ProxyName("", "web", "81")) == "admin"
    assert service_port_name(service, ProxyName("", "web", "http")) == "http"
    with pytest.raises(ServiceUnavailable, match='no service port 82 found for service "web"'):
        service_port_name(service, ProxyName("", "web", "82"))


@pytest.mark.parametrize("port", ["9" * 5000, "٣", "1e3"])
def test_a_service_port_that_is_no_number_is_a_name(port: str) -> None:
    assert service_port_name({"spec": {"ports": [{"name": "http", "port": 80}]}}, ProxyName("", "web", port)) == port


def test_only_ready_endpoints_count() -> None:
    slices = [
        {
            "ports": [{"name": "http", "port": 8080}, {"name": "admin", "port": 9000}],
            "endpoints": [
                {"addresses": ["127.128.0.2"], "conditions": {"ready": True}},
                {"addresses": ["127.128.0.3"], "conditions": {"ready": False}},
                {"addresses": ["127.128.0.4"]},
            ],
        },
        {"endpoints": None, "ports": None},
    ]
    assert [found.host for found in service_locations(slices, "http", WEB)] == ["127.128.0.2", "127.128.0.4"]
    assert {found.port for found in service_locations(slices, "admin", WEB)} == {9000}


def test_endpoints_as_slices() -> None:
    subset = {
        "addresses": [{"ip": "127.128.0.2"}],
        "notReadyAddresses": [{"ip": "127.128.0.3"}],
        "ports": [{"port": 80}],
    }
    found = service_locations(slices_of_endpoints({"subsets": [subset]}), "", WEB)
    assert found == [Location("http", "127.128.0.2", 80)]


@pytest.mark.parametrize(
    ("host", "port", "ports"),
    [("127.1.2.3", 80, [*low_ports.places(80)]), ("127.1.2.3", 8080, [8080]), ("192.0.2.1", 80, [80])],
    ids=["low", "high", "elsewhere"],
)
def test_where_a_pod_is_tried(host: str, port: int, ports: list[int]) -> None:
    """A pod whose low port could not be bound is found at the one that stands in for it."""
    assert [place.port for place in places(Location("http", host, port))] == ports
