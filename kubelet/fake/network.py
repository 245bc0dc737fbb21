"""The pod network: every pod has an address of its own on loopback, and connections are real TCP and UDP.

Linux answers on all of 127.0.0.0/8, so an address needs no set-up and no privilege. A pod's *loopback* is no address of
its own: what listens there is bound to a free port of the pod's address, which only that pod finds. Ports that this
user may not bind are replaced as :mod:`componentbase.low_ports` says. Whoever connects through :class:`PodNetwork` need
not care for either.
"""

import asyncio
import contextlib
import enum
import errno
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable
from typing import Literal

from componentbase.low_ports import in_order, may_bind, stand_in
from kubelet.runtime import PortMapped, RuntimeFault

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "::", ""})
ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})

Protocol = Literal["tcp", "udp"]
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_BACKLOG = 128


class AddressesExhausted(RuntimeFault):
    """Every address of the node's range is in use."""


class Scope(enum.Enum):
    """From where a listener is reached: from anywhere, or only by one of the two addresses that every pod has."""

    ANY = enum.auto()
    ADDRESS = enum.auto()
    LOOPBACK = enum.auto()


def scope_of(host: str) -> Scope:
    """Return what binding to ``host`` means: ``0.0.0.0``, ``127.0.0.1``, or the pod's own address."""
    if host in ANY_ADDRESS:
        return Scope.ANY
    return Scope.LOOPBACK if host in LOCAL_NAMES else Scope.ADDRESS


class Bound:
    """A port that somebody listens on, until :meth:`close`."""

    __slots__ = ("_table", "ip", "kind", "port", "real_port", "scope", "socket", "what")

    def __init__(
        self, table: "dict[tuple[Protocol, str, int], list[Bound]]", kind: Protocol, ip: str, port: int, scope: Scope
    ) -> None:
        self._table = table
        self.kind = kind
        self.ip = ip
        self.port = port
        self.real_port = port
        self.scope = scope
        self.socket = socket.socket(socket.AF_INET, _KINDS[kind])
        self.what: asyncio.Server | asyncio.DatagramTransport | None = None

    def close(self) -> None:
        """Listen no more; may be called twice."""
        if self.what is not None:
            self.what.close()
        else:
            self.socket.close()
        key = (self.kind, self.ip, self.port)
        others = [other for other in self._table.get(key, ()) if other is not self]
        if others:
            self._table[key] = others
        else:
            self._table.pop(key, None)


