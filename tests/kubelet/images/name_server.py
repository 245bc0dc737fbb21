"""A name server with a few records, as a program of a container."""

import asyncio
import struct
from collections.abc import Mapping
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from kubelet.fake.process import Process
from kubelet.fake.program import Program
from kubelet.images.datagrams import DatagramServer

Records = Mapping[tuple[str, str], list[str]]

RECORDS: Records = {
    ("web.default.svc.cluster.local.", "A"): ["127.64.0.20"],
    ("headless.default.svc.cluster.local.", "A"): ["127.128.0.5", "127.128.0.6"],
    ("_http._tcp.web.default.svc.cluster.local.", "SRV"): ["0 100 80 web.default.svc.cluster.local."],
    ("external.default.svc.cluster.local.", "CNAME"): ["foo.example.com."],
    ("foo.example.com.", "A"): ["127.0.0.9"],
    ("20.0.64.127.in-addr.arpa.", "PTR"): ["web.default.svc.cluster.local."],
    ("many.example.com.", "A"): [f"127.1.{high}.{low}" for high in range(4) for low in range(100)],
}


def answer(records: Records, query: dns.message.Message) -> dns.message.Message:
    """Answer as an authority for everything: aliases are followed, unknown names are NXDOMAIN."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    (question,) = query.question
    name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
    while kind != "CNAME" and (alias := records.get((name, "CNAME"))) is not None:
        reply.answer.append(dns.rrset.from_text(name, 30, "IN", "CNAME", *alias))
        name = alias[0]
    if (found := records.get((name, kind))) is not None:
        reply.answer.append(dns.rrset.from_text(name, 30, "IN", kind, *found))
    elif name not in {known for known, _ in records}:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


def name_server(records: Records = RECORDS) -> Program:
    """Return a program that serves on port 53, over UDP and TCP."""

    async def run(process: Process) -> int:
        def datagram(data: bytes, client: tuple[str, int]) -> bytes:
            reply = answer(records, dns.message.from_wire(data))
            wire = reply.to_wire(max_size=65535)
            if len(wire) > 512:
                reply.answer.clear()
                reply.flags |= dns.flags.TC
                wire = reply.to_wire()
            return wire

        class OverTCP(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self._transport = cast(asyncio.Transport, transport)
                self._held = b""

            def data_received(self, data: bytes) -> None:
                self._held += data
                length = struct.unpack("!H", self._held[:2])[0] if len(self._held) > 1 else 1 << 16
                if len(self._held) >= length + 2:
                    wire = answer(records, dns.message.from_wire(self._held[2 : length + 2])).to_wire()
                    self._transport.write(struct.pack("!H", len(wire)) + wire)
                    self._transport.close()

        await process.listen_udp(53, lambda: DatagramServer(datagram))
        await process.listen(53, OverTCP)
        await process.wait_for_signal()
        return 0

    return run
