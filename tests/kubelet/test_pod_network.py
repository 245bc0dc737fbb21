"""What a pod's network spec comes to on a node: addresses, host ports, and what is said of trouble."""

from collections.abc import AsyncIterator

import pytest

from kubelet.runtime import PortMapped
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import NODE_IP, Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def port(number: int, host: int = 0, **fields: object) -> dict[str, object]:
    return {"containerPort": number, "protocol": "TCP", "hostPort": host, **fields}


async def test_on_the_nodes_network_the_address_is_the_nodes(rig: Rig) -> None:
    pod = make_pod(hostNetwork=True)
    await rig.add(pod)
    status = rig.status(pod)
    assert (status.pod_ip, status.host_ip, [entry.ip for entry in status.pod_ips]) == (NODE_IP, NODE_IP, [NODE_IP])


async def test_a_taken_host_port_keeps_the_pod_waiting(rig: Rig) -> None:
    """It is tried again, and has the port once it is free."""
    first = make_pod(container(ports=[port(80, 7512)]), name="first")
    await rig.add(first)
    second = make_pod(container(ports=[port(80, 7512)]), name="second")
    await rig.add(second)
    (event,) = [entry for entry in rig.events.seen if entry.startswith("FailedCreatePodSandBox")]
    assert "cannot open hostport 7512/tcp on 0.0.0.0: bind: address already in use" in event
    assert rig.status(second).phase == "Pending"
    await rig.remove(first)
    await rig.clock.advance(11)
    await rig.until(lambda: rig.status(second).phase == "Running")


async def test_dns_that_does_not_fit_is_told(rig: Rig) -> None:
    await rig.add(make_pod(dnsConfig={"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}))
    assert rig.events.seen[0] == (
        "DNSConfigForming: Nameserver limits were exceeded, some nameservers have been omitted, the applied "
        "nameserver line is: 127.64.0.10 192.0.2.1 192.0.2.2"
    )


async def test_a_host_name_that_does_not_fit_is_told(rig: Rig) -> None:
    pod = make_pod(name="w" * 50, subdomain="sub", setHostnameAsFQDN=True)
    await rig.add(pod)
    assert rig.events.seen[0].startswith(
        "FailedCreatePodSandBox: Failed to create pod sandbox: failed to construct FQDN"
    )
    assert rig.status(pod).phase == "Pending"


async def test_a_mapped_port_is_told_to_its_pod_alone(rig: Rig) -> None:
    """Two pods on the node's network have one address; the event is about the one whose port it is."""
    await rig.add(make_pod(name="other", hostNetwork=True))
    await rig.add(make_pod(name="mine", hostNetwork=True))
    rig.workers.port_mapped(PortMapped(NODE_IP, 80, 64080, "uid-mine"))
    (event,) = [entry for entry in rig.events.seen if entry.startswith("PortMapped")]
    assert f"no permission to listen on {NODE_IP}:80" in event
