"""Which loopback addresses a cluster has, so that several on one machine do not meet.

127.0.0.0/8 is cut into 255 ranges by the second number of an address. A cluster takes one for Services and its own
servers, and one or more for pods, each of 256 nodes.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from apimachinery.errors import FatalError
from kubemu.up import locks
from kubemu.up.ports import Ports, free_ports

_NODES_PER_RANGE = 256
_MOST_NODES = 128 * _NODES_PER_RANGE

_PREFERRED = range(1, 64)
"""Clear of 127.0.0.0/16, where every machine has servers of its own, and of the ranges that components take which are
started by themselves: 127.64.0.0/16, 127.96.0.0/16 and 127.128.0.0/9."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The second numbers of the ranges that a cluster has: ``pods`` is the first of ``pod_ranges``, a power of two.

    >>> Addresses(1, 2, 1).services
    '127.1.0.0/17'
    >>> Addresses(1, 2, 2).pods_cidr
    '127.2.0.0/15'
    """

    own: int
    pods: int
    pod_ranges: int
    ports: Ports = field(default_factory=Ports)
    """Where the components' own HTTP servers are, on :attr:`servers` and on the nodes' addresses."""

    @property
    def services(self) -> str:
        """The network of the Services' cluster addresses."""
        return f"127.{self.own}.0.0/17"

    @property
    def load_balancers(self) -> str:
        """The network of the addresses of Services of type LoadBalancer."""
        return f"127.{self.own}.128.0/18"

    @property
    def dns(self) -> str:
        """The cluster address of the name server, the tenth as upstream's."""
        return f"127.{self.own}.0.10"

    @property
    def servers(self) -> str:
        """The address of the components' own HTTP servers."""
        return f"127.{self.own}.255.1"

    @property
    def pods_cidr(self) -> str:
        """The network that the nodes' ranges of pod addresses are taken from."""
        return f"127.{self.pods}.0.0/{17 - self.pod_ranges.bit_length()}"


def ranges_for(nodes: int) -> int:
    """Return how many ranges so many nodes need: the least power of two that has room for them."""
    if nodes > _MOST_NODES:
        raise FatalError(f"there are not enough addresses for {nodes} nodes: {_MOST_NODES} can be had")
    return 1 << (max(0, nodes - 1) // _NODES_PER_RANGE).bit_length()


def candidates(ranges: int) -> list[int]:
    """Return where a row of ``ranges`` may begin, best first: at a multiple of its length, as a network does."""
    starts = range(max(1, ranges), 256 - ranges + 1, ranges)
    preferred = [start for start in starts if start + ranges - 1 in _PREFERRED]
    return preferred + [start for start in starts if start not in preferred]


@contextlib.contextmanager
def claim(nodes: int) -> Iterator[Addresses]:
    """Have addresses that no other cluster of this machine has, for as long as the block runs.

    Raises :class:`~apimachinery.errors.FatalError` when there are none left.
    """
    with contextlib.ExitStack() as held:
        pod_ranges = ranges_for(nodes)
        found = Addresses(_take(1, held), _take(pod_ranges, held), pod_ranges)
        yield replace(found, ports=free_ports(found.servers))


def _take(ranges: int, held: contextlib.ExitStack) -> int:
    for start in candidates(ranges):
        with contextlib.ExitStack() as row:
            for number in range(start, start + ranges):
                lock = locks.take(f"127.{number}")
                if lock is None:
                    break
                row.enter_context(lock)
            else:
                held.push(row.pop_all())
                return start
    raise FatalError("other clusters have all loopback addresses: stop one of them (kubemu status)")
