"""Each row is a question, its outcome, and what is said in the answer and beside it."""

import pytest

from kubeproxy.dns.answers import TTL_SECONDS, Rcode, Record, Zone, answer, question, spelled_backwards
from tests.kubeproxy.dns.listed import CLUSTER, HTTP, Listed, end, piece, service

ZONE = Zone("cluster.local", "127.64.0.10", serial=7)
SOA = Record(
    "cluster.local.", "SOA", "ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 5", TTL_SECONDS
)
DB_A = ["A 127.128.0.5", "A 127.128.1.6"]
SVC = "default.svc.cluster.local."

FOUND = [
    (f"web.{SVC}", "A", ["A 127.64.0.20"]),
    ("kubernetes.default.svc.cluster.local.", "A", ["A 127.64.0.1"]),
    ("kube-dns.kube-system.svc.cluster.local.", "A", ["A 127.64.0.10"]),
    ("WEB.Default.SVC.cluster.LOCAL.", "A", ["A 127.64.0.20"]),
    (f"_http._tcp.web.{SVC}", "A", ["A 127.64.0.20"]),
    (f"db.{SVC}", "A", DB_A),
    (f"db.{SVC}", "AAAA", ["AAAA fd00::5"]),
    (f"db-0.db.{SVC}", "A", ["A 127.128.0.5"]),
    (f"DB-1.db.{SVC}", "A", ["A 127.128.1.6"]),
    (f"named.web.{SVC}", "A", ["A 127.128.0.9"]),
    (f"portless.{SVC}", "A", ["A 127.128.0.8"]),
    (f"127-128-0-8.portless.{SVC}", "A", ["A 127.128.0.8"]),
    (f"out.{SVC}", "A", ["CNAME foo.example.com."]),
    (f"out.{SVC}", "AAAA", ["CNAME foo.example.com."]),
    (f"out.{SVC}", "CNAME", ["CNAME foo.example.com."]),
    (f"in.{SVC}", "A", ["CNAME web.default.svc.cluster.local.", "A 127.64.0.20"]),
    (
        f"chain.{SVC}",
        "A",
        ["CNAME in.default.svc.cluster.local.", "CNAME web.default.svc.cluster.local.", "A 127.64.0.20"],
    ),
    ("127-128-3-4.default.pod.cluster.local.", "A", ["A 127.128.3.4"]),
    ("fd00--5.default.pod.cluster.local.", "AAAA", ["AAAA fd00::5"]),
    ("dns-version.cluster.local.", "TXT", ['TXT "1.1.0"']),
    ("cluster.local.", "SOA", [f"SOA {SOA.data}"]),
    ("cluster.local.", "NS", ["NS kube-dns.kube-system.svc.cluster.local.", "+A 127.64.0.10"]),
    ("ns.dns.cluster.local.", "A", ["A 127.64.0.10"]),
    (f"_http._tcp.web.{SVC}", "SRV", [f"SRV 0 100 80 web.{SVC}", "+A 127.64.0.20"]),
    (
        "_dns._udp.kube-dns.kube-system.svc.cluster.local.",
        "SRV",
        ["SRV 0 100 53 kube-dns.kube-system.svc.cluster.local.", "+A 127.64.0.10"],
    ),
    (
        "kube-dns.kube-system.svc.cluster.local.",
        "SRV",
        ["SRV 0 50 53 kube-dns.kube-system.svc.cluster.local.", "+A 127.64.0.10"],
    ),
    (f"web.{SVC}", "SRV", [f"SRV 0 50 80 web.{SVC}", f"SRV 0 50 9100 web.{SVC}", "+A 127.64.0.20"]),
    (f"plain.{SVC}", "SRV", [f"SRV 0 100 80 plain.{SVC}", "+A 127.64.0.21"]),
    (
        f"_sql._tcp.db.{SVC}",
        "SRV",
        [
            f"SRV 0 33 5432 db-0.db.{SVC}",
            f"SRV 0 33 5432 db-1.db.{SVC}",
            "+A 127.128.0.5",
            "+AAAA fd00::5",
            "+A 127.128.1.6",
        ],
    ),
    (f"out.{SVC}", "SRV", ["SRV 0 100 0 foo.example.com."]),
    ("20.0.64.127.in-addr.arpa.", "PTR", ["PTR web.default.svc.cluster.local."]),
    ("5.0.128.127.in-addr.arpa.", "PTR", ["PTR db-0.db.default.svc.cluster.local."]),
    ("8.0.128.127.in-addr.arpa.", "PTR", ["PTR 127-128-0-8.portless.default.svc.cluster.local."]),
    ("5." + "0." * 27 + "0.0.d.f.IP6.ARPA.", "PTR", ["PTR db-0.db.default.svc.cluster.local."]),
]


@pytest.mark.parametrize(("name", "kind", "said"), FOUND, ids=[f"{kind} {name}" for name, kind, _ in FOUND])
def test_found(name: str, kind: str, said: list[str]) -> None:
    found = answer(question(name, kind), CLUSTER, ZONE)
    assert found.rcode is Rcode.NOERROR
    assert not found.authority
    assert [f"{record.kind} {record.data}" for record in found.records] + [
        f"+{record.kind} {record.data}" for record in found.additional
    ] == said
    assert found.records[0].name in {name, "cluster.local."}
    assert {record.ttl for record in found.records} == {28_800 if kind == "TXT" else TTL_SECONDS}


