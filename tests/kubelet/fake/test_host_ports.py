"""Host ports: the node's address leads to a pod."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kubelet.fake.host_ports import HostPorts
from kubelet.fake.network import Bound, PodNetwork
from kubelet.runtime import PortMapping, RuntimeFault
from tests.kubelet.fake.test_network import Greeter, Shouter, greeting, shouted
from tests.live.addresses import address, own_range

RANGE = own_range(24)
NODE = address(RANGE, 1)


class Host:
    """A node with pods on it, each listening on port 7000 for TCP and UDP."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self.network = PodNetwork(RANGE)
        self.group = group
        self.opened: list[HostPorts | Bound] = []

    async def pod(self, *mappings: PortMapping) -> str:
        ip = self.network.allocate()
        self.opened.append(await self.network.listen(ip, 7000, Greeter))
        self.opened.append(await self.network.listen_udp(ip, 7000, Shouter))
        ports = HostPorts(self.network, ip, self.group, owner="uid")
        await ports.open(mappings)
        self.opened.append(ports)
        return ip

    def close(self) -> None:
        for entry in self.opened:
            entry.close()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with asyncio.TaskGroup() as group:
        made = Host(group)
        yield made
        made.close()


async def test_connections_reach_the_pod_with_their_clients_address(host: Host) -> None:
    await host.pod(PortMapping(7000, "TCP", 7100), PortMapping(7000, "UDP", 7100))
    client = host.network.allocate()
    assert await greeting(host.network, NODE, 7100, client) == f"hello {client}"
    assert await shouted(host.network, NODE, 7100, client) == f"HELLO {client}"
    # From a pod on the node's network, localhost is the node.
    assert await greeting(host.network, "localhost", 7100, NODE) == f"hello {NODE}"


async def test_one_port_for_several_addresses_and_protocols(host: Host) -> None:
    """What upstream's conformance suite asks of host ports: no conflict, and each leads to its own pod."""
    await host.pod(PortMapping(7000, "TCP", 7200, host_ip="127.0.0.1"))
    await host.pod(PortMapping(7000, "TCP", 7200, host_ip=NODE))
    await host.pod(PortMapping(7000, "UDP", 7200, host_ip=NODE))
    for name in ("127.0.0.1", NODE):
        assert await greeting(host.network, name, 7200, NODE) == f"hello {NODE}"
    assert await shouted(host.network, NODE, 7200, NODE) == f"HELLO {NODE}"


async def test_a_taken_port_is_refused_and_nothing_kept(host: Host) -> None:
    await host.pod(PortMapping(7000, "TCP", 7300))
    with pytest.raises(
        RuntimeFault, match=r"cannot open hostport 7300/tcp on 0\.0\.0\.0: bind: address already in use"
    ):
        await host.pod(PortMapping(7000, "TCP", 7301), PortMapping(7000, "TCP", 7300))
    await host.pod(PortMapping(7000, "TCP", 7301))


async def test_nobody_behind_a_host_port_is_an_end_of_the_connection(host: Host) -> None:
    await host.pod(PortMapping(7001, "TCP", 7400))
    assert await greeting(host.network, NODE, 7400, NODE) == ""
    host.close()
    with pytest.raises(ConnectionRefusedError):
        await greeting(host.network, NODE, 7400, NODE)
