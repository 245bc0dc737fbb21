"""The cluster's name server, asked from pods and from outside, with a real kubelet and controllers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from typing import Any

import dns.asyncquery
import dns.message
import pytest

from apimachinery.errors import NotFound
from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, SERVICES
from tests.live import Cluster, component, eventually
from tests.live.addresses import address, own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet

CLUSTER_CIDR = own_range(17)
SERVICE_CIDR = own_range(24)
ADDRESS = address(SERVICE_CIDR, 10)
WEB = address(SERVICE_CIDR, 20)
APISERVER = address(SERVICE_CIDR, 1)
"""All of this module alone: other clusters on the machine have the defaults."""

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    running = Cluster("--service-cluster-ip-range", SERVICE_CIDR)
    yield running
    running.stop()


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    async with Client(cluster.url) as opened:
        yield opened


def start_dns(cluster: Cluster, *args: str) -> int:
    """Start a name server, and return its port once it answers."""
    process = component("kubeproxy.dns", "--server", cluster.url, "--secure-port", "0", "--cluster-dns", ADDRESS, *args)
    cluster.components.append(process)
    return int(process.wait_for_line(rf"answering for cluster.local on {ADDRESS}:(\d+)")[1])


async def asked(name: str, kind: str, port: int, *, tcp: bool = False) -> list[str]:
    """Ask from outside of the cluster; return the answer's data, or the outcome where there is none."""
    query = dns.message.make_query(name, kind)
    way = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    response = await way(query, ADDRESS, timeout=5, port=port)
    return [record.to_text() for rrset in response.answer for record in rrset] or [dns.rcode.to_text(response.rcode())]


async def test_its_service_is_there_and_put_back(cluster: Cluster, client: Client) -> None:
    port = start_dns(cluster)

    async def there() -> str:
        try:
            service = await client.get(SERVICES, "kube-dns", namespace="kube-system")
            piece = await client.get(ENDPOINT_SLICES, "kube-dns", namespace="kube-system")
        except NotFound as error:
            raise AssertionError(str(error)) from None
        assert service.spec.cluster_ip == ADDRESS
        assert service.metadata.labels["k8s-app"] == "kube-dns"
        assert (piece.endpoints[0].addresses, piece.ports[0].port) == ([ADDRESS], port)
        return service.metadata.uid

    first = await eventually(there)
    await client.delete(SERVICES, "kube-dns", namespace="kube-system")
    await client.delete(ENDPOINT_SLICES, "kube-dns", namespace="kube-system")
    assert await eventually(there) != first

    async def answered() -> bool:
        assert await asked("kube-dns.kube-system.svc.cluster.local.", "A", port) == [ADDRESS]
        return True

    await eventually(answered)
    for tcp in (False, True):
        assert await asked("kubernetes.default.svc.cluster.local.", "A", port, tcp=tcp) == [APISERVER]
        assert await asked("nobody.default.svc.cluster.local.", "A", port, tcp=tcp) == ["NXDOMAIN"]
        assert await asked(f"{ip_address(APISERVER).reverse_pointer}.", "PTR", port, tcp=tcp) == [
            "kubernetes.default.svc.cluster.local."
        ]


async def test_a_second_server_takes_over(cluster: Cluster, client: Client) -> None:
    port = start_dns(cluster)
    first = cluster.components[-1]
    second = component("kubeproxy.dns", "--server", cluster.url, "--secure-port", "0", "--cluster-dns", ADDRESS)
    cluster.components.append(second)
    second.wait_for_line(rf"{ADDRESS}:{port} is taken; waiting for it")
    first.kill()
    second.wait_for_line("answering for cluster.local")
    assert await asked("kubernetes.default.svc.cluster.local.", "A", port) == [APISERVER]


@pytest.mark.slow
async def test_a_new_store_is_given_the_service(cluster: Cluster, client: Client) -> None:
    """What an API server has forgotten is not answered any more, and what a cluster needs is made anew."""
    port = start_dns(cluster)
    await client.create(SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}, namespace=NAMESPACE)

    async def answers(name: str, said: str) -> bool:
        assert said in await asked(name, "SRV", port)
        return True

    web, own = "web.default.svc.cluster.local.", "kube-dns.kube-system.svc.cluster.local."
    await eventually(lambda: answers(web, f"0 100 80 {web}"))
    cluster.restart_apiserver()
    await eventually(lambda: answers(web, "NXDOMAIN"))
    await eventually(lambda: answers(own, f"0 50 53 {own}"))
    assert (await client.get(SERVICES, "kube-dns", namespace="kube-system")).spec.cluster_ip == ADDRESS


