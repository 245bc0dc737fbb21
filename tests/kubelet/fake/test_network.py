"""The pod network: addresses in turn, real connections, and ports that cannot be had."""

import asyncio
import errno

import pytest

from kubelet.fake.network import AddressesExhausted, PodNetwork
from kubelet.runtime import PortMapped


class Greeter(asyncio.Protocol):
    """Says hello and who it was said to, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"hello {transport.get_extra_info('peername')[0]}".encode())
        transport.close()


async def greeting(network: PodNetwork, host: str, port: int, source: str) -> str:
    reader, writer = await network.connect(host, port, source=source)
    text = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return text


def test_addresses_go_round() -> None:
    """S5: the first and last addresses of the range are no pod's; a freed one comes last."""
    network = PodNetwork("127.129.20.0/29")
    assert network.gateway == "127.129.20.1"
    taken = [network.allocate() for _ in range(5)]
    assert taken == [f"127.129.20.{number}" for number in range(2, 7)]
    with pytest.raises(AddressesExhausted, match=r"no addresses available in the range 127\.129\.20\.0/29"):
        network.allocate()
    network.release("127.129.20.4")
    network.release("127.129.20.2")
    assert network.allocate() == "127.129.20.2"
    assert network.allocate() == "127.129.20.4"


def test_freed_addresses_wait_for_their_turn() -> None:
    network = PodNetwork("127.129.20.0/24")
    first = network.allocate()
    network.release(first)
    assert network.allocate() != first


def test_reserved_addresses_are_not_given_out() -> None:
    network = PodNetwork("127.129.20.0/29")
    network.reserve("127.129.20.2")
    assert network.allocate() == "127.129.20.3"


@pytest.mark.parametrize("cidr", ["127.0.0.0/31", "127.0.0.1/32"])
def test_tiny_ranges_are_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match="leaves no address"):
        PodNetwork(cidr)


async def test_connections_come_from_the_pods_address() -> None:
    """S6: a pod is seen by the address it has."""
    network = PodNetwork("127.129.21.0/24")
    server, client = network.allocate(), network.allocate()
    listening = await network.listen(server, 7000, Greeter)
    assert network.endpoint(server, 7000) == (server, 7000)
    assert await greeting(network, server, 7000, client) == f"hello {client}"
    assert await greeting(network, "localhost", 7000, server) == f"hello {server}"
    listening.close()
    await listening.wait_closed()


async def test_a_port_is_had_once() -> None:
    """S3: whoever comes second is refused; on another address the port is free."""
    network = PodNetwork("127.129.22.0/24", lowest_port=1024)
    one, other = network.allocate(), network.allocate()
    servers = [await network.listen(one, port, Greeter) for port in (7000, 80)]
    for port in (7000, 80):
        with pytest.raises(OSError, match="Address already in use") as refused:
            await network.listen(one, port, Greeter)
        assert refused.value.errno == errno.EADDRINUSE
    servers.append(await network.listen(other, 7000, Greeter))
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_low_ports_are_mapped() -> None:
    """A port that cannot be bound is replaced, which is told, and what connects inside follows."""
    network = PodNetwork("127.129.23.0/24", lowest_port=1024)
    told: list[PortMapped] = []
    network.on_port_mapped(told.append)
    ip = network.allocate()
    server = await network.listen(ip, 80, Greeter)
    host, port = network.endpoint(ip, 80)
    assert told == [PortMapped(ip, 80, port)]
    assert host == ip
    assert port >= 1024
    assert await greeting(network, ip, 80, ip) == f"hello {ip}"
    server.close()
    await server.wait_closed()
    network.closed(ip, 80)
    assert network.endpoint(ip, 80) == (ip, 80)