class PodNetwork:
    """The addresses of one node's pods, and who listens on them.

    ``cidr`` is the node's ``podCIDR``. Its first address is the node's own, unless ``node_address`` names another; pods
    get the others, in turn, so that a freed address is not used again at once. Ports below ``lowest_port`` are replaced
    without a try to bind them; 0 tries all.
    """

    def __init__(self, cidr: str, *, node_address: str = "", lowest_port: int = 0) -> None:
        network = ipaddress.IPv4Network(cidr)
        if network.num_addresses < 4:
            raise ValueError(f"{cidr} leaves no address for a pod")
        self.cidr = cidr
        self._lowest_port = lowest_port
        self.gateway = node_address or str(network.network_address + 1)
        self._first = int(network.network_address) + 2
        self._count = network.num_addresses - 3
        self._next = 0
        self._used: set[str] = {self.gateway}
        self._avoided: set[str] = set()
        self._bound: dict[tuple[Protocol, str, int], list[Bound]] = {}
        self._observers: list[Callable[[PortMapped], None]] = []

    def on_port_mapped(self, observer: Callable[[PortMapped], None]) -> None:
        """Call ``observer`` whenever a port had to be replaced by a high one."""
        self._observers.append(observer)

    # Addresses

    def allocate(self) -> str:
        """Return an address no pod has; raise :class:`AddressesExhausted`."""
        for avoided in (self._avoided, frozenset[str]()):
            for _ in range(self._count):
                address = str(ipaddress.IPv4Address(self._first + self._next))
                self._next = (self._next + 1) % self._count
                if address not in self._used and address not in avoided:
                    self._used.add(address)
                    return address
        raise AddressesExhausted(f"no addresses available in the range {self.cidr}")

    def reserve(self, address: str) -> None:
        """Keep an address from being given out: somebody has it already."""
        self._used.add(address)

    def avoid(self, address: str) -> None:
        """Give an address out only when there is no other: somebody is still said to have it."""
        self._avoided.add(address)

    def release(self, address: str) -> None:
        """Give an address back; the node's own is nobody's to give."""
        if address != self.gateway:
            self._used.discard(address)

    # Listening

    async def listen(
        self,
        ip: str,
        port: int,
        protocol: Callable[[], asyncio.BaseProtocol],
        *,
        host: str = "",
        owner: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> Bound:
        """Listen for connections; raise ``OSError`` (``EADDRINUSE``) when somebody does already.

        ``host`` is what the program binds to, seen from inside of the pod; ``owner`` is the pod's uid.
        """
        bound = self._bind("tcp", ip, port, host, owner)
        try:
            bound.what = await asyncio.get_running_loop().create_server(
                protocol, sock=bound.socket, backlog=_BACKLOG, ssl=tls
            )
        except BaseException:
            bound.close()
            raise
        return bound

    async def listen_udp(
        self, ip: str, port: int, protocol: Callable[[], asyncio.DatagramProtocol], *, host: str = "", owner: str = ""
    ) -> Bound:
        """Take datagrams; like :meth:`listen`."""
        bound = self._bind("udp", ip, port, host, owner)
        try:
            loop = asyncio.get_running_loop()
            bound.what, _ = await loop.create_datagram_endpoint(protocol, sock=bound.socket)
        except BaseException:
            bound.close()
            raise
        return bound

    def _bind(self, kind: Protocol, ip: str, port: int, host: str, owner: str) -> Bound:
        scope = scope_of(host)
        if scope is Scope.ADDRESS and host != ip:
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        for other in self._bound.get((kind, ip, port), ()):
            if Scope.ANY in {scope, other.scope} or scope is other.scope:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        bound = Bound(self._bound, kind, ip, port, scope)
        try:
            mapped = self._bind_socket(bound)
        except OSError:
            bound.close()
            raise
        bound.port = port or bound.real_port
        self._bound.setdefault((kind, ip, bound.port), []).append(bound)
        if mapped:
            for observer in self._observers:
                observer(PortMapped(ip, port, bound.real_port, owner))
        return bound

    def _bind_socket(self, bound: Bound) -> bool:
        """Bind to the port that is asked for, or to another; return whether that was for lack of permission."""
        opened, port, mapped = bound.socket, bound.port, False
        # Datagram sockets close a moment after they were told to; who else listens the table says.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if bound.scope is Scope.LOOPBACK:
                opened.bind((bound.ip, 0))
            elif 0 < port < self._lowest_port:
                raise PermissionError
            else:
                opened.bind((bound.ip, port))
        except PermissionError:
            mapped = True
            try:
                opened.bind((bound.ip, stand_in(port)))
            except OSError:
                opened.bind((bound.ip, 0))
        opened.setblocking(False)
        bound.real_port = opened.getsockname()[1]
        return mapped

    def listeners(self, ip: str) -> list[Bound]:
        """Return what listens on an address, by port."""
        found = [bound for (_, address, _), all_ in self._bound.items() if address == ip for bound in all_]
        return sorted(found, key=lambda bound: (bound.kind, bound.port))

    def is_free(self, address: str) -> bool:
        """Say whether an address is one that pods of this node get, and none has."""
        return address not in self._used and ipaddress.IPv4Address(address) in ipaddress.IPv4Network(self.cidr)

    # Connecting

    def endpoint(self, ip: str, port: int, kind: Protocol = "tcp", *, loopback: bool = False) -> tuple[str, int]:
        """Return where connections to ``ip:port`` really go, from elsewhere or over the pod's own loopback."""
        wanted = Scope.LOOPBACK if loopback else Scope.ADDRESS
        for bound in self._bound.get((kind, ip, port), ()):
            if bound.scope in {Scope.ANY, wanted}:
                return ip, bound.real_port
        return ip, port

    def _target(self, kind: Protocol, host: str, port: int, source: str) -> tuple[str, int]:
        local = host in LOCAL_NAMES
        ip = source if local else host
        if not ip.startswith("127."):
            # Fake pods reach what is on the pod network, and nothing of the world around it.
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        listeners = self._bound.get((kind, ip, port), ())
        if local and listeners and all(bound.scope is Scope.ADDRESS for bound in listeners):
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        return self.endpoint(ip, port, kind, loopback=local)

    async def connect(self, host: str, port: int, *, source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a TCP connection from the pod address ``source``; ``localhost`` means that pod itself."""
        ip, real_port = self._target("tcp", host, port, source)
        # Another process may listen there, and not have been permitted to.
        *others, last = in_order(port, permitted=self._may_bind(port)) if real_port == port else (real_port,)
        for other in others:
            with contextlib.suppress(ConnectionRefusedError):
                return await asyncio.open_connection(ip, other, local_addr=(source, 0))
        return await asyncio.open_connection(ip, last, local_addr=(source, 0))

    def _may_bind(self, port: int) -> bool:
        """Whether this process may listen on a low port."""
        return port >= self._lowest_port and may_bind(port)

    async def connect_udp(
        self, host: str, port: int, protocol: Callable[[], asyncio.DatagramProtocol], *, source: str
    ) -> asyncio.DatagramTransport:
        """Open a socket that sends datagrams from ``source`` to one place, and takes those that come back."""
        target = self._target("udp", host, port, source)
        if target[1] == port and stand_in(port) and not self._may_bind(port):
            # Nobody says whether a datagram was taken: what this process may not do, others may not either.
            target = target[0], stand_in(port)
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.bind((source, 0))
            opened.connect(target)
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(protocol, sock=opened)
        except BaseException:
            opened.close()
            raise
        return transport
