"""The wire format: messages in, messages out."""

import functools
import struct
from collections.abc import Callable, Iterable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from kubeproxy.dns.answers import Answer, Question, Rcode, Record

Answerer = Callable[[Question], Answer]

_HEADER_BYTES = 12
_RESPONSE_BIT = 0x80
_PLAIN_DATAGRAM_BYTES = 512
"""The longest answer for who does not say that it takes longer ones."""
_LONGEST_DATAGRAM_BYTES = 4096
_LONGEST_BYTES = 65_535

_REMEMBERED = 4096
"""How many names and records are kept as they were read: reading takes longer than all the rest."""


def respond(wire: bytes, answerer: Answerer, *, datagram: bool) -> bytes | None:
    """Return the answer to a message, ``None`` for what is no question at all.

    An answer that is too long for a datagram is cut, and says so; its asker comes back over TCP. Records of one name
    are in another order each time, so that clients who take the first one spread.
    """
    if len(wire) < _HEADER_BYTES or wire[2] & _RESPONSE_BIT:
        return None
    try:
        query = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, struct.error):
        return _malformed(wire)
    limit = _datagram_limit(query) if datagram else _LONGEST_BYTES
    return _response(query, answerer).to_wire(max_size=limit, prefer_truncation=True)


def _datagram_limit(query: dns.message.Message) -> int:
    if query.edns < 0:
        return _PLAIN_DATAGRAM_BYTES
    return max(_PLAIN_DATAGRAM_BYTES, min(query.payload, _LONGEST_DATAGRAM_BYTES))


def _malformed(wire: bytes) -> bytes:
    """Return that a message was not understood, with its number and nothing else of it."""
    response = dns.message.Message(id=int.from_bytes(wire[:2], "big"))
    response.flags = dns.flags.QR
    response.set_rcode(dns.rcode.FORMERR)
    return response.to_wire()


def _response(query: dns.message.Message, answerer: Answerer) -> dns.message.Message:
    if query.opcode() != dns.opcode.QUERY:
        return _refusal(query, dns.rcode.NOTIMP)
    if len(query.question) != 1:
        return _refusal(query, dns.rcode.FORMERR)
    response = dns.message.make_response(query, our_payload=_LONGEST_DATAGRAM_BYTES)
    if query.edns > 0:
        response.set_rcode(dns.rcode.BADVERS)
        return response
    (asked,) = query.question
    if asked.rdclass != dns.rdataclass.IN:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    found = answerer(_question(asked))
    response.set_rcode(dns.rcode.Rcode(found.rcode))
    if found.rcode is not Rcode.REFUSED:
        response.flags |= dns.flags.AA
    response.answer.extend(_rrsets(found.records))
    response.authority.extend(_rrsets(found.authority))
    response.additional.extend(_rrsets(found.additional))
    return response


def _refusal(query: dns.message.Message, rcode: dns.rcode.Rcode) -> dns.message.Message:
    response = dns.message.Message(id=query.id)
    response.flags = dns.flags.QR | (query.flags & dns.flags.RD)
    response.set_opcode(query.opcode())
    response.set_rcode(rcode)
    return response


def _question(asked: dns.rrset.RRset) -> Question:
    labels = tuple(label.decode("latin-1").lower() for label in asked.name.labels if label)
    return Question(asked.name.to_text(), labels, dns.rdatatype.to_text(asked.rdtype))


def _rrsets(records: Iterable[Record]) -> list[dns.rrset.RRset]:
    """Return records as sets of those that have name and type in common, in the order of the first of each."""
    grouped: dict[tuple[str, str], dns.rrset.RRset] = {}
    for record in records:
        rrset = grouped.get((record.name, record.kind))
        kind = dns.rdatatype.from_text(record.kind)
        if rrset is None:
            rrset = dns.rrset.RRset(_name(record.name), dns.rdataclass.IN, kind)
            grouped[record.name, record.kind] = rrset
        rrset.add(_rdata(kind, record.data), record.ttl)
    return list(grouped.values())


@functools.lru_cache(maxsize=_REMEMBERED)
def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


@functools.lru_cache(maxsize=_REMEMBERED)
def _rdata(kind: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
    return dns.rdata.from_text(dns.rdataclass.IN, kind, text)
