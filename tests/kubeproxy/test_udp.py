"""Datagrams through an address of a Service, over real sockets."""

import asyncio
import socket
from contextlib import ExitStack, closing

import pytest

from apimachinery.clock import ManualClock
from kubeproxy.entrances import Entrances
from kubeproxy.routes import Backend
from tests.kubeproxy.servers import RANGE, ask, frontend, route, udp_client, udp_server
from tests.live import eventually

FRONT = frontend(20, "UDP")
NOBODY = Backend(f"{RANGE}.99", 9000)


async def answered(client: socket.socket) -> bool:
    """Send a datagram, and say whether one has come back."""
    client.send(b"again")
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    try:
        return bool(client.recv(100))
    except BlockingIOError:
        return False


async def test_a_clients_datagrams_go_to_one_endpoint(entrances: Entrances) -> None:
    async with udp_server(1) as one, udp_server(2) as two:
        entrances.set(FRONT, route(one, two))
        with ExitStack() as stack:
            first, second = (stack.enter_context(closing(udp_client(FRONT, "127.153.7.8"))) for _ in range(2))
            assert [await ask(first) for _ in range(2)] == [[one.ip, "127.153.7.8", "hi"]] * 2
            assert [await ask(second) for _ in range(2)] == [[two.ip, "127.153.7.8", "hi"]] * 2


async def test_a_client_leaves_an_endpoint_that_is_out(entrances: Entrances) -> None:
    async with udp_server(1) as one, udp_server(2) as two:
        entrances.set(FRONT, route(one))
        with closing(udp_client(FRONT)) as client:
            assert (await ask(client))[0] == one.ip
            entrances.set(FRONT, route(two))
            assert (await ask(client))[0] == two.ip
            entrances.set(FRONT, None)
            with pytest.raises(ConnectionRefusedError):
                await ask(client)


async def test_a_client_that_rests_gets_another_endpoint(entrances: Entrances, clock: ManualClock) -> None:
    async with udp_server(1) as one, udp_server(2) as two:
        entrances.set(FRONT, route(one, two))
        with closing(udp_client(FRONT)) as client:
            assert (await ask(client))[0] == one.ip
            entrances.expire(clock.monotonic() - 1)
            assert (await ask(client))[0] == one.ip
            entrances.expire(clock.monotonic() + 1)
            assert (await ask(client))[0] == two.ip


async def test_the_stand_in_of_a_low_port_is_tried(entrances: Entrances) -> None:
    async with udp_server(1, 64_053) as one:
        entrances.set(FRONT, route(Backend(one.ip, 53)))
        with closing(udp_client(FRONT)) as client:
            assert (await ask(client))[0] == one.ip


async def test_a_datagram_that_nobody_takes_lets_the_next_find_another(entrances: Entrances) -> None:
    async with udp_server(1) as one:
        entrances.set(FRONT, route(NOBODY, one))
        with closing(udp_client(FRONT)) as client:
            client.send(b"lost")
            # Its fate is known once the proxy is told that nobody is there.
            await eventually(lambda: answered(client))


async def test_an_empty_datagram_is_one(entrances: Entrances) -> None:
    async with udp_server(1) as one:
        entrances.set(FRONT, route(one))
        with closing(udp_client(FRONT)) as client:
            client.send(b"")
            assert await asyncio.get_running_loop().sock_recv(client, 100) == f"{one.ip} 127.0.0.1 ".encode()
