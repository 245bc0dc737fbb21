"""The pod network: addresses in turn, real connections, and ports that cannot be had."""

import asyncio
import errno
from typing import cast

import pytest

from kubelet.fake.network import AddressesExhausted, Bound, PodNetwork
from kubelet.runtime import PortMapped
from tests.live.addresses import address, own_range


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
    network = PodNetwork(own_range(24))
    server, client = network.allocate(), network.allocate()
    listening = await network.listen(server, 7000, Greeter)
    assert network.endpoint(server, 7000) == (server, 7000)
    assert await greeting(network, server, 7000, client) == f"hello {client}"
    assert await greeting(network, "localhost", 7000, server) == f"hello {server}"
    listening.close()


async def test_a_port_is_had_once() -> None:
    """S3: whoever comes second is refused; on another address the port is free."""
    network = PodNetwork(own_range(24), lowest_port=1024)
    one, other = network.allocate(), network.allocate()
    servers = [await network.listen(one, port, Greeter) for port in (7000, 80)]
    for port in (7000, 80):
        with pytest.raises(OSError, match="Address already in use") as refused:
            await network.listen(one, port, Greeter)
        assert refused.value.errno == errno.EADDRINUSE
    servers.append(await network.listen(other, 7000, Greeter))
    for server in servers:
        server.close()


async def test_low_ports_are_mapped() -> None:
    """A port that cannot be bound is replaced, which is told, and what connects inside follows."""
    network = PodNetwork(own_range(24), lowest_port=1024)
    told: list[PortMapped] = []
    network.on_port_mapped(told.append)
    ip = network.allocate()
    server = await network.listen(ip, 80, Greeter, owner="uid")
    assert network.endpoint(ip, 80) == (ip, 64080)
    assert told == [PortMapped(ip, 80, 64080, "uid")]
    assert await greeting(network, ip, 80, ip) == f"hello {ip}"
    # Those who have not been told know where to look: another node's network, in whatever process.
    elsewhere = PodNetwork(own_range(24))
    source = elsewhere.allocate()
    assert await greeting(elsewhere, ip, 80, source) == f"hello {source}"
    server.close()
    assert network.endpoint(ip, 80) == (ip, 80)
    with pytest.raises(ConnectionRefusedError):
        await greeting(network, ip, 80, ip)


def test_addresses_that_somebody_may_still_have_come_last() -> None:
    """S5: a pod that is shown with an address keeps it for itself until it has another."""
    network = PodNetwork("127.129.20.0/29")
    network.avoid("127.129.20.2")
    assert [network.allocate() for _ in range(5)] == [f"127.129.20.{last}" for last in (3, 4, 5, 6, 2)]


def test_the_nodes_own_address_is_nobodys_to_give() -> None:
    network = PodNetwork("127.129.20.0/29", node_address="127.129.20.3")
    assert [network.allocate() for _ in range(2)] == ["127.129.20.2", "127.129.20.4"]
    network.release("127.129.20.3")
    assert [network.allocate() for _ in range(2)] == ["127.129.20.5", "127.129.20.6"]


RANGE = own_range(24)
ADDRESS = address(RANGE, 2)


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        pytest.param("0.0.0.0", "127.0.0.1", False, id="any and loopback"),
        pytest.param("", ADDRESS, False, id="any and the address"),
        pytest.param("127.0.0.1", "localhost", False, id="loopback twice"),
        pytest.param("127.0.0.1", "0.0.0.0", False, id="loopback and any"),
        pytest.param("127.0.0.1", ADDRESS, True, id="loopback and the address"),
    ],
)
@pytest.mark.parametrize("kind", ["tcp", "udp"])
async def test_what_can_be_bound_side_by_side(first: str, second: str, fits: bool, kind: str) -> None:
    """S3: as on a machine of the pod's own."""
    network = PodNetwork(RANGE)

    async def listen(host: str) -> Bound:
        if kind == "tcp":
            return await network.listen(ADDRESS, 7000, Greeter, host=host)
        return await network.listen_udp(ADDRESS, 7000, asyncio.DatagramProtocol, host=host)

    bound = [await listen(first)]
    if fits:
        bound.append(await listen(second))
    else:
        with pytest.raises(OSError, match="Address already in use"):
            await listen(second)
    for entry in bound:
        entry.close()
    (await listen(second)).close()


async def test_loopback_is_for_the_pod_alone() -> None:
    """S3: what listens on 127.0.0.1 is reached by ``localhost``, and by nobody from elsewhere."""
    network = PodNetwork(own_range(24))
    pod, other = network.allocate(), network.allocate()
    bound = await network.listen(pod, 7000, Greeter, host="127.0.0.1")
    assert await greeting(network, "localhost", 7000, pod) == f"hello {pod}"
    for host, source in ((pod, other), (pod, pod), ("localhost", other)):
        with pytest.raises(ConnectionRefusedError):
            await greeting(network, host, 7000, source)
    bound.close()
    bound = await network.listen(pod, 7000, Greeter, host=pod)
    assert await greeting(network, pod, 7000, other) == f"hello {other}"
    with pytest.raises(ConnectionRefusedError):
        await greeting(network, "localhost", 7000, pod)
    bound.close()
    with pytest.raises(OSError, match="Cannot assign requested address"):
        await network.listen(pod, 7000, Greeter, host="10.0.0.1")


async def test_the_world_around_is_out_of_reach() -> None:
    network = PodNetwork(own_range(24))
    with pytest.raises(OSError, match="Network is unreachable"):
        await network.connect("192.0.2.1", 80, source=network.allocate())


class Shouter(asyncio.DatagramProtocol):
    """Answers in capital letters."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not all of asyncio's own transports are of the class that their methods are of.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data.upper() + b" " + addr[0].encode(), addr)


class Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)


async def shouted(network: PodNetwork, host: str, port: int, source: str) -> str:
    inbox = Inbox()
    transport = await network.connect_udp(host, port, lambda: inbox, source=source)
    transport.sendto(b"hello")
    async with asyncio.timeout(5):
        text = (await inbox.received.get()).decode()
    transport.close()
    return text


@pytest.mark.parametrize("port", [7000, 53], ids=["high", "low"])
async def test_datagrams(port: int) -> None:
    """S6: UDP between pods, low ports mapped like those of TCP; the two kinds of ports are apart."""
    network = PodNetwork(own_range(24), lowest_port=1024)
    server, client = network.allocate(), network.allocate()
    bound = [await network.listen_udp(server, port, Shouter), await network.listen(server, port, Greeter)]
    assert await shouted(network, server, port, client) == f"HELLO {client}"
    assert await shouted(network, "localhost", port, server) == f"HELLO {server}"
    # From another process's network on the same machine, which has the same permissions.
    elsewhere = PodNetwork(own_range(24), lowest_port=1024)
    source = elsewhere.allocate()
    assert await shouted(elsewhere, server, port, source) == f"HELLO {source}"
    for entry in bound:
        entry.close()
