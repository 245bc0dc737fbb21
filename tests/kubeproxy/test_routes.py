"""Where Services are reached, and what is there."""

import ipaddress
from typing import Any

import pytest

from apimachinery.types.discovery import EndpointSlice
from kubeproxy.routes import Backend, Frontend, service_routes
from kubeproxy.settings import Settings
from tests.kubeproxy.builders import CLUSTER_IP, NODES, endpoint, service, slice_of

P1, P2, P3 = "127.150.0.2", "127.150.1.2", "127.150.1.3"


def reached(found: dict[Frontend, Any]) -> dict[str, list[str]]:
    """Return the addresses of backends by frontend, both as text."""
    return {
        f"{frontend.protocol} {frontend.ip}:{frontend.port}": [f"{to.ip}:{to.port}" for to in route.backends]
        for frontend, route in found.items()
    }


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        pytest.param([endpoint(P2), endpoint(P1)], [P1, P2], id="unknown-is-ready"),
        pytest.param([endpoint(P1, ready=True), endpoint(P2, ready=False)], [P1], id="ready-only"),
        pytest.param([endpoint(P1, ready=False, serving=False)], [], id="none-ready"),
        pytest.param(
            [endpoint(P1, ready=True), endpoint(P2, ready=False, serving=True, terminating=True)],
            [P1],
            id="terminating-is-not-needed",
        ),
        pytest.param(
            [
                endpoint(P1, ready=False, serving=True, terminating=True),
                endpoint(P2, ready=False, serving=False, terminating=True),
                endpoint(P3, ready=False, serving=True, terminating=False),
            ],
            [P1],
            id="serving-while-terminating-when-no-other",
        ),
        pytest.param([], [], id="no-endpoints"),
        pytest.param([endpoint(P1), endpoint(P1)], [P1], id="said-twice"),
    ],
)
def test_which_endpoints_are_used(endpoints: list[dict[str, Any]], expected: list[str]) -> None:
    """S31: only endpoints that are ready; without any there is no listener at all."""
    found = service_routes(service(), [slice_of(*endpoints)], NODES, Settings())
    assert reached(found) == ({f"TCP {CLUSTER_IP}:80": [f"{ip}:8080" for ip in expected]} if expected else {})


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"clusterIP": "None"}, id="headless"),
        pytest.param({"clusterIP": "", "type": "ExternalName"}, id="external-name"),
        pytest.param({"labels": {"service.kubernetes.io/service-proxy-name": "other"}}, id="another-proxys"),
        pytest.param({"clusterIP": "fd00::1"}, id="ipv6"),
        pytest.param({"clusterIP": "localhost"}, id="no-address"),
    ],
)
def test_not_listened_on(changed: dict[str, Any]) -> None:
    assert service_routes(service(**changed), [slice_of(endpoint(P1))], NODES, Settings()) == {}


def test_ports_lead_to_the_ports_of_their_names() -> None:
    """Slices carry numbers that may differ from pod to pod; each port has its own."""
    ports = (
        {"name": "http", "port": 80},
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "sctp", "port": 9, "protocol": "SCTP"},
    )
    slices = [
        slice_of(
            endpoint(P1), ports=({"name": "http", "port": 8080}, {"name": "dns", "port": 5353, "protocol": "UDP"})
        ),
        slice_of(endpoint(P2), ports=({"name": "http", "port": 8081}, {"name": "dns", "port": 5353})),
        slice_of(endpoint("fd00::2"), ports=({"name": "http", "port": 8080},), kind="IPv6"),
        slice_of(endpoint(P3), ports=({"name": "http"},)),
    ]
    assert reached(service_routes(service(*ports), slices, NODES, Settings())) == {
        f"TCP {CLUSTER_IP}:80": [f"{P1}:8080", f"{P2}:8081"],
        f"UDP {CLUSTER_IP}:53": [f"{P1}:5353"],
    }


ON_NODES = [slice_of(endpoint(P1, node="a"), endpoint(P2, node="b"))]
ON_B = [slice_of(endpoint(P2, node="b"))]
A, B, HERE = "TCP 127.150.0.1:30080", "TCP 127.150.1.1:30080", "TCP 127.0.0.1:30080"


@pytest.mark.parametrize(
    ("policy", "slices", "settings", "expected"),
    [
        pytest.param("Cluster", ON_B, Settings(), {HERE: [P2], A: [P2], B: [P2]}, id="every-node"),
        pytest.param("Local", ON_NODES, Settings(), {HERE: [P1, P2], A: [P1], B: [P2]}, id="local"),
        pytest.param("Local", ON_B, Settings(), {HERE: [P2], B: [P2]}, id="local-and-none-on-a"),
        pytest.param("", ON_B, Settings(localhost_nodeports=False), {A: [P2], B: [P2]}, id="not-on-localhost"),
        pytest.param(
            "",
            ON_B,
            Settings(nodeport_addresses=(ipaddress.IPv4Network("127.150.1.0/24"),)),
            {HERE: [P2], B: [P2]},
            id="some-networks",
        ),
    ],
)
def test_node_ports(
    policy: str, slices: list[EndpointSlice], settings: Settings, expected: dict[str, list[str]]
) -> None:
    ported = service({"port": 80, "nodePort": 30080}, type="NodePort", externalTrafficPolicy=policy)
    found = reached(service_routes(ported, slices, NODES, settings))
    del found[f"TCP {CLUSTER_IP}:80"]
    assert found == {where: [f"{ip}:8080" for ip in ips] for where, ips in expected.items()}


