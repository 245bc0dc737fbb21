"""``dig``: questions to name servers and their answers, in the words of BIND's tool."""

import re
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.reversename
import dns.rrset

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, say
from kubelet.images.utilities.dns_client import PORT, NoAnswer, ask, candidates, configuration

_SECTIONS = ("comments", "question", "answer", "authority", "additional", "stats", "cmd")
_TYPES = frozenset({"A", "AAAA", "ANY", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"})
_UNREACHABLE = 9


@dataclass(slots=True)
class _Query:
    name: str = "."
    kind: str = "A"
    server: str = ""
    port: int = PORT
    tcp: bool = False
    search: bool = False
    short: bool = False
    seconds: float = 5.0
    tries: int = 3
    shown: set[str] = field(default_factory=lambda: set(_SECTIONS))


async def dig(process: Process) -> int:
    """``dig [@SERVER] [-p PORT] [-t TYPE] [-x ADDRESS] [NAME] [TYPE] [+[no]OPTION]...``: 9 when nobody answers."""
    query = _parse(process.argv[1:])
    config = configuration(process)
    servers = [query.server] if query.server else list(config.servers)
    names = candidates(query.name, config) if query.search else [f"{query.name.rstrip('.')}."]
    answered: tuple[dns.message.Message, str] | None = None
    for name in names:
        answered = await _asked(process, query, servers, name)
        if answered is None:
            return _UNREACHABLE
        if answered[0].answer or answered[0].rcode() != dns.rcode.NXDOMAIN:
            break
    assert answered is not None
    message, server = answered
    if query.short:
        lines = [record.to_text() for rrset in message.answer for record in rrset]
    else:
        lines = _report(process, query, message, server)
    if lines:
        await say(process, "\n".join(lines))
    return 0


async def _asked(
    process: Process, query: _Query, servers: list[str], name: str
) -> tuple[dns.message.Message, str] | None:
    reason = "no servers could be reached"
    for server in servers * query.tries:
        try:
            return (
                await ask(process, server, name, query.kind, tcp=query.tcp, port=query.port, seconds=query.seconds),
                server,
            )
        except ValueError as error:
            raise CommandFault(f"'{name}' is not a legal name ({error})", 10) from None
        except TimeoutError:
            reason = "timed out"
        except (NoAnswer, OSError) as error:
            reason = (error.strerror or "end of file").lower()
        await say(process, f";; communications error to {server}#{query.port}: {reason}")
    await say(process, ";; no servers could be reached")
    return None


def _parse(words: list[str]) -> _Query:
    query, rest, named = _Query(), list(words), False
    while rest:
        word = rest.pop(0)
        if word.startswith("@"):
            query.server = word[1:]
        elif word.startswith("+"):
            _option(query, word[1:])
        elif word in {"-p", "-t", "-x", "-q"} and rest:
            value = rest.pop(0)
            match word:
                case "-p":
                    query.port = int(value) if value.isdecimal() else PORT
                case "-t":
                    query.kind = value.upper()
                case "-q":
                    query.name, named = value, True
                case _:
                    query.name, query.kind, named = dns.reversename.from_address(value).to_text(), "PTR", True
        elif word.upper() in _TYPES:
            query.kind = word.upper()
        elif word.upper() not in {"IN", "-4"}:
            query.name, named = word, True
    if not named:
        query.kind = "NS"
    return query


def _option(query: _Query, word: str) -> None:
    found = re.fullmatch(r"(no)?([a-z]+)(?:=(\d+))?", word)
    if found is None:
        raise CommandFault(f"Invalid option: +{word}", 1)
    on, name, value = not found[1], found[2], int(found[3] or 0)
    match name:
        case "all":
            query.shown = set(_SECTIONS) if on else set()
        case "tcp" | "vc":
            query.tcp = on
        case "search" | "defname":
            query.search = on
        case "short":
            query.short = on
        case "time" | "timeout":
            query.seconds = max(1.0, float(value))
        case "tries" | "retry":
            query.tries = max(1, value + (name == "retry"))
        case _ if name in _SECTIONS:
            query.shown = query.shown | {name} if on else query.shown - {name}


def _columns(*cells: str) -> str:
    """Lay cells out at columns 24, 32, 40 and 48, by tabs, as dig does; a blank where there is no room."""
    line, width = cells[0], len(cells[0])
    for cell, column in zip(cells[1:], (24, 32, 40, 48), strict=True):
        tabs = max(0, -(-(column - width) // 8))
        line += "\t" * tabs if tabs else " "
        width = max(column, width + 1) + len(cell)
        line += cell
    return line


def _rows(rrset: dns.rrset.RRset) -> list[str]:
    kind = dns.rdatatype.to_text(rrset.rdtype)
    return [_columns(rrset.name.to_text(), str(rrset.ttl), "IN", kind, record.to_text()) for record in rrset]


def _report(process: Process, query: _Query, message: dns.message.Message, server: str) -> list[str]:
    lines: list[str] = []
    if "cmd" in query.shown:
        lines += ["", f"; <<>> DiG 9.18 <<>> {' '.join(process.argv[1:])}", ";; global options: +cmd"]
    if "comments" in query.shown:
        counts = [len(section) for section in message.sections]
        names = ("QUERY", "ANSWER", "AUTHORITY", "ADDITIONAL")
        lines += [
            ";; Got answer:",
            f";; ->>HEADER<<- opcode: {dns.opcode.to_text(message.opcode())}, "
            f"status: {dns.rcode.to_text(message.rcode())}, id: {message.id}",
            f";; flags: {dns.flags.to_text(message.flags).lower()}; "
            + ", ".join(f"{name}: {count}" for name, count in zip(names, counts, strict=True)),
            "",
        ]
    for title, section in zip(("question", "answer", "authority", "additional"), message.sections, strict=True):
        if title not in query.shown or not section:
            continue
        if "comments" in query.shown:
            lines.append(f";; {title.upper()} SECTION:")
        if title == "question":
            lines += [f";{rrset.name}\t\tIN\t{dns.rdatatype.to_text(rrset.rdtype)}" for rrset in section]
        else:
            lines += [row for rrset in section for row in _rows(rrset)]
        if "comments" in query.shown:
            lines.append("")
    if "stats" in query.shown:
        protocol = "TCP" if query.tcp else "UDP"
        now = process.clock.now()
        lines += [
            ";; Query time: 0 msec",
            f";; SERVER: {server}#{query.port}({server}) ({protocol})",
            f";; WHEN: {now:%a %b %d %H:%M:%S} UTC {now.year}",
            f";; MSG SIZE  rcvd: {len(message.to_wire())}",
            "",
        ]
    return lines
