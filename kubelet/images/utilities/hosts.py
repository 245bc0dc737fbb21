"""Names of hosts, as programs in a container see them."""

import ipaddress
import socket

from kubelet.fake.network import LOCAL_NAMES
from kubelet.fake.process import Process


class UnknownHost(OSError):
    """Nothing is known by that name."""


def resolve(process: Process, host: str) -> str:
    """Return a host's address: a literal one, an entry of ``/etc/hosts``, or the pod's own by its name.

    Raises :class:`UnknownHost`.
    """
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        pass
    wanted = host.rstrip(".").lower()
    for address, names in host_entries(process):
        if wanted in (name.lower() for name in names) and ":" not in address:
            return address
    if host == process.hostname:
        return process.ip
    raise UnknownHost(socket.EAI_NONAME, f"{host}: Name or service not known")


def host_entries(process: Process) -> list[tuple[str, list[str]]]:
    """Return the lines of ``/etc/hosts``: each an address and its names."""
    try:
        text = process.fs.read("/etc/hosts").decode(errors="replace")
    except OSError:
        return []
    split = [line.partition("#")[0].split() for line in text.splitlines()]
    return [(words[0], words[1:]) for words in split if len(words) > 1]
