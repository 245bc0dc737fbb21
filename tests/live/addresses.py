"""Ranges of 127.0.0.0/8 that belong to one test process, so that test runs on one machine keep out of each other's way.

Pods and Services are real addresses of the loopback network here: two clusters that use the same ones at the same time
answer for each other.
"""

import functools
import ipaddress
import socket

_CLAIMS = list(ipaddress.ip_network("127.128.0.0/9").subnets(new_prefix=14))[1:]
"""What a process can claim; the first is where clusters with default settings have their nodes."""


class _Claimed:
    """Networks claimed from the machine, and what has been given away of them."""

    def __init__(self) -> None:
        self._locks: list[socket.socket] = []
        self._free: list[ipaddress.IPv4Network] = []

    def take(self, prefix_length: int) -> ipaddress.IPv4Network:
        fitting = [network for network in self._free if network.prefixlen <= prefix_length]
        if not fitting:
            self._free.append(self._claim())
            return self.take(prefix_length)
        network = max(fitting, key=lambda network: network.prefixlen)
        self._free.remove(network)
        taken = next(network.subnets(new_prefix=prefix_length))
        self._free += network.address_exclude(taken)
        return taken

    def _claim(self) -> ipaddress.IPv4Network:
        """Claim a network by an abstract socket's name, which the kernel frees when the process ends."""
        for network in _CLAIMS:
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                lock.bind(f"\0kubemu-test-range-{network}")
            except OSError:
                lock.close()
                continue
            self._locks.append(lock)
            return network
        raise RuntimeError("all test ranges of 127.128.0.0/9 are claimed")


@functools.cache
def _claimed() -> _Claimed:
    return _Claimed()


def own_range(prefix_length: int) -> str:
    """Return a range that nobody else has got, such as ``127.132.0.16/28``."""
    return str(_claimed().take(prefix_length))


def address(cidr: str, number: int) -> str:
    """Return the ``number``-th address of a range, counted from its network address."""
    return str(ipaddress.ip_network(cidr)[number])
