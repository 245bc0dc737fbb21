"""The pod network over two nodes in two processes: what containers reach, and under which names and addresses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from tests.live import Cluster, eventually
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet, termination_message

CIDRS = {"net-1": own_range(27), "net-2": own_range(27)}
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0"


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    cluster = Cluster()
    for name in CIDRS:
        start_kubelet(cluster, name)
    yield cluster
    cluster.stop()


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    """Pods go to the second node unless a test says otherwise."""
    async with Client(nodes.url) as client:
        for name, cidr in CIDRS.items():
            rig = NodeRig(client, name)
            await rig.until_node_ready(cidr)
        yield rig


def netexec(*args: str, name: str = "server", **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": AGNHOST, "args": ["netexec", *args], **fields}


def told(script: str) -> str:
    """A script whose output is its container's termination message."""
    return f"({script}) > /dev/termination-log 2>&1"


async def test_pods_reach_each_other_across_nodes(rig: NodeRig) -> None:
    """S5, S6: TCP and UDP to the address of a pod on another node, which sees the client's address."""
    await rig.create("server", netexec(), node="net-1")
    server = (await rig.until_ready("server")).status.pod_ip
    said = await rig.output(
        "client",
        told(
            f"wget -qO- http://{server}:8080/hostname; echo; echo hostName | nc -u -w 1 {server} 8081; echo; "
            f"wget -qO- http://{server}:8080/clientip"
        ),
    )
    client = (await rig.get("client")).status.pod_ip
    assert said.splitlines()[:2] == ["server", "server"]
    assert said.splitlines()[2].startswith(f"{client}:")
    assert ip_address(server) in ip_network(CIDRS["net-1"])
    assert server != client


async def test_containers_of_a_pod_share_its_network(rig: NodeRig) -> None:
    """S3: one address, ``localhost`` leads to the neighbour, and a port is had once."""
    await rig.create(
        "shared",
        {"name": "web", "image": "nginx"},
        {"name": "again", "image": "nginx", "terminationMessagePolicy": "FallbackToLogsOnError"},
        {"name": "client", "image": "busybox", "command": ["sh", "-c", told("sleep 0.2; wget -qO- localhost")]},
        restartPolicy="Never",
    )

    async def ended() -> Pod:
        pod = await rig.get("shared")
        ends = {entry.name: entry.state.terminated for entry in pod.status.container_statuses}
        assert ends.get("again") is not None, ends
        assert ends.get("client") is not None, ends
        return pod

    pod = await eventually(ended)
    messages = {entry.name: entry.state.terminated for entry in pod.status.container_statuses}
    assert messages["again"] is not None
    assert "bind() to 0.0.0.0:80 failed (98: Address already in use)" in messages["again"].message
    assert messages["client"] is not None
    assert "Welcome to nginx!" in messages["client"].message


async def test_names(rig: NodeRig) -> None:
    """S3: the files of a pod, and the variables about Services, from its spec."""
    said = await rig.output(
        "named",
        told("hostname; tail -n 4 /etc/hosts; cat /etc/resolv.conf; env | grep ^KUBERNETES_SERVICE | sort"),
        hostname="box",
        subdomain="sub",
        hostAliases=[{"ip": "192.0.2.7", "hostnames": ["foo", "bar"]}],
        dnsConfig={"options": [{"name": "edns0"}]},
    )
    ip = (await rig.get("named")).status.pod_ip
    assert said.splitlines() == [
        "box",
        f"{ip}\tbox.sub.default.svc.cluster.local\tbox",
        "",
        "# Entries added by HostAliases.",
        "192.0.2.7\tfoo\tbar",
        "search default.svc.cluster.local svc.cluster.local cluster.local",
        "nameserver 127.64.0.10",
        "options ndots:5 edns0",
        "KUBERNETES_SERVICE_HOST=127.64.0.1",
        "KUBERNETES_SERVICE_PORT=443",
        "KUBERNETES_SERVICE_PORT_HTTPS=443",
    ]


async def test_host_ports_and_the_nodes_network(rig: NodeRig) -> None:
    """Three pods behind one port number, told apart by host address and protocol, as upstream's suite has it."""
    node = (await rig.until_node_ready(CIDRS["net-2"])).status.addresses[0].address
    for name, host_ip, protocol in (("one", "127.0.0.1", "TCP"), ("two", node, "TCP"), ("three", node, "UDP")):
        port = {"containerPort": 8080 if protocol == "TCP" else 8081, "hostPort": 54323, "protocol": protocol}
        ports = [{**port, "hostIP": host_ip}]
        await rig.create(name, netexec(ports=ports, readinessProbe={"httpGet": {"path": "/", "port": 8080}}))
        await rig.until_ready(name)
    said = await rig.output(
        "host",
        told(
            f"curl -s --interface {node} http://127.0.0.1:54323/hostname; echo; "
            f"curl -s http://{node}:54323/hostname; echo; echo hostname | nc -u -w 1 {node} 54323; echo; "
            "head -n 1 /etc/hosts; hostname; cat /etc/resolv.conf"
        ),
        hostNetwork=True,
        container={"image": AGNHOST},
    )
    assert said.splitlines() == [
        "one",
        "two",
        "three",
        "# Kubernetes-managed hosts file (host network).",
        "net-2",
        "nameserver 192.0.2.53",
    ]
    assert (await rig.get("host")).status.pod_ip == node
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        assert (await http.get(f"http://{node}:54323/hostname")).text == "two"
    await rig.client.delete(PODS, "two", namespace=NAMESPACE)
    await rig.until_gone("two")
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            await http.get(f"http://{node}:54323/hostname")


async def test_shared_processes(rig: NodeRig) -> None:
    said = await rig.output("procs", told("ps | head -n 2; test -e /proc/1 || true"), shareProcessNamespace=True)
    assert "/pause" in said
    assert termination_message(await rig.get("procs")) == said


async def test_addresses_stay_unique_while_pods_come_and_go(rig: NodeRig) -> None:
    """S5: a freed address is not given out again at once."""
    seen = []
    for number in range(3):
        name = f"brief-{number}"
        await rig.create(name, {"name": "web", "image": "nginx"})
        seen.append((await rig.until_ready(name)).status.pod_ip)
        await rig.client.delete(PODS, name, namespace=NAMESPACE)
        await rig.until_gone(name)
    await asyncio.gather(*(rig.create(f"kept-{n}", {"name": "web", "image": "nginx"}) for n in range(4)))
    for number in range(4):
        seen.append((await rig.until_ready(f"kept-{number}")).status.pod_ip)
    assert len(set(seen)) == len(seen)
