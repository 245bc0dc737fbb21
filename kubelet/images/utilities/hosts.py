"""Names of hosts, as programs in a container see them."""

import ipaddress
import socket

from kubelet.fake.network import LOCAL_NAMES
from kubelet.fake.process import Process


class UnknownHost(OSError):
    """Nothing is known by that name."""


def resolve(process: Process, host: str) -> str:
    """Return a host's address: a literal one, the pod's own, or an entry of ``/etc/hosts``.

    Raises :class:`UnknownHost`.
    """
    if host in LOCAL_NAMES or process.resolves_to_self(host):
        return process.ip
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        pass
    try:
        text = process.fs.read("/etc/hosts").decode(errors="replace")
    except OSError:
        text = ""
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if host in names and ":" not in address:
            return process.ip if address in LOCAL_NAMES else address
    raise UnknownHost(socket.EAI_NONAME, f"{host}: Name or service not known")
