"""Services reached at their addresses: from the machine itself and from pods, with real endpoints behind them."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest

from apimachinery.types.service import Service
from componentbase import low_ports
from kubeclient.client import Client
from kubeclient.resources import NODES, PODS, SERVICES
from tests.live import Cluster, eventually
from tests.live.addresses import address, own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet, termination_message

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0"
CLUSTER_CIDR = own_range(17)
SERVICE_CIDR = own_range(24)
BALANCER_CIDR = own_range(24)
DNS = address(SERVICE_CIDR, 10)
"""All of this module alone: other clusters on the machine have the default ranges."""
HTTP = low_ports.places(80)[0]
"""Where a Service's port 80 is found from outside of pods by whoever runs the tests."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    running = Cluster("--service-cluster-ip-range", SERVICE_CIDR)
    running.start("controller_manager", "--cluster-cidr", CLUSTER_CIDR, "--load-balancer-cidr", BALANCER_CIDR)
    running.start("kubeproxy", "--iptables-localhost-nodeports", "false", "--cluster-dns", DNS)
    for name in ("proxy-1", "proxy-2"):
        start_kubelet(running, name)
    yield running
    running.stop()


@pytest.fixture
async def rig(cluster: Cluster) -> AsyncIterator[NodeRig]:
    async with Client(cluster.url) as client:

        async def ready() -> bool:
            conditions = [entry for node in (await client.list(NODES)).items for entry in node.status.conditions]
            return sum(entry.type == "Ready" and entry.status == "True" for entry in conditions) == 2

        await eventually(ready)
        yield NodeRig(client, "proxy-1")


def netexec(**fields: Any) -> dict[str, Any]:
    probe = {"exec": {"command": ["test", "!", "-e", "/tmp/out"]}, "periodSeconds": 1, "failureThreshold": 1}
    return {"name": "server", "image": AGNHOST, "args": ["netexec"], "readinessProbe": probe, **fields}


async def create_pod(rig: NodeRig, name: str, app: str, node: str = "proxy-1", **fields: Any) -> None:
    spec = {"nodeName": node, "containers": [netexec(**fields)]}
    pod = {"metadata": {"name": name, "labels": {"app": app}}, "spec": spec}
    await rig.client.create(PODS, pod, namespace=NAMESPACE)


async def create_service(rig: NodeRig, name: str, *ports: dict[str, Any], **spec: Any) -> Service:
    body = {"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": list(ports), **spec}}
    return await rig.client.create(SERVICES, body, namespace=NAMESPACE)


async def answers(url: str, count: int) -> list[str]:
    """Return who answers so many requests, each on a connection of its own."""
    found = []
    for _ in range(count):
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            found.append((await http.get(url)).text)
    return found


async def until_answers(url: str, *expected: str) -> None:
    """Wait until the pods with these names, and no others, answer."""

    async def right() -> bool:
        try:
            return set(await answers(url, 2 * len(expected))) == set(expected)
        except httpx.TransportError:
            return False

    await eventually(right)


