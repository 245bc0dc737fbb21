"""Names are looked up at real name servers, by the container's own resolver file."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import RealClock, ScaledClock
from kubelet.fake.process import Process
from kubelet.images.utilities.dns_client import candidates, patience
from kubelet.runtime import DNSConfig
from tests.kubelet.fake.world import CIDR, World, open_world
from tests.kubelet.images.name_server import name_server
from tests.live.addresses import address, own_range

RESOLVER = "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver {}\noptions ndots:5\n"
CLUSTER = DNSConfig(("10.0.0.10",), ("ns.svc.cluster.local", "svc.cluster.local"), ("ndots:2",))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world(RealClock(), cidr=own_range(24)) as world:
        world.start(["dns"], program=name_server())
        while not world.container.network.listeners(world.container.ip):
            await world.container.clock.sleep(0)
        world.fs.write("/etc/resolv.conf", RESOLVER.format(world.container.ip).encode())
        yield world


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("web", ["web.ns.svc.cluster.local.", "web.svc.cluster.local.", "web."], id="few-dots"),
        pytest.param("a.b.c", ["a.b.c.", "a.b.c.ns.svc.cluster.local.", "a.b.c.svc.cluster.local."], id="many-dots"),
        pytest.param("web.", ["web."], id="whole"),
    ],
)
def test_candidates(name: str, expected: list[str]) -> None:
    assert candidates(name, CLUSTER) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param((), (5.0, 2), id="default"),
        pytest.param(("ndots:5", "timeout:1", "attempts:3"), (1.0, 3), id="given"),
        pytest.param(("timeout:900", "attempts:900"), (30.0, 5), id="too-much"),
        pytest.param(("timeout:0", "attempts:0"), (1.0, 1), id="nothing"),
        pytest.param(("timeout:x", "attempts"), (5.0, 2), id="unreadable"),
    ],
)
def test_patience(options: tuple[str, ...], expected: tuple[float, int]) -> None:
    assert patience(DNSConfig(("10.0.0.10",), (), options)) == expected


async def silent(process: Process) -> int:
    """Take questions and answer none."""
    await process.listen_udp(53, asyncio.DatagramProtocol)
    await asyncio.Event().wait()
    return 0


async def test_the_resolvers_options_say_how_long_a_server_has() -> None:
    clock = ScaledClock(100)
    async with open_world(clock, cidr=own_range(24)) as world:
        world.start(["dns"], program=silent)
        while not world.container.network.listeners(world.container.ip):
            await clock.sleep(0)
        resolver = f"nameserver {world.container.ip}\noptions timeout:2 attempts:3\n"
        world.fs.write("/etc/resolv.conf", resolver.encode())
        before = clock.monotonic()
        assert await world.sh("getent hosts web; echo $?") == ("2\n", "", 0)
        assert clock.monotonic() - before >= 6


ANSWER = "web.default.svc.cluster.local. 30 IN\tA\t127.64.0.20\n"


@pytest.mark.parametrize(
    ("script", "output", "code"),
    [
        pytest.param("dig +short web.default.svc.cluster.local", "127.64.0.20\n", 0, id="dig-short"),
        pytest.param("dig +notcp +noall +answer +search web A", ANSWER, 0, id="dig-udp"),
        pytest.param("dig +tcp +noall +answer +search web A", ANSWER, 0, id="dig-tcp"),
        pytest.param("dig +noall +answer web", "", 0, id="dig-without-search"),
        pytest.param("dig +short external.default.svc.cluster.local CNAME", "foo.example.com.\n", 0, id="dig-cname"),
        pytest.param("dig +short +search external", "foo.example.com.\n127.0.0.9\n", 0, id="dig-alias"),
        pytest.param("dig +notcp +noall +answer +search _http._tcp.web SRV",
                     "_http._tcp.web.default.svc.cluster.local. 30 IN SRV 0 100 80 web.default.svc.cluster.local.\n",
                     0, id="dig-srv"),
        pytest.param("dig +short -x 127.64.0.20", "web.default.svc.cluster.local.\n", 0, id="dig-reverse"),
        pytest.param("dig +short many.example.com | wc -l", "400\n", 0, id="dig-truncated"),
        pytest.param("dig nothing.example | grep -c 'status: NXDOMAIN'", "1\n", 0, id="dig-nothing"),
        pytest.param("getent hosts web", "127.64.0.20     web.default.svc.cluster.local\n", 0, id="getent"),
        pytest.param("getent hosts external", "127.0.0.9       foo.example.com\n", 0, id="getent-alias"),
        pytest.param("getent hosts 127.64.0.20", "127.64.0.20     web.default.svc.cluster.local\n", 0,
                     id="getent-reverse"),
        pytest.param("getent ahosts headless | cut -c1-22 | sort",
                     "127.128.0.5     DGRAM\n127.128.0.5     RAW\n127.128.0.5     STREAM\n"
                     "127.128.0.6     DGRAM\n127.128.0.6     RAW\n127.128.0.6     STREAM\n", 0, id="getent-all"),
        pytest.param("getent hosts nothing", "", 2, id="getent-nothing"),
        pytest.param("nslookup web.default.svc.cluster.local | tail -n +4",
                     "Name:\tweb.default.svc.cluster.local\nAddress: 127.64.0.20\n\n", 0, id="nslookup"),
        pytest.param("nslookup external | tail -n +4",
                     "external.default.svc.cluster.local\tcanonical name = foo.example.com\n"
                     "Name:\tfoo.example.com\nAddress: 127.0.0.9\n\n"
                     "external.default.svc.cluster.local\tcanonical name = foo.example.com\n\n", 0,
                     id="nslookup-alias"),
        pytest.param("nslookup nothing.example > out; echo $?; grep find out | sort -u",
                     "1\n** server can't find nothing.example: NXDOMAIN\n", 0, id="nslookup-nothing"),
        pytest.param("host web", "web.default.svc.cluster.local has address 127.64.0.20\n", 0, id="host"),
        pytest.param("host 127.64.0.20",
                     "20.0.64.127.in-addr.arpa domain name pointer web.default.svc.cluster.local.\n",
                     0, id="host-reverse"),
        pytest.param("host nothing.example", "Host nothing.example not found: 3(NXDOMAIN)\n", 1, id="host-nothing"),
        pytest.param('check="$(dig +notcp +noall +answer +search web A)" && test -n "$check" && echo OK > r; cat r',
                     "OK\n", 0, id="prober"),
    ],
)  # fmt: skip
async def test_output(world: World, script: str, output: str, code: int) -> None:
    assert await world.sh(script) == (output, "", code)


async def test_programs_connect_by_name() -> None:
    async with open_world(RealClock(), cidr=own_range(24)) as world:
        ip = world.container.ip
        world.start(["dns"], program=name_server({("here.default.svc.cluster.local.", "A"): [ip]}))
        world.start(["nc", "-l", "-k", "-p", "8099", "-e", "echo hello"])
        while len(world.container.network.listeners(ip)) < 3:
            await world.container.clock.sleep(0)
        world.fs.write("/etc/resolv.conf", RESOLVER.format(ip).encode())
        assert await world.sh("nc here 8099 < /dev/null") == ("hello\n", "", 0)
        assert await world.sh("curl -s nowhere; echo $?") == ("6\n", "", 0)


REFUSED = f";; communications error to {address(CIDR, 2)}#53: connection refused\n"


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        pytest.param("dig +short web; echo $?", REFUSED * 3
                     + ";; no servers could be reached\n9\n", "", id="dig"),
        pytest.param("nslookup web; echo $?", ";; connection timed out; no servers could be reached\n\n1\n", "",
                     id="nslookup"),
        pytest.param("wget -q http://web/; echo $?", "1\n", "wget: bad address 'web'\n", id="wget"),
        pytest.param("getent hosts web; echo $?", "2\n", "", id="getent"),
    ],
)  # fmt: skip
async def test_nobody_answers(script: str, output: str, errors: str) -> None:
    async with open_world(ScaledClock(100)) as world:
        world.fs.write("/etc/resolv.conf", RESOLVER.format(world.container.ip).encode())
        assert await world.sh(script) == (output, errors, 0)
