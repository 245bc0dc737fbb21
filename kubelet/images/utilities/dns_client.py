"""Asks name servers, over the pod network: as the resolver of a C library does, by ``/etc/resolv.conf``."""

import asyncio
import errno
import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from kubelet.fake.process import Process
from kubelet.images.datagrams import open_datagrams
from kubelet.resolver import parse_resolv_conf
from kubelet.runtime import DNSConfig

PORT = 53
_SECONDS = 5.0
_LONGEST_SECONDS = 30
_MOST_TRIES = 5


class NoAnswer(OSError):
    """No server has answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``server`` is who gave the answer, ``name`` what it was asked for in the end."""

    server: str
    name: str
    message: dns.message.Message

    @property
    def rcode(self) -> str:
        return dns.rcode.to_text(self.message.rcode())

    def records(self, kind: str) -> list[str]:
        """Return the data of the answer's records of one type."""
        return [
            record.to_text()
            for rrset in self.message.answer
            if rrset.rdtype == dns.rdatatype.from_text(kind)
            for record in rrset
        ]


def configuration(process: Process) -> DNSConfig:
    """Return what the container's own file says."""
    try:
        return parse_resolv_conf(process.fs.read("/etc/resolv.conf").decode(errors="replace"))
    except OSError:
        return DNSConfig()


def _option(config: DNSConfig, name: str, default: int) -> int:
    for option in config.options:
        if found := re.fullmatch(rf"{name}:(\d+)", option):
            return int(found[1])
    return default


def patience(config: DNSConfig) -> tuple[float, int]:
    """Return how many seconds a server has for an answer, and how often all are asked; ``resolv.conf(5)``'s limits."""
    seconds = min(_option(config, "timeout", int(_SECONDS)), _LONGEST_SECONDS)
    return float(max(1, seconds)), min(max(1, _option(config, "attempts", 2)), _MOST_TRIES)


def candidates(name: str, config: DNSConfig) -> list[str]:
    """Return the full names to try for a name, in order: search paths come first for one with few dots."""
    if name.endswith("."):
        return [name]
    searched = [f"{name}.{path}." for path in config.searches]
    plain = f"{name}."
    return [plain, *searched] if name.count(".") >= _option(config, "ndots", 1) else [*searched, plain]


async def ask(
    process: Process,
    server: str,
    name: str,
    kind: str,
    *,
    tcp: bool = False,
    port: int = PORT,
    seconds: float = _SECONDS,
) -> dns.message.Message:
    """Ask one server one question; raise ``OSError``, ``TimeoutError`` among them, or ``ValueError`` for a bad name."""
    try:
        question = dns.message.make_query(
            dns.name.from_text(name), dns.rdatatype.from_text(kind), id=process.world.rng.randrange(1 << 16)
        )
        wire = question.to_wire()
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from None
    async with process.clock.timeout(seconds):
        answer = None if tcp else await _over_udp(process, server, port, question, wire)
        if answer is None:
            answer = await _over_tcp(process, server, port, wire)
    return answer


async def _over_udp(
    process: Process, server: str, port: int, question: dns.message.Message, wire: bytes
) -> dns.message.Message | None:
    """Return the answer, ``None`` when it is too long for a datagram."""
    client = await open_datagrams(process, server, port)
    try:
        client.send(wire)
        while True:
            try:
                answer = dns.message.from_wire(await client.receive(), raise_on_truncation=False)
            except dns.exception.DNSException:
                continue
            if question.is_response(answer):
                truncated = answer.flags & dns.flags.TC
                return None if truncated else answer
    finally:
        client.close()


async def _over_tcp(process: Process, server: str, port: int, wire: bytes) -> dns.message.Message:
    reader, writer = await process.connect(server, port)
    try:
        writer.write(struct.pack("!H", len(wire)) + wire)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        return dns.message.from_wire(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, dns.exception.DNSException) as error:
        raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)) from error
    finally:
        process.connections.discard(writer.transport)
        writer.close()


async def ask_all(process: Process, servers: Sequence[str], name: str, kind: str, *, tcp: bool = False) -> Reply:
    """Ask servers in turn until one answers; raise :class:`NoAnswer` or ``ValueError``."""
    seconds, tries = patience(configuration(process))
    for _ in range(tries):
        for server in servers:
            try:
                message = await ask(process, server, name, kind, tcp=tcp, seconds=seconds)
            except (OSError, TimeoutError):
                continue
            if message.rcode() != dns.rcode.SERVFAIL:
                return Reply(server, name, message)
    raise NoAnswer(errno.EAGAIN, "no servers could be reached")


async def search(process: Process, name: str, kind: str, *, tcp: bool = False) -> Reply:
    """Ask for a name by the search paths, until one of the full names has such records.

    Without any, returns the answer for the name as it is. Raises :class:`NoAnswer` or ``ValueError``.
    """
    config = configuration(process)
    reply: Reply | None = None
    for candidate in candidates(name, config):
        found = await ask_all(process, config.servers, candidate, kind, tcp=tcp)
        if found.message.answer:
            return found
        if reply is None or candidate == f"{name}.":
            reply = found
    assert reply is not None
    return reply