def is_refused(ip: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((ip, port)) != 0


async def test_pods_behind_a_service(rig: NodeRig) -> None:
    """S31: cluster IP and node ports, TCP and UDP, from here and, by name, from a pod.

    Nobody listens before there are endpoints, and once the Service is gone.
    """
    http = {"name": "http", "port": 80, "targetPort": 8080}
    udp = {"name": "udp", "port": 81, "targetPort": 8081, "protocol": "UDP"}
    service = await create_service(rig, "web", http, udp, type="NodePort")
    ip, node_port = service.spec.cluster_ip, service.spec.ports[0].node_port
    assert is_refused(ip, HTTP)
    for name, node in (("web-1", "proxy-1"), ("web-2", "proxy-2")):
        await create_pod(rig, name, "web", node)
    await asyncio.gather(rig.until_ready("web-1"), rig.until_ready("web-2"))
    await until_answers(f"http://{ip}:{HTTP}/hostname", "web-1", "web-2")
    assert sorted(await answers(f"http://{ip}:{HTTP}/hostname", 6)) == ["web-1"] * 3 + ["web-2"] * 3
    for node in (await rig.client.list(NODES)).items:
        assert set(await answers(f"http://{node.status.addresses[0].address}:{node_port}/hostname", 2)) == {
            "web-1",
            "web-2",
        }
    script = f"(curl -s http://web/clientip; echo; echo hostname | nc -u -w 1 {ip} 81) > /dev/termination-log 2>&1"
    searched = {"nameservers": [DNS], "searches": ["default.svc.cluster.local"]}
    by_name = {"dnsPolicy": "None", "dnsConfig": searched}
    said = (await rig.output("client", script, container={"image": AGNHOST}, **by_name)).split()
    client = await rig.get("client")
    assert said[0].startswith(f"{client.status.pod_ip}:"), said
    assert said[1] in {"web-1", "web-2"}
    await rig.client.delete(SERVICES, "web", namespace=NAMESPACE)

    async def gone() -> bool:
        return is_refused(ip, HTTP)

    await eventually(gone)


async def test_an_endpoint_goes_and_comes_with_its_readiness(rig: NodeRig) -> None:
    """S30, S31: a pod that is not ready gets no connection; back when it is ready; refused when none is."""
    service = await create_service(rig, "flip", {"port": 80, "targetPort": 8080})
    url = f"http://{service.spec.cluster_ip}:{HTTP}"
    for name in ("flip-1", "flip-2"):
        await create_pod(rig, name, "flip")
    await asyncio.gather(rig.until_ready("flip-1"), rig.until_ready("flip-2"))
    await until_answers(f"{url}/hostname", "flip-1", "flip-2")
    pod = await rig.get("flip-1")
    touch, remove = (f"http://{pod.status.pod_ip}:8080/shell?cmd={what}%20/tmp/out" for what in ("touch", "rm"))
    await answers(touch, 1)
    await until_answers(f"{url}/hostname", "flip-2")
    assert set(await answers(f"{url}/hostname", 5)) == {"flip-2"}
    await answers(remove, 1)
    await until_answers(f"{url}/hostname", "flip-1", "flip-2")
    for name in ("flip-1", "flip-2"):
        await rig.client.delete(PODS, name, namespace=NAMESPACE, grace_period_seconds=0)

    async def refused() -> bool:
        return is_refused(service.spec.cluster_ip, HTTP)

    await eventually(refused)


@pytest.mark.slow
async def test_no_request_fails_while_pods_come_and_go(rig: NodeRig) -> None:
    """S31: there is a ready pod all the time, so every request is answered, on the cluster IP and on a node port.

    Pods that go have a preStop hook that gives the news time to spread, as they need with any proxy.
    """
    service = await create_service(rig, "roll", {"port": 80, "targetPort": 8080}, type="NodePort")
    hook = {"preStop": {"sleep": {"seconds": 1}}}
    node = (await rig.client.get(NODES, "proxy-2")).status.addresses[0].address
    places = [f"http://{service.spec.cluster_ip}:{HTTP}", f"http://{node}:{service.spec.ports[0].node_port}"]
    await create_pod(rig, "roll-0", "roll", lifecycle=hook)
    await rig.until_ready("roll-0")
    for place in places:
        await until_answers(f"{place}/hostname", "roll-0")
    done = asyncio.Event()
    seen: Counter[str] = Counter()

    async def ask(place: str) -> None:
        while not done.is_set():
            seen.update(await answers(f"{place}/hostname", 1))

    async with asyncio.TaskGroup() as group:
        for place in places * 2:
            group.create_task(ask(place))
        for number in range(1, 4):
            await create_pod(rig, f"roll-{number}", "roll", lifecycle=hook)
            await rig.until_ready(f"roll-{number}")
            await eventually(lambda name=f"roll-{number}": has_answered(seen, name))
            await rig.client.delete(PODS, f"roll-{number - 1}", namespace=NAMESPACE)
            await rig.until_gone(f"roll-{number - 1}")
        done.set()
    assert set(seen) == {f"roll-{number}" for number in range(4)}


async def has_answered(seen: Mapping[str, int], name: str) -> bool:
    return seen[name] > 0


async def test_a_client_stays_with_its_pod(rig: NodeRig) -> None:
    service = await create_service(rig, "sticky", {"port": 80, "targetPort": 8080}, sessionAffinity="ClientIP")
    for name in ("sticky-1", "sticky-2"):
        await create_pod(rig, name, "sticky")
    await asyncio.gather(rig.until_ready("sticky-1"), rig.until_ready("sticky-2"))
    url = f"http://{service.spec.cluster_ip}:{HTTP}/hostname"

    async def reached() -> bool:
        return not is_refused(service.spec.cluster_ip, HTTP)

    await eventually(reached)
    assert len(set(await answers(url, 6))) == 1


async def test_a_load_balancers_address_leads_to_its_pods(rig: NodeRig) -> None:
    await create_pod(rig, "balanced", "balanced")
    await create_service(rig, "balanced", {"port": 80, "targetPort": 8080}, type="LoadBalancer")

    async def given() -> str:
        found = await rig.client.get(SERVICES, "balanced", namespace=NAMESPACE)
        return found.status.load_balancer.ingress[0].ip if found.status.load_balancer.ingress else ""

    ingress = await eventually(given)
    assert ip_address(ingress) in ip_network(BALANCER_CIDR)
    await until_answers(f"http://{ingress}:{HTTP}/hostname", "balanced")


async def test_kubernetes_leads_to_the_api_server(rig: NodeRig) -> None:
    service = await rig.client.get(SERVICES, "kubernetes", namespace=NAMESPACE)
    script = f"curl -s http://{service.spec.cluster_ip}:443/version > /dev/termination-log"
    said = await rig.output("inside", script, container={"image": AGNHOST})
    assert '"gitVersion"' in said
    assert termination_message(await rig.get("inside")) == said
