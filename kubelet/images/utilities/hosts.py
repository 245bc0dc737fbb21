"""Names of hosts, as programs in a container see them: its ``/etc/hosts``, then the name servers of its resolver."""

import ipaddress
import socket
from dataclasses import dataclass

from kubelet.fake.network import LOCAL_NAMES
from kubelet.fake.process import Process


class UnknownHost(OSError):
    """Nothing is known by that name."""


@dataclass(frozen=True, slots=True)
class Host:
    """``name`` is the one that the addresses belong to in the end."""

    name: str
    addresses: tuple[str, ...]


async def resolve(process: Process, host: str) -> str:
    """Return a host's first IPv4 address; raise :class:`UnknownHost`."""
    return (await look_up(process, host)).addresses[0]


async def look_up(process: Process, host: str) -> Host:
    """Return a host by a literal address, an entry of ``/etc/hosts``, the pod's own name, or by asking.

    Raises :class:`UnknownHost`.
    """
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return Host(host, ("127.0.0.1",))
    try:
        return Host(host, (str(ipaddress.IPv4Address(host)),))
    except ValueError:
        pass
    wanted = host.rstrip(".").lower()
    known = [entry for entry in host_entries(process) if wanted in (name.lower() for name in entry[1])]
    if own := [(address, names) for address, names in known if ":" not in address]:
        return Host(own[0][1][0], tuple(address for address, _ in own))
    if host == process.hostname:
        return Host(host, (process.ip,))
    return await _ask(process, host)


async def _ask(process: Process, host: str) -> Host:
    # Loaded by those who ask only: most containers know nobody but by address.
    from kubelet.images.utilities import dns_client

    unknown = UnknownHost(socket.EAI_NONAME, f"{host}: Name or service not known")
    if not dns_client.configuration(process).servers:
        raise unknown
    try:
        reply = await dns_client.search(process, host, "A")
    except (dns_client.NoAnswer, ValueError):
        raise UnknownHost(socket.EAI_AGAIN, f"{host}: Temporary failure in name resolution") from None
    addresses = reply.records("A")
    if not addresses:
        raise unknown
    owner = next(rrset.name.to_text(omit_final_dot=True) for rrset in reply.message.answer if rrset.rdtype == 1)
    return Host(owner, tuple(addresses))


async def name_of_address(process: Process, text: str) -> str:
    """Return the name that name servers have for an address; empty for none, and for what is no address."""
    try:
        reverse = ipaddress.ip_address(text).reverse_pointer
    except ValueError:
        return ""
    from kubelet.images.utilities import dns_client

    try:
        reply = await dns_client.ask_all(process, dns_client.configuration(process).servers, f"{reverse}.", "PTR")
    except dns_client.NoAnswer:
        return ""
    return next((name.rstrip(".") for name in reply.records("PTR")), "")


def host_entries(process: Process) -> list[tuple[str, list[str]]]:
    """Return the lines of ``/etc/hosts``: each an address and its names."""
    try:
        text = process.fs.read("/etc/hosts").decode(errors="replace")
    except OSError:
        return []
    split = [line.partition("#")[0].split() for line in text.splitlines()]
    return [(words[0], words[1:]) for words in split if len(words) > 1]
