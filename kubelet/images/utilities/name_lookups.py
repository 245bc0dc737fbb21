"""``nslookup`` and ``host``: names and addresses, looked up at name servers."""

import ipaddress

import dns.rdatatype
import dns.reversename
import dns.rrset

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, parse_options, say
from kubelet.images.utilities.dns_client import NoAnswer, Reply, ask_all, configuration, search

_SAID = {"CNAME": "canonical name =", "PTR": "name =", "SRV": "service =", "MX": "mail exchanger =",
         "NS": "nameserver =", "TXT": "text =", "SOA": "origin ="}  # fmt: skip
_HOST_SAID = {"A": "has address", "AAAA": "has IPv6 address", "CNAME": "is an alias for",
              "PTR": "domain name pointer", "SRV": "has SRV record", "MX": "mail is handled by",
              "NS": "name server", "TXT": "descriptive text"}  # fmt: skip


def _reversed(name: str) -> str:
    """Return the name that stands for an address, empty for what is none."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return ""
    return dns.reversename.from_address(name).to_text()


async def _replies(process: Process, name: str, kinds: list[str], server: str) -> list[Reply]:
    """Ask for several types; the search paths are gone through unless a server is named."""
    reverse = _reversed(name)
    try:
        if server or reverse:
            servers = [server] if server else list(configuration(process).servers)
            wanted = [reverse or f"{name.rstrip('.')}."]
            kinds = ["PTR"] if reverse else kinds
            return [await ask_all(process, servers, each, kind) for each in wanted for kind in kinds]
        first = await search(process, name, kinds[0])
        rest = [await ask_all(process, [first.server], first.name, kind) for kind in kinds[1:]]
        return [first, *rest]
    except ValueError as error:
        raise CommandFault(f"bad name '{name}': {error}") from None


async def nslookup(process: Process) -> int:
    """``nslookup [-type=TYPE] NAME [SERVER]``, as busybox shows it: 1 when there is no such name."""
    kinds, operands = ["A", "AAAA"], []
    for word in process.argv[1:]:
        key, _, value = word.partition("=")
        if key in {"-type", "-t", "-q", "-querytype", "-query"} and value:
            kinds = [value.upper()]
        elif not word.startswith("-"):
            operands.append(word)
    if not operands:
        raise CommandFault("usage: nslookup [-type=QUERY_TYPE] HOST [DNS_SERVER]")
    name, server = operands[0], operands[1] if len(operands) > 1 else ""
    try:
        replies = await _replies(process, name, kinds, server)
    except NoAnswer:
        await say(process, ";; connection timed out; no servers could be reached\n")
        return 1
    await say(process, f"Server:\t\t{replies[0].server}\nAddress:\t{replies[0].server}:53\n")
    status = 1
    for reply in replies:
        if reply.rcode != "NOERROR":
            await say(process, f"** server can't find {reply.name.rstrip('.')}: {reply.rcode}\n")
            continue
        lines = [line for rrset in reply.message.answer for line in _shown(rrset)]
        status = 0
        if lines:
            await say(process, "\n".join(lines) + "\n")
    return status


def _shown(rrset: dns.rrset.RRset) -> list[str]:
    owner, kind = rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)
    data = [record.to_text().removesuffix(".") for record in rrset]
    if kind in {"A", "AAAA"}:
        return [f"Name:\t{owner}\nAddress: {address}" for address in data]
    return [f"{owner}\t{_SAID.get(kind, f'{kind} =')} {text}" for text in data]


async def host(process: Process) -> int:
    """``host [-t TYPE] NAME [SERVER]``: 1 when there is no such name."""
    options = parse_options(process.argv[1:], "avr4", "tW")
    if not options.operands:
        raise CommandFault("usage: host [-t TYPE] NAME [SERVER]")
    name, server = options.operands[0], options.operands[1] if len(options.operands) > 1 else ""
    kinds = [options.values["t"].upper()] if "t" in options.values else ["A", "AAAA"]
    try:
        replies = await _replies(process, name, kinds, server)
    except NoAnswer:
        await say(process, ";; connection timed out; no servers could be reached")
        return 1
    if replies[0].rcode != "NOERROR":
        await say(process, f"Host {name} not found: {replies[0].message.rcode()}({replies[0].rcode})")
        return 1
    seen: list[str] = []
    for reply in replies:
        for rrset in reply.message.answer:
            owner, kind = rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)
            seen += [f"{owner} {_HOST_SAID.get(kind, f'has {kind} record')} {record.to_text()}" for record in rrset]
    await say(process, "\n".join(dict.fromkeys(seen)) or f"{name} has no {kinds[0]} record")
    return int(not seen)
