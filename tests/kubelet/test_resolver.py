"""``/etc/resolv.conf`` by policy, merged and limited."""

from typing import Any

import pytest

from kubelet.resolver import ClusterDNS, parse_resolv_conf, pod_dns, resolv_conf
from kubelet.runtime import DNSConfig
from tests.kubelet.builders import make_pod

NODE = DNSConfig(("192.0.2.1",), ("corp.example",), ("timeout:1",))
CLUSTER = ClusterDNS(("127.64.0.10",), "cluster.local", NODE)
OWN = ("default.svc.cluster.local", "svc.cluster.local", "cluster.local")
FIRST = DNSConfig(("127.64.0.10",), (*OWN, "corp.example"), ("ndots:5",))
EXTRA = {
    "nameservers": ["192.0.2.9", "127.64.0.10"],
    "searches": ["a.b", "svc.cluster.local"],
    "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}],
}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, FIRST, id="ClusterFirst"),
        pytest.param({"dnsPolicy": "Default"}, NODE, id="Default"),
        pytest.param({"hostNetwork": True}, NODE, id="ClusterFirst on the node's network"),
        pytest.param(
            {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, FIRST, id="ClusterFirstWithHostNet"
        ),
        pytest.param(
            {"dnsPolicy": "None", "dnsConfig": EXTRA},
            DNSConfig(("192.0.2.9", "127.64.0.10"), ("a.b", "svc.cluster.local"), ("ndots:2", "edns0")),
            id="None",
        ),
        pytest.param(
            {"dnsConfig": EXTRA},
            DNSConfig(("127.64.0.10", "192.0.2.9"), (*OWN, "corp.example", "a.b"), ("ndots:2", "edns0")),
            id="added, each once",
        ),
    ],
)
def test_policies(spec: dict[str, Any], expected: DNSConfig) -> None:
    found = pod_dns(make_pod(**spec), CLUSTER)
    assert (found.config, found.warnings) == (expected, [])


def test_without_the_clusters_servers() -> None:
    found = pod_dns(make_pod(), ClusterDNS((), "cluster.local", NODE))
    assert found.config == NODE
    assert [reason for reason, _ in found.warnings] == ["MissingClusterDNS"]


@pytest.mark.parametrize(
    ("config", "kept", "message"),
    [
        pytest.param(
            {"nameservers": [f"192.0.2.{last}" for last in range(1, 5)]},
            DNSConfig(("192.0.2.1", "192.0.2.2", "192.0.2.3")),
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
            "192.0.2.1 192.0.2.2 192.0.2.3",
            id="servers",
        ),
        pytest.param(
            {"searches": [f"s{number}" for number in range(33)]},
            DNSConfig((), tuple(f"s{number}" for number in range(32))),
            "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
            + " ".join(f"s{number}" for number in range(32)),
            id="search paths",
        ),
        pytest.param(
            {"searches": ["a" * 254, "b"]},
            DNSConfig((), ("b",)),
            "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: b",
            id="a long path",
        ),
        pytest.param(
            {"searches": [f"{number:03}" + "a" * 247 for number in range(9)]},
            DNSConfig((), tuple(f"{number:03}" + "a" * 247 for number in range(8))),
            "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
            + " ".join(f"{number:03}" + "a" * 247 for number in range(8)),
            id="a long line",
        ),
    ],
)
def test_limits(config: dict[str, Any], kept: DNSConfig, message: str) -> None:
    found = pod_dns(make_pod(dnsPolicy="None", dnsConfig=config), CLUSTER)
    assert found.config == kept
    assert found.warnings == [("DNSConfigForming", message)]


def test_the_file() -> None:
    text = "search a b\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:5 edns0\n"
    config = DNSConfig(("192.0.2.1", "192.0.2.2"), ("a", "b"), ("ndots:5", "edns0"))
    assert resolv_conf(config) == text
    assert parse_resolv_conf(text) == config
    assert parse_resolv_conf("# none\nsearch x\nsearch b.\nnameserver\n") == DNSConfig((), ("b",), ())
    assert resolv_conf(DNSConfig()) == ""
