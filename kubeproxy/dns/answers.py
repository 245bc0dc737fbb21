"""What a question is answered with, as a function of what is known of the cluster.

CoreDNS's ``plugin/kubernetes/handler.go`` and ``plugin/backend_lookup.go`` (v1.12), for a server that asks no other.
"""

import enum
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kubeproxy.dns.targets import NO_PORT, Target, names_of, targets
from kubeproxy.dns.view import View

TTL_SECONDS = 5
"""How long answers may be kept, the default of CoreDNS's plugin."""

SCHEMA_VERSION = "1.1.0"
"""Of the specification that names follow, under ``dns-version``."""
_SCHEMA_TTL_SECONDS = 28_800

SERVER_NAME = "kube-dns.kube-system.svc"
_PRIMARY_NAME = "ns.dns"
_MOST_ALIASES = 8
_TRANSFERS = frozenset({"AXFR", "IXFR"})


class Rcode(enum.IntEnum):
    """The outcomes that answers have."""

    NOERROR = 0
    NXDOMAIN = 3
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Record:
    """A resource record of class IN; ``data`` is in the form of zone files."""

    name: str
    kind: str
    data: str
    ttl: int = TTL_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    rcode: Rcode = Rcode.NOERROR
    records: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """``name`` is the name as it was asked for, with a dot at its end; ``labels`` are its parts in small letters."""

    name: str
    labels: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Zone:
    """The domain that is answered for, ``address`` the server's own. ``serial`` grows with what is known."""

    domain: str
    address: str
    serial: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.domain.lower().split("."))

    def name(self, below: str) -> str:
        """Return the full name of one below the domain."""
        return f"{below}.{self.domain}."

    def below(self, labels: Sequence[str]) -> tuple[str, ...] | None:
        """Return the labels before the domain; ``None`` for a name outside of it."""
        own = self.labels
        if tuple(labels[-len(own) :]) != own:
            return None
        return tuple(labels[: -len(own)])


def question(name: str, kind: str) -> Question:
    """Return the question for a name without escapes."""
    return Question(name, tuple(label for label in name.lower().split(".") if label), kind)


def answer(asked: Question, view: View, zone: Zone) -> Answer:
    """Return the answer to one question.

    What is neither in the cluster's domain nor an address spelled backwards is refused: there is nobody to ask, and a
    resolver with other servers then goes on to the next of them.
    """
    if asked.kind in _TRANSFERS:
        return Answer(Rcode.REFUSED)
    if asked.labels[-2:] in {("in-addr", "arpa"), ("ip6", "arpa")}:
        return _reverse(asked, view, zone)
    below = zone.below(asked.labels)
    if below is None:
        return Answer(Rcode.REFUSED)
    if not below and asked.kind == "SOA":
        return Answer(records=(_soa(zone, zone.domain),))
    if not below and asked.kind == "NS":
        server = zone.name(SERVER_NAME)
        return Answer(
            records=(Record(asked.name, "NS", server),), additional=_addresses(server, [zone.address], ("A", "AAAA"))
        )
    if below == ("dns-version",):
        text = Record(asked.name, "TXT", f'"{SCHEMA_VERSION}"', _SCHEMA_TTL_SECONDS)
        return Answer(records=(text,)) if asked.kind == "TXT" else _nothing(zone, zone.domain)
    found = _targets(below, view, zone)
    if found is None:
        return _nothing(zone, zone.domain, Rcode.NXDOMAIN)
    return _of_targets(asked, found, view, zone)


def _targets(below: tuple[str, ...], view: View, zone: Zone) -> list[Target] | None:
    if below == ("ns", "dns"):
        return [Target(zone.address, _PRIMARY_NAME)]
    return targets(below, view)


def _of_targets(asked: Question, found: list[Target], view: View, zone: Zone) -> Answer:
    records: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    match asked.kind:
        case "A" | "AAAA":
            records = _host_records(asked, found, view, zone)
        case "CNAME":
            records = tuple(Record(asked.name, "CNAME", target.host) for target in found if target.alias)
        case "SRV":
            records, additional = _srv(asked, found, zone)
    return Answer(records=records, additional=additional) if records else _nothing(zone, zone.domain)


def _host_records(asked: Question, found: list[Target], view: View, zone: Zone) -> tuple[Record, ...]:
    """Return addresses, behind the aliases that lead to them. An alias that leaves the domain is the end."""
    records: list[Record] = []
    name = asked.name
    while (aliases := [target for target in found if target.alias]) and len(records) < _MOST_ALIASES:
        records.append(Record(name, "CNAME", aliases[0].host))
        name = aliases[0].host
        below = zone.below(question(name, asked.kind).labels)
        found = (_targets(below, view, zone) or []) if below is not None else []
    hosts = [target.host for target in found if not target.alias]
    return (*records, *_addresses(name, hosts, (asked.kind,)))


def _addresses(name: str, hosts: Iterable[str], kinds: Sequence[str]) -> tuple[Record, ...]:
    records = [Record(name, "AAAA" if ":" in host else "A", host) for host in dict.fromkeys(hosts)]
    return tuple(record for record in records if record.kind in kinds)


def _srv(asked: Question, found: list[Target], zone: Zone) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Return the records, and the addresses of what they name. All have one priority, and share a weight of 100.

    Two that look the same, such as those of one port over UDP and TCP, are one, with the weight of one.
    """
    ported = [target for target in found if target.port != NO_PORT]
    weight = max(1, 100 // len(ported)) if ported else 0
    records: list[Record] = []
    hosts: dict[str, list[str]] = {}
    for target in ported:
        name = target.host if target.alias else zone.name(target.owner)
        records.append(Record(asked.name, "SRV", f"0 {weight} {target.port} {name}"))
        if not target.alias:
            hosts.setdefault(name, []).append(target.host)
    return (
        tuple(dict.fromkeys(records)),
        tuple(record for name, own in hosts.items() for record in _addresses(name, own, ("A", "AAAA"))),
    )


def _reverse(asked: Question, view: View, zone: Zone) -> Answer:
    parent = ".".join(asked.labels[-2:])
    if asked.labels == tuple(parent.split(".")):
        return Answer(records=(_soa(zone, parent),)) if asked.kind == "SOA" else _nothing(zone, parent)
    names = names_of(spelled_backwards(asked.labels), view)
    if not names:
        return _nothing(zone, parent, Rcode.NXDOMAIN)
    if asked.kind != "PTR":
        return _nothing(zone, parent)
    return Answer(records=tuple(Record(asked.name, "PTR", zone.name(name)) for name in names))


def spelled_backwards(labels: Sequence[str]) -> str:
    """Return the address that a name below ``in-addr.arpa`` or ``ip6.arpa`` stands for; empty when it is for none."""
    parts = list(reversed(labels[:-2]))
    try:
        if labels[-2] == "in-addr":
            return str(ipaddress.IPv4Address(".".join(parts)))
        if len(parts) == 32 and all(len(part) == 1 for part in parts):
            return str(ipaddress.IPv6Address(int("".join(parts), 16)))
    except ValueError:
        pass
    return ""


def _soa(zone: Zone, domain: str) -> Record:
    timers = f"{zone.serial} 7200 1800 86400 {TTL_SECONDS}"
    return Record(f"{domain}.", "SOA", f"{_PRIMARY_NAME}.{domain}. hostmaster.{domain}. {timers}")


def _nothing(zone: Zone, domain: str, rcode: Rcode = Rcode.NOERROR) -> Answer:
    """Return that there is no such name, or no such record of it; the authority's record says for how long."""
    return Answer(rcode, authority=(_soa(zone, domain),))