NODATA = [
    (f"web.{SVC}", "AAAA"),
    (f"web.{SVC}", "MX"),
    (f"web.{SVC}", "ANY"),
    (f"web.{SVC}", "CNAME"),
    (f"web.{SVC}", "SOA"),
    (f"portless.{SVC}", "SRV"),
    ("cluster.local.", "A"),
    ("svc.cluster.local.", "A"),
    ("default.svc.cluster.local.", "A"),
    ("pod.cluster.local.", "A"),
    ("dns-version.cluster.local.", "A"),
    ("127-128-3-4.default.pod.cluster.local.", "AAAA"),
]

NXDOMAIN = [
    (f"nobody.{SVC}", "A"),
    ("web.other.svc.cluster.local.", "A"),
    (f"_ftp._tcp.web.{SVC}", "SRV"),
    (f"_http._udp.web.{SVC}", "SRV"),
    (f"nobody.db.{SVC}", "A"),
    (f"db-2.db.{SVC}", "A"),
    (f"empty.{SVC}", "A"),
    (f"literal.{SVC}", "A"),
    (f"x.out.{SVC}", "A"),
    (f"a.b.c.d.web.{SVC}", "A"),
    ("web.default.cluster.local.", "A"),
    ("web.cluster.local.", "A"),
    ("not-an-address.default.pod.cluster.local.", "A"),
    ("1-2-3-400.default.pod.cluster.local.", "A"),
    ("a.1-2-3-4.default.pod.cluster.local.", "A"),
]


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [(*row, Rcode.NOERROR) for row in NODATA] + [(*row, Rcode.NXDOMAIN) for row in NXDOMAIN],
    ids=[f"{kind} {name}" for name, kind in NODATA + NXDOMAIN],
)
def test_nothing(name: str, kind: str, rcode: Rcode) -> None:
    found = answer(question(name, kind), CLUSTER, ZONE)
    assert (found.rcode, found.records, found.authority, found.additional) == (rcode, (), (SOA,), ())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("example.com.", "A"), ("local.", "A"), (".", "NS"), ("notcluster.local.", "A"), ("cluster.local.", "AXFR")],
)
def test_refused(name: str, kind: str) -> None:
    found = answer(question(name, kind), CLUSTER, ZONE)
    assert found.rcode is Rcode.REFUSED
    assert not found.records + found.authority


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        ("9.9.9.9.in-addr.arpa.", "PTR", Rcode.NXDOMAIN),
        ("64.127.in-addr.arpa.", "PTR", Rcode.NXDOMAIN),
        ("7.0.128.127.in-addr.arpa.", "PTR", Rcode.NXDOMAIN),
        ("20.0.64.127.in-addr.arpa.", "A", Rcode.NOERROR),
        ("in-addr.arpa.", "NS", Rcode.NOERROR),
    ],
)
def test_no_such_address(name: str, kind: str, rcode: Rcode) -> None:
    found = answer(question(name, kind), CLUSTER, ZONE)
    assert (found.rcode, found.records) == (rcode, ())
    assert found.authority[0].name == "in-addr.arpa."


def test_an_alias_of_itself_has_an_end() -> None:
    found = answer(question(f"loop.{SVC}", "A"), CLUSTER, ZONE)
    assert {record.kind for record in found.records} == {"CNAME"}
    assert len(found.records) <= 8


def test_a_domain_of_another_name() -> None:
    zone = Zone("kube.example.org", "127.64.0.10")
    (record,) = answer(question("web.default.svc.kube.example.org.", "A"), CLUSTER, zone).records
    assert record.data == "127.64.0.20"
    (record,) = answer(question("20.0.64.127.in-addr.arpa.", "PTR"), CLUSTER, zone).records
    assert record.data == "web.default.svc.kube.example.org."
    assert answer(question(f"web.{SVC}", "A"), CLUSTER, zone).rcode is Rcode.REFUSED


def test_one_pod_behind_two_services_has_both_names() -> None:
    ends = end("127.128.0.5")
    view = Listed([service("a", "None", HTTP), service("b", "None", HTTP)], [piece("a", ends), piece("b", ends)])
    found = answer(question("5.0.128.127.in-addr.arpa.", "PTR"), view, ZONE)
    assert [record.data for record in found.records] == [f"127-128-0-5.{name}.{SVC}" for name in ("a", "b")]


@pytest.mark.parametrize(
    ("labels", "address"),
    [
        (("4", "3", "2", "1", "in-addr", "arpa"), "1.2.3.4"),
        (("x", "3", "2", "1", "in-addr", "arpa"), ""),
        (("3", "2", "1", "in-addr", "arpa"), ""),
        ((*["0"] * 31, "x", "ip6", "arpa"), ""),
        ((*["0"] * 30, "00", "0", "ip6", "arpa"), ""),
        (("1", *["0"] * 31, "ip6", "arpa"), "::1"),
    ],
)
def test_addresses_spelled_backwards(labels: tuple[str, ...], address: str) -> None:
    assert spelled_backwards(labels) == address
