"""Connections through an address of a Service, over real sockets."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from apimachinery.clock import RealClock
from kubeproxy.entrances import Entrances
from kubeproxy.routes import Backend
from kubeproxy.tcp import _RESET_ON_CLOSE
from tests.kubeproxy.servers import RANGE, connect, frontend, greeting, route, running, tcp_server

FRONT = frontend(10)
NOBODY = Backend(f"{RANGE}.99", 9000)


async def test_connections_take_turns_and_show_the_clients_address(entrances: Entrances) -> None:
    async with tcp_server(1) as one, tcp_server(2) as two:
        entrances.set(FRONT, route(one, two))
        seen = [await greeting(FRONT, "127.153.7.7") for _ in range(4)]
    assert seen == [[one.ip, "127.153.7.7"], [two.ip, "127.153.7.7"]] * 2


async def test_everything_comes_through_in_both_directions(entrances: Entrances) -> None:
    payload = bytes(range(256)) * 20_000
    async with tcp_server(1) as one:
        entrances.set(FRONT, route(one))
        reader, writer = await connect(FRONT)
        await reader.readline()

        async def send() -> None:
            writer.write(payload)
            await writer.drain()
            writer.write_eof()

        async with asyncio.TaskGroup() as group:
            group.create_task(send())
            echoed = group.create_task(reader.read(-1))
        writer.close()
        await writer.wait_closed()
    assert echoed.result() == payload


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_what_a_client_says_at_once_is_kept(run: Callable[[Coroutine[Any, Any, bytes]], bytes]) -> None:
    """The loops differ in when a new connection is first read from, and processes run on uvloop."""

    async def echoed() -> bytes:
        async with running(RealClock()) as entrances, tcp_server(1) as one:
            entrances.set(FRONT, route(one))
            reader, writer = await connect(FRONT)
            writer.write(b"said before there was an endpoint")
            writer.write_eof()
            said = await reader.read(-1)
            writer.close()
            await writer.wait_closed()
            return said

    assert run(echoed()).endswith(b"\nsaid before there was an endpoint")


async def test_an_endpoint_that_takes_no_connection_is_passed_over(entrances: Entrances) -> None:
    async with tcp_server(1) as one:
        entrances.set(FRONT, route(NOBODY, one))
        assert [(await greeting(FRONT))[0] for _ in range(3)] == [one.ip] * 3


async def test_a_client_that_no_endpoint_takes_is_reset(entrances: Entrances) -> None:
    entrances.set(FRONT, route(NOBODY))
    with pytest.raises(ConnectionResetError):
        await greeting(FRONT)


async def test_the_stand_in_of_a_low_port_is_tried(entrances: Entrances) -> None:
    async with tcp_server(1, 64_080) as one:
        entrances.set(FRONT, route(Backend(one.ip, 80)))
        assert (await greeting(FRONT))[0] == one.ip


async def test_connections_last_when_their_endpoint_is_out(entrances: Entrances) -> None:
    """S31: what is open stays open; what is new goes elsewhere, and is refused when there is nowhere to go."""
    async with tcp_server(1) as one, tcp_server(2) as two:
        entrances.set(FRONT, route(one))
        reader, writer = await connect(FRONT)
        assert (await reader.readline()).startswith(one.ip.encode())
        entrances.set(FRONT, route(two))
        assert (await greeting(FRONT))[0] == two.ip
        entrances.set(FRONT, None)
        with pytest.raises(ConnectionRefusedError):
            await connect(FRONT)
        writer.write(b"still here\n")
        assert await reader.readline() == b"still here\n"
        assert entrances.connections == 1
        writer.close()
        await writer.wait_closed()


async def test_a_reset_is_passed_on(entrances: Entrances) -> None:
    arrived = asyncio.Event()

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        writer.transport.abort()
        arrived.set()

    async with await asyncio.start_server(reset, f"{RANGE}.1", 9000):
        entrances.set(FRONT, route(Backend(f"{RANGE}.1", 9000)))
        reader, writer = await connect(FRONT)
        writer.write(b"hello\n")
        await arrived.wait()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_nothing_is_kept_of_connections_that_have_ended(entrances: Entrances) -> None:
    async with tcp_server(1) as one:
        entrances.set(FRONT, route(one))
        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(greeting(FRONT))
        async with asyncio.timeout(5):
            while entrances.connections:
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
