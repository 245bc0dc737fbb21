"""What is listened on, as routes come and go."""

import ipaddress
import socket
from dataclasses import replace

import pytest

from kubeproxy.entrances import Entrances
from kubeproxy.node_map import node_map
from tests.kubeproxy.builders import node
from tests.kubeproxy.servers import connect, frontend, greeting, route, tcp_server

FRONT, OTHER = frontend(30), frontend(31)


async def test_frontends_of_one_port_take_turns_together(entrances: Entrances) -> None:
    async with tcp_server(1) as one, tcp_server(2) as two:
        entrances.set(FRONT, route(one, two))
        entrances.set(OTHER, route(one, two))
        assert [(await greeting(to))[0] for to in (FRONT, OTHER, FRONT, OTHER)] == [one.ip, two.ip] * 2
        entrances.set(FRONT, None)
        assert (await greeting(OTHER))[0] == one.ip
        assert entrances.listening == [OTHER]


async def test_an_address_that_somebody_else_has_is_taken_once_it_is_free(
    entrances: Entrances, caplog: pytest.LogCaptureFixture
) -> None:
    async with tcp_server(1) as one:
        with socket.create_server((FRONT.ip, FRONT.port)):
            entrances.set(FRONT, route(one))
            entrances.set(FRONT, route(one, one))
            entrances.retry()
            assert entrances.listening == []
        assert [record.getMessage() for record in caplog.records] == [
            "cannot listen on 127.153.0.30:8080 (TCP), for default/web:80: Address already in use"
        ]
        entrances.retry()
        assert (await greeting(FRONT))[0] == one.ip


async def test_a_frontend_that_leads_nowhere_again_is_not_tried_again(entrances: Entrances) -> None:
    async with tcp_server(1) as one:
        with socket.create_server((FRONT.ip, FRONT.port)):
            entrances.set(FRONT, route(one))
            entrances.set(FRONT, None)
        entrances.retry()
        assert entrances.listening == []


async def test_clients_of_a_node_are_reset_where_it_has_no_endpoint(entrances: Entrances) -> None:
    entrances.nodes = node_map([node("a", "127.153.5.1", "127.153.5.0/24")])
    async with tcp_server(1) as one:
        entrances.set(FRONT, replace(route(one), by_node={"b": (one,)}))
        assert (await greeting(FRONT))[0] == one.ip
        with pytest.raises(ConnectionResetError):
            await greeting(FRONT, "127.153.5.9")


async def test_clients_from_elsewhere_than_is_said_are_reset(entrances: Entrances) -> None:
    async with tcp_server(1) as one:
        entrances.set(FRONT, replace(route(one), sources=(ipaddress.IPv4Network("127.153.5.0/24"),)))
        assert (await greeting(FRONT, "127.153.5.9"))[0] == one.ip
        with pytest.raises(ConnectionResetError):
            await greeting(FRONT, "127.153.6.9")


async def test_close_ends_connections_too(entrances: Entrances) -> None:
    async with tcp_server(1) as one:
        entrances.set(FRONT, route(one))
        reader, writer = await connect(FRONT)
        await reader.readline()
        entrances.close()
        assert await reader.read() == b""
        assert entrances.listening == []
        writer.close()
        await writer.wait_closed()
