"""Real sockets, on a clock of the test's."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator

import pytest

from apimachinery.clock import ManualClock
from apimachinery.errors import FatalError
from kubeproxy.dns.listeners import IDLE_SECONDS, AddressTaken, answering, bind

ADDRESS = "127.64.54.10"


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody for a while, if one is root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_low_port_that_may_not_be_bound_has_a_stand_in() -> None:
    with without_privileges():
        listeners = bind(ADDRESS, 53)
    try:
        for opened in (listeners.datagrams, listeners.connections):
            assert opened.getsockname() == (ADDRESS, 64053)
        assert listeners.port == 64053
    finally:
        listeners.close()


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_that_somebody_has(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((ADDRESS, 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(AddressTaken, match="is taken"):
            bind(ADDRESS, other.getsockname()[1])


def test_an_address_that_is_none_of_ours() -> None:
    with pytest.raises(FatalError, match=r"cannot listen on 192\.0\.2\.1:5353"):
        bind("192.0.2.1", 5353)


async def test_connections_that_ask_nothing_are_closed() -> None:
    clock = ManualClock()
    listeners = bind(ADDRESS, 0)
    async with answering(listeners, lambda wire: wire, lambda wire: wire, clock=clock):
        (quiet, quiet_out), (busy, busy_out) = [
            await asyncio.open_connection(ADDRESS, listeners.port) for _ in range(2)
        ]
        for _ in range(3):
            for piece in (b"\x00", b"\x03a", b"bc\x00\x00"):
                busy_out.write(piece)
                await busy_out.drain()
            assert await busy.readexactly(7) == b"\x00\x03abc\x00\x00"
            await clock.advance(IDLE_SECONDS)
        assert await quiet.read() == b""
        assert not busy.at_eof()
        for writer in (quiet_out, busy_out):
            writer.close()


async def test_all_is_closed_at_the_end() -> None:
    listeners = bind(ADDRESS, 0)
    async with answering(listeners, lambda wire: wire, lambda wire: wire, clock=ManualClock()):
        reader, writer = await asyncio.open_connection(ADDRESS, listeners.port)
        writer.write(b"\x00\x01a")
        assert await reader.readexactly(3) == b"\x00\x01a"
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(ADDRESS, listeners.port)
