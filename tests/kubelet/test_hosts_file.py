"""``/etc/hosts`` as the kubelet writes it."""

import pytest

from kubelet.hosts_file import managed_hosts, node_hosts
from kubelet.runtime import HostAlias

KNOWN = (
    "# Kubernetes-managed hosts file.\n"
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::\tip6-localnet\n"
    "fe00::\tip6-mcastprefix\n"
    "fe00::1\tip6-allnodes\n"
    "fe00::2\tip6-allrouters\n"
)
ALIASES = [HostAlias("123.45.67.89", ["foo", "bar"]), HostAlias("8.8.8.8", ["dns"])]
ADDED = "\n# Entries added by HostAliases.\n123.45.67.89\tfoo\tbar\n8.8.8.8\tdns\n"


@pytest.mark.parametrize(
    ("domain", "aliases", "expected"),
    [
        pytest.param("", [], f"{KNOWN}127.1.1.1\tweb\n", id="plain"),
        pytest.param(
            "sub.ns.svc.cluster.local", [], f"{KNOWN}127.1.1.1\tweb.sub.ns.svc.cluster.local\tweb\n", id="subdomain"
        ),
        pytest.param("", ALIASES, f"{KNOWN}127.1.1.1\tweb\n{ADDED}", id="aliases"),
    ],
)
def test_a_pods_own(domain: str, aliases: list[HostAlias], expected: str) -> None:
    assert managed_hosts(("127.1.1.1",), "web", domain, aliases) == expected


def test_on_the_nodes_network() -> None:
    expected = f"# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n{ADDED}"
    assert node_hosts("127.0.0.1 localhost\n", ALIASES) == expected
