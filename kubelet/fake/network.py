"""The pod network: every pod has an address of its own on loopback, and connections are real TCP.

Linux answers on all of 127.0.0.0/8, so an address needs no set-up and no privilege. Only ports below the system's
unprivileged range may be refused; those are bound to a free high port instead, and everything inside the
emulator finds it through :meth:`PodNetwork.endpoint`.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Callable

from kubelet.runtime import PortMapped, RuntimeFault

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "::", ""})


class AddressesExhausted(RuntimeFault):
    """Every address of the node's range is in use."""


class PodNetwork:
    """The addresses of one node's pods, and who listens on them.

    ``cidr`` is the node's ``podCIDR``. Its first address is the node's own (its gateway); pods get the others, in
    turn, so that a freed address is not used again at once. Ports below ``lowest_port`` are mapped without a try to
    bind them; 0 tries all.
    """

    def __init__(self, cidr: str, *, lowest_port: int = 0) -> None:
        network = ipaddress.IPv4Network(cidr)
        if network.num_addresses < 4:
            raise ValueError(f"{cidr} leaves no address for a pod")
        self.cidr = cidr
        self._lowest_port = lowest_port
        self.gateway = str(network.network_address + 1)
        self._first = int(network.network_address) + 2
        self._count = network.num_addresses - 3
        self._next = 0
        self._used: set[str] = set()
        self._mapped: dict[str, dict[int, int]] = {}
        self._observers: list[Callable[[PortMapped], None]] = []

    def on_port_mapped(self, observer: Callable[[PortMapped], None]) -> None:
        """Call ``observer`` whenever a port had to be replaced by a high one."""
        self._observers.append(observer)

    # Addresses

    def allocate(self) -> str:
        """Return an address no pod has; raise :class:`AddressesExhausted`."""
        for _ in range(self._count):
            address = str(ipaddress.IPv4Address(self._first + self._next))
            self._next = (self._next + 1) % self._count
            if address not in self._used:
                self._used.add(address)
                return address
        raise AddressesExhausted(f"no addresses available in the range {self.cidr}")

    def reserve(self, address: str) -> None:
        """Keep an address from being given out: somebody has it already."""
        self._used.add(address)

    def release(self, address: str) -> None:
        """Give an address back, and forget the ports mapped on it."""
        self._used.discard(address)
        self._mapped.pop(address, None)

    # Connections

    def endpoint(self, ip: str, port: int) -> tuple[str, int]:
        """Return where connections to ``ip:port`` really go."""
        mapped = self._mapped.get(ip)
        return ip, port if mapped is None else mapped.get(port, port)

    async def listen(self, ip: str, port: int, protocol: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        """Listen on a pod's address; raise ``OSError`` (``EADDRINUSE``) when somebody does already."""
        if port in self._mapped.get(ip, ()):
            raise OSError(errno.EADDRINUSE, "Address already in use")
        listener, mapped = self._bind(ip, port)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, sock=listener, backlog=128)
        if mapped is not None:
            self._mapped.setdefault(ip, {})[port] = mapped.real_port
            for observer in self._observers:
                observer(mapped)
        return server

    def closed(self, ip: str, port: int) -> None:
        """Forget a mapping whose listener is gone."""
        self._mapped.get(ip, {}).pop(port, None)

    def _bind(self, ip: str, port: int) -> tuple[socket.socket, PortMapped | None]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            mapped = None
            try:
                if port < self._lowest_port:
                    raise PermissionError
                listener.bind((ip, port))
            except PermissionError:
                listener.bind((ip, 0))
                mapped = PortMapped(ip, port, listener.getsockname()[1])
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        return listener, mapped

    async def connect(self, host: str, port: int, *, source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a TCP connection from the pod address ``source``; ``localhost`` means that pod itself."""
        ip = source if host in LOCAL_NAMES else host
        return await asyncio.open_connection(*self.endpoint(ip, port), local_addr=(source, 0))
