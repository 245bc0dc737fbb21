from typing import Any

import pytest

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Pod
from controller_manager.endpoints.slices import address_types, blank_slice, desired_groups, pod_endpoint
from tests.controller_manager.endpoints.objects import HTTP, node, placed, service

READY = placed("p", "127.0.0.9")


@pytest.mark.parametrize(
    ("found", "publish", "ready", "serving", "terminating"),
    [
        pytest.param(READY, False, True, True, False, id="ready"),
        pytest.param(placed("p", "127.0.0.9", ready=False), False, False, False, False, id="not-ready"),
        pytest.param(placed("p", "127.0.0.9", ready=False), True, True, False, False, id="published-all-the-same"),
        pytest.param(placed("p", "127.0.0.9", deleting=True), False, False, True, True, id="ending"),
        pytest.param(placed("p", "127.0.0.9", deleting=True, ready=False), False, False, False, True, id="ended"),
        pytest.param(placed("p", "127.0.0.9", deleting=True), True, True, True, True, id="ending-published"),
    ],
)
def test_conditions(found: Pod, publish: bool, ready: bool, serving: bool, terminating: bool) -> None:
    made = pod_endpoint(service(publishNotReadyAddresses=publish), found, node(), "IPv4")
    assert to_wire(made.conditions) == {"ready": ready, "serving": serving, "terminating": terminating}


@pytest.mark.parametrize(
    ("distribution", "ready", "hints"),
    [
        pytest.param("", True, None, id="none"),
        pytest.param("PreferClose", True, {"forZones": [{"name": "a"}]}, id="close"),
        pytest.param("PreferSameZone", True, {"forZones": [{"name": "a"}]}, id="same-zone"),
        pytest.param(
            "PreferSameNode", True, {"forZones": [{"name": "a"}], "forNodes": [{"name": "n1"}]}, id="same-node"
        ),
        pytest.param("PreferSameZone", False, None, id="not-ready"),
    ],
)
def test_where_an_endpoint_is(distribution: str, ready: bool, hints: dict[str, Any] | None) -> None:
    found = placed("p", "127.0.0.9", ready=ready, spec={"hostname": "a", "subdomain": "web"})
    made = to_wire(pod_endpoint(service(trafficDistribution=distribution), found, node(zone="a"), "IPv4"))
    del made["conditions"]
    assert made == {
        "addresses": ["127.0.0.9"],
        "hostname": "a",
        "nodeName": "n1",
        "zone": "a",
        "targetRef": {"kind": "Pod", "namespace": "default", "name": "p", "uid": "uid-p"},
        **({"hints": hints} if hints else {}),
    }


def test_pods_with_different_ports_are_apart() -> None:
    """A name leads to the port that each pod has under it."""
    of_web = service(ports=({**HTTP, "targetPort": "http"},))
    pods = [
        placed(
            name,
            f"127.0.0.{port}",
            spec={"containers": [{"name": "c", "ports": [{"name": named, "containerPort": port}]}]},
        )
        for name, named, port in (("a", "http", 81), ("b", "http", 82), ("c", "http", 81), ("d", "other", 83))
    ]
    groups = desired_groups(of_web, pods, lambda name: node(), "IPv4")
    found = [
        (key, [e.target_ref.name for e in group.endpoints.values() if e.target_ref]) for key, group in groups.items()
    ]
    assert found == [
        ((("http", "TCP", 81, ""),), ["a", "c"]),
        ((("http", "TCP", 82, ""),), ["b"]),
        ((), ["d"]),
    ]


@pytest.mark.parametrize(
    ("publish", "names"), [pytest.param(False, [], id="left-out"), pytest.param(True, ["p"], id="published")]
)
def test_a_pod_of_an_unknown_node(publish: bool, names: list[str]) -> None:
    groups = desired_groups(service(publishNotReadyAddresses=publish), [READY], lambda name: None, "IPv4")
    assert [e.target_ref.name for group in groups.values() for e in group.endpoints.values() if e.target_ref] == names


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        pytest.param({}, ["IPv4"], id="said"),
        pytest.param({"ipFamilies": ["IPv6", "IPv4"]}, ["IPv6", "IPv4"], id="both"),
        pytest.param({"ipFamilies": []}, ["IPv4"], id="by-its-address"),
        pytest.param({"ipFamilies": [], "clusterIP": "fd00::1"}, ["IPv6"], id="by-its-other-address"),
        pytest.param({"ipFamilies": [], "clusterIP": "None"}, ["IPv4", "IPv6"], id="headless"),
    ],
)
def test_address_types(spec: dict[str, Any], types: list[str]) -> None:
    assert address_types(service(**spec)) == types


@pytest.mark.parametrize(
    ("address", "headless"),
    [pytest.param("127.64.0.9", False, id="with-an-address"), pytest.param("None", True, id="headless")],
)
def test_blank_slice(address: str, headless: bool) -> None:
    labels = {"team": "a", "service.kubernetes.io/headless": "x", "kubernetes.io/service-name": "y"}
    made = blank_slice(service(labels=labels, clusterIP=address), "IPv4").metadata
    assert made.labels == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        **({"service.kubernetes.io/headless": ""} if headless else {}),
    }
    assert made.generate_name == "web-"
    assert [(owner.kind, owner.uid, owner.controller) for owner in made.owner_references] == [
        ("Service", "uid-web", True)
    ]