def test_external_addresses() -> None:
    ingress = [{"ip": "127.90.0.1"}, {"hostname": "lb.example"}, {"ip": "127.90.0.2", "ipMode": "Proxy"}]
    balanced = service(type="LoadBalancer", externalIPs=["127.91.0.1"], ingress=ingress)
    found = service_routes(balanced, ON_B, NODES, Settings())
    assert {frontend.ip for frontend in found} == {CLUSTER_IP, "127.91.0.1", "127.90.0.1"}


@pytest.mark.parametrize(
    "ranges",
    [
        pytest.param({"loadBalancerSourceRanges": ["127.150.0.0/24", "fd00::/64"]}, id="field"),
        pytest.param(
            {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": " 127.150.0.9/24, some"}},
            id="annotation",
        ),
    ],
)
def test_source_ranges_are_for_the_load_balancers_address(ranges: dict[str, Any]) -> None:
    balanced = service(type="LoadBalancer", ingress=[{"ip": "127.90.0.1"}], **ranges)
    found = service_routes(balanced, ON_B, NODES, Settings())
    admitted = {frontend.ip: [route.admits(client) for client in (P1, P2)] for frontend, route in found.items()}
    assert admitted == {CLUSTER_IP: [True, True], "127.90.0.1": [True, False]}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param("b", [P2], id="on-a-node"),
        pytest.param("c", [], id="on-a-node-without-endpoints"),
        pytest.param("", [P1, P2], id="on-no-node"),
    ],
)
def test_internal_traffic_stays_on_the_clients_node(node: str, expected: list[str]) -> None:
    found = service_routes(service(internalTrafficPolicy="Local"), ON_NODES, NODES, Settings())
    (route,) = found.values()
    assert [backend.ip for backend in route.open_to(node)] == expected


FOR_EAST = {"for_zones": ("east",)}


@pytest.mark.parametrize(
    ("endpoints", "on_a", "on_b"),
    [
        pytest.param([endpoint(P1), endpoint(P2)], [P1, P2], [P1, P2], id="no-hints"),
        pytest.param(
            [endpoint(P1, for_nodes=("a",)), endpoint(P2, for_nodes=("b",)), endpoint(P3, for_nodes=("b",))],
            [P1],
            [P2, P3],
            id="nodes",
        ),
        pytest.param([endpoint(P1, for_zones=("west",)), endpoint(P2, **FOR_EAST)], [P1, P2], [P2], id="zones"),
        pytest.param([endpoint(P1), endpoint(P2, **FOR_EAST)], [P1, P2], [P1, P2], id="not-all-have-hints"),
        pytest.param(
            [endpoint(P1, ready=False), endpoint(P2, **FOR_EAST), endpoint(P3, for_zones=("west",))],
            [P2, P3],
            [P2],
            id="those-that-are-not-ready-need-none",
        ),
        pytest.param(
            [endpoint(P1, for_zones=("west",)), endpoint(P2, for_zones=("north",))],
            [P1, P2],
            [P1, P2],
            id="none-is-here",
        ),
        pytest.param(
            [
                endpoint(P1, for_nodes=("c",), for_zones=("west",)),
                endpoint(P2, for_nodes=("d",), for_zones=("east",)),
            ],
            [P1, P2],
            [P2],
            id="zone-where-no-node",
        ),
        pytest.param(
            [endpoint(P1, ready=False, serving=True, terminating=True, **FOR_EAST)],
            [P1],
            [P1],
            id="no-hints-among-those-that-leave",
        ),
    ],
)
def test_hints_say_who_is_near(endpoints: list[dict[str, Any]], on_a: list[str], on_b: list[str]) -> None:
    """On the cluster IP it counts where a client is, on a node port whose port it is."""
    ported = service({"port": 80, "nodePort": 30080}, type="NodePort")
    found = service_routes(ported, [slice_of(*endpoints)], NODES, Settings())
    route = found[Frontend("TCP", CLUSTER_IP, 80)]
    assert [[backend.ip for backend in route.open_to(node)] for node in ("a", "b")] == [on_a, on_b]
    for where, expected in ((A, on_a), (B, on_b)):
        assert reached(found)[where] == [f"{ip}:8080" for ip in expected]


def test_local_traffic_gets_what_serves_while_it_ends_when_its_node_has_no_other() -> None:
    leaving = endpoint(P1, node="a", ready=False, serving=True, terminating=True)
    slices = [slice_of(leaving, endpoint(P2, node="b"))]
    (route,) = service_routes(service(internalTrafficPolicy="Local"), slices, NODES, Settings()).values()
    assert [backend.ip for backend in route.open_to("a")] == [P1]
    assert [backend.ip for backend in route.open_to("")] == [P2]
    assert route.leads_to(Backend(P1, 8080, "a"))
    assert not route.leads_to(Backend(P3, 8080, "b"))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, 0, id="none"),
        pytest.param({"sessionAffinity": "ClientIP"}, 10_800, id="default"),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}}, 5, id="given"
        ),
        pytest.param({"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}}, 0, id="not-asked-for"),
    ],
)
def test_affinity(spec: dict[str, Any], expected: int) -> None:
    (route,) = service_routes(service(**spec), ON_B, NODES, Settings()).values()
    assert route.affinity_seconds == expected
