"""Variables about Services."""

from typing import Any

import pytest

from apimachinery.types.service import Service
from kubelet.service_links import linked, variables


def service(name: str, *ports: dict[str, Any], namespace: str = "ns", ip: str = "127.64.0.9", **spec: Any) -> Service:
    return Service.model_validate({
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": ip, "ports": list(ports) or [{"port": 80}], **spec},
    })


LINK = {
    "A_PORT_80_TCP": "tcp://127.64.0.9:80",
    "A_PORT_80_TCP_PROTO": "tcp",
    "A_PORT_80_TCP_PORT": "80",
    "A_PORT_80_TCP_ADDR": "127.64.0.9",
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            service("a"),
            {"A_SERVICE_HOST": "127.64.0.9", "A_SERVICE_PORT": "80", "A_PORT": "tcp://127.64.0.9:80", **LINK},
            id="one port",
        ),
        pytest.param(
            service("a", {"name": "web", "port": 80}, {"name": "dns-u", "port": 53, "protocol": "UDP"}),
            {
                "A_SERVICE_HOST": "127.64.0.9",
                "A_SERVICE_PORT": "80",
                "A_SERVICE_PORT_WEB": "80",
                "A_SERVICE_PORT_DNS_U": "53",
                "A_PORT": "tcp://127.64.0.9:80",
                **LINK,
                "A_PORT_53_UDP": "udp://127.64.0.9:53",
                "A_PORT_53_UDP_PROTO": "udp",
                "A_PORT_53_UDP_PORT": "53",
                "A_PORT_53_UDP_ADDR": "127.64.0.9",
            },
            id="named ports",
        ),
        pytest.param(service("a", ip="None"), {}, id="headless"),
        pytest.param(service("a", ip=""), {}, id="no address yet"),
        pytest.param(service("a", ip="", type="ExternalName"), {}, id="elsewhere"),
    ],
)
def test_variables(given: Service, expected: dict[str, str]) -> None:
    assert variables([given]) == expected


@pytest.mark.parametrize(("name", "prefix"), [("my-app.x", "MY_APP_X"), ("3scale", "_3SCALE")])
def test_names(name: str, prefix: str) -> None:
    assert f"{prefix}_SERVICE_HOST" in variables([service(name)])


MASTER = service("kubernetes", namespace="default", ip="127.64.0.1")
OWN = service("kubernetes", namespace="ns")
MINE = service("mine", namespace="ns")
OTHER = service("other", namespace="elsewhere")
HEADLESS = service("none", namespace="ns", ip="None")


@pytest.mark.parametrize(
    ("services", "namespace", "links", "expected"),
    [
        pytest.param([MASTER, MINE, OTHER, HEADLESS], "ns", True, [MASTER, MINE], id="its namespace's"),
        pytest.param([MASTER, MINE], "ns", False, [MASTER], id="no links"),
        pytest.param([MASTER, OWN], "ns", True, [OWN], id="its namespace's goes before the master's"),
        pytest.param([OWN, MASTER], "ns", True, [OWN], id="in whatever order they come"),
        pytest.param([MASTER], "default", True, [MASTER], id="the master's own namespace"),
    ],
)
def test_who_is_told_of_what(services: list[Service], namespace: str, links: bool, expected: list[Service]) -> None:
    assert linked(services, namespace, all_of_namespace=links) == expected