async def test_several_questions_on_one_connection(cluster: Cluster, client: Client) -> None:
    port = start_dns(cluster, "--dns-port", "0")
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    queries = [dns.message.make_query("kubernetes.default.svc.cluster.local.", kind) for kind in ("A", "AAAA", "SRV")]
    for query in queries:
        wire = query.to_wire()
        writer.write(len(wire).to_bytes(2, "big") + wire)
    for query in queries:
        response = dns.message.from_wire(await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")))
        assert query.is_response(response)
    # What is no question ends the connection.
    writer.write(b"\x00\x02ab")
    assert await reader.read() == b""
    writer.close()


SCRIPT = """
nslookup web | grep -A1 Name
dig +short web.default.svc.cluster.local
dig +short SRV _http._tcp.web.default.svc.cluster.local
dig +short db-0.db.default.svc.cluster.local
dig +short -x {ip} | sort
test "$(dig +short $(hostname -i | tr . -).default.pod.cluster.local)" = "$(hostname -i)" && echo own address
dig +tcp +short +search elsewhere CNAME
dig +short elsewhere.default.svc.cluster.local
dig nobody.default.svc.cluster.local | grep -o 'status: [A-Z]*'
dig @{address} example.com | grep -o 'status: [A-Z]*'
getent hosts db-0.db | cut -d ' ' -f 1
wget -q -O- http://db:8080/hostname; echo
wget -q -O- http://web/hostname; echo
curl -s http://web.default.svc/hostname; echo
curl -s http://db-0.db.default:8080/hostname; echo
"""


@pytest.mark.slow
async def test_from_a_pod(cluster: Cluster, client: Client) -> None:
    """Programs in a pod find Services and their pods by short names, as search paths complete them."""
    proxy = cluster.start("kubeproxy", "--iptables-localhost-nodeports", "false", "--cluster-dns", ADDRESS)
    cluster.start("controller_manager", "--cluster-cidr", CLUSTER_CIDR)
    start_kubelet(cluster, "dns-1", "--cluster-dns", ADDRESS)
    rig = NodeRig(client, "dns-1")

    async def create(name: str, **spec: Any) -> None:
        await client.create(SERVICES, {"metadata": {"name": name}, "spec": spec}, namespace=NAMESPACE)

    port = {"name": "http", "port": 80, "targetPort": 8080}
    await create("web", clusterIP=WEB, selector={"app": "db-0"}, ports=[port])
    await create("db", clusterIP="None", selector={"app": "db-0"}, ports=[{**port, "port": 8080}])
    await create("elsewhere", type="ExternalName", externalName="foo.example.com")
    agnhost = {
        "name": "c",
        "image": AGNHOST,
        "args": ["netexec", "--http-port=8080"],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
    }
    await rig.create("db-0", agnhost, hostname="db-0", subdomain="db")
    ip = (await rig.until_ready("db-0")).status.pod_ip

    async def endpoint_known() -> bool:
        found = await client.list(ENDPOINT_SLICES, namespace=NAMESPACE, label_selector="kubernetes.io/service-name")
        ready = {each.service_name for each in found.items for end in each.endpoints if end.conditions.ready}
        assert {"db", "web"} <= ready
        return True

    await eventually(endpoint_known)
    proxy.wait_for_line("answering for cluster.local")
    said = await rig.output(
        "asker",
        f"({SCRIPT.format(ip=ip, address=ADDRESS)}) > /dev/termination-log 2>&1",
        container={"image": AGNHOST},
    )
    assert said.splitlines() == [
        "Name:\tweb.default.svc.cluster.local",
        f"Address: {WEB}",
        WEB,
        "0 100 80 web.default.svc.cluster.local.",
        ip,
        f"{ip.replace('.', '-')}.web.default.svc.cluster.local.",
        "db-0.db.default.svc.cluster.local.",
        "own address",
        "foo.example.com.",
        "foo.example.com.",
        "status: NXDOMAIN",
        "status: REFUSED",
        ip,
        *["db-0"] * 4,
    ]
    # The proxy has left the name server's own address to it.
    assert "is taken" not in proxy.output()
