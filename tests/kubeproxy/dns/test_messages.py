"""What is sent, what comes back: real messages."""

import dns.flags
import dns.message
import dns.rcode
import dns.update
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeproxy.dns.answers import Answer, Question, Zone, answer
from kubeproxy.dns.messages import respond
from tests.kubeproxy.dns.listed import CLUSTER, HTTP, Listed, end, piece, service

ZONE = Zone("cluster.local", "127.64.0.10")
MANY = Listed(
    [service("many", "None", HTTP)],
    [piece("many", *(end(f"127.128.{high}.{low}") for high in range(3) for low in range(1, 101)), ports=[HTTP])],
)
NAME = "many.default.svc.cluster.local."


def from_cluster(asked: Question) -> Answer:
    return answer(asked, CLUSTER, ZONE)


def from_many(asked: Question) -> Answer:
    return answer(asked, MANY, ZONE)


def ask(query: dns.message.Message) -> dns.message.Message:
    wire = respond(query.to_wire(), from_cluster, datagram=True)
    assert wire is not None
    response = dns.message.from_wire(wire)
    assert query.is_response(response)
    return response


def test_an_answer_is_from_an_authority() -> None:
    response = ask(dns.message.make_query("Web.default.svc.cluster.local.", "A"))
    assert dns.flags.to_text(response.flags) == "QR AA RD"
    assert [rrset.to_text() for rrset in response.answer] == ["Web.default.svc.cluster.local. 5 IN A 127.64.0.20"]


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("_sql._tcp.db.default.svc.cluster.local.", "SRV", [2, 0, 3]),
        ("dns-version.cluster.local.", "TXT", [1, 0, 0]),
        ("cluster.local.", "NS", [1, 0, 1]),
        ("cluster.local.", "SOA", [1, 0, 0]),
        ("chain.default.svc.cluster.local.", "A", [3, 0, 0]),
        ("nobody.default.svc.cluster.local.", "TYPE65", [0, 1, 0]),
        ("20.0.64.127.in-addr.arpa.", "PTR", [1, 0, 0]),
    ],
)
def test_all_sorts_of_records_are_written(name: str, kind: str, said: list[int]) -> None:
    response = ask(dns.message.make_query(name, kind))
    assert [sum(map(len, section)) for section in response.sections[1:]] == said


def test_who_is_refused_has_no_authority() -> None:
    response = ask(dns.message.make_query("example.com.", "A"))
    assert (response.rcode(), dns.flags.to_text(response.flags)) == (dns.rcode.REFUSED, "QR RD")


@pytest.mark.parametrize(
    ("payload", "datagram", "limit", "cut"),
    [
        (None, True, 512, True),
        (100, True, 512, True),
        (1232, True, 1232, True),
        (65_535, True, 4096, True),
        (None, False, 65_535, False),
    ],
)
def test_too_long_for_a_datagram(payload: int | None, datagram: bool, limit: int, cut: bool) -> None:
    query = dns.message.make_query(NAME, "A", use_edns=False if payload is None else 0, payload=payload or 0)
    wire = respond(query.to_wire(), from_many, datagram=datagram)
    assert wire is not None
    assert len(wire) <= limit
    response = dns.message.from_wire(wire, raise_on_truncation=False)
    assert bool(response.flags & dns.flags.TC) is cut
    assert cut or len(response.answer[0]) == 300
    assert (response.edns >= 0) is (payload is not None)


def test_addresses_take_turns() -> None:
    """Who takes the first address of a headless Service does not always get the same pod."""
    wire = dns.message.make_query(NAME, "A").to_wire()
    answers = [respond(wire, from_many, datagram=False) for _ in range(20)]
    assert len({dns.message.from_wire(each).answer[0][0].to_text() for each in answers if each is not None}) > 1


def test_what_is_not_understood() -> None:
    assert ask(dns.update.UpdateMessage("cluster.local.")).rcode() == dns.rcode.NOTIMP
    assert ask(dns.message.make_query("web.default.svc.cluster.local.", "A", rdclass="CH")).rcode() == dns.rcode.REFUSED
    assert ask(dns.message.make_query("a.cluster.local.", "A", use_edns=1)).rcode() == dns.rcode.BADVERS


@pytest.mark.parametrize(
    ("wire", "rcode"),
    [
        (b"", None),
        (b"\x01\x02\x01\x00\x00\x01", None),
        (b"\x01\x02\x81\x00" + bytes(8), None),
        (b"\x01\x02\x01\x00" + bytes(8), dns.rcode.FORMERR),
        (b"\x01\x02\x01\x00\x00\x01" + bytes(6), dns.rcode.FORMERR),
        (b"\x01\x02\x01\x00\x00\x01" + bytes(6) + b"\xc0\x0c\x00\x01\x00\x01", dns.rcode.FORMERR),
        (b"\x01\x02\x01\x00\x00\x02" + bytes(6) + b"\x01a\x00\x00\x01\x00\x01" * 2, dns.rcode.FORMERR),
    ],
    ids=["empty", "short", "a-response", "no-question", "cut", "pointer-to-itself", "two-questions"],
)
def test_malformed(wire: bytes, rcode: dns.rcode.Rcode | None) -> None:
    response = respond(wire, from_cluster, datagram=True)
    if rcode is None:
        assert response is None
    else:
        assert response is not None
        assert (response[:2], response[3] & 15) == (b"\x01\x02", rcode)


WIRE = dns.message.make_query("_http._tcp.web.default.svc.cluster.local.", "SRV", use_edns=0).to_wire()


@given(st.binary(max_size=80))
def test_any_bytes(tail: bytes) -> None:
    """Whatever comes is answered or dropped."""
    respond(WIRE[:2] + tail, from_cluster, datagram=True)


@given(st.lists(st.tuples(st.integers(2, len(WIRE) - 1), st.integers(0, 255)), max_size=4))
def test_broken_questions(changes: list[tuple[int, int]]) -> None:
    wire = bytearray(WIRE)
    for place, value in changes:
        wire[place] = value
    response = respond(bytes(wire), from_cluster, datagram=True)
    assert response is None or response[:2] == WIRE[:2]
