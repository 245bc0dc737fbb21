"""Handing out equal parts of an address range (``pkg/controller/nodeipam/ipam/cidrset``, v1.36)."""

import ipaddress
from collections import deque

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LARGEST_SPREAD = 32


class CidrSet:
    """The subnets of ``cluster`` with prefix length ``mask_size``, each lent to at most one holder at a time.

    Subnets are lent in order; a returned one only after all that were never lent, and then the one that has rested
    longest, so that late traffic for a holder that is gone does not reach its successor. Every call takes constant
    time. Raises ``ValueError`` when ``cluster`` is no range or cannot be divided so.

    >>> cidrs = CidrSet("10.0.0.0/22", 24)
    >>> cidrs.allocate("a"), cidrs.allocate("b"), cidrs.allocate("a")
    ('10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/24')
    """

    def __init__(self, cluster: str, mask_size: int) -> None:
        self._cluster = ipaddress.ip_network(cluster)
        spread = mask_size - self._cluster.prefixlen
        if spread < 0 or mask_size > self._cluster.max_prefixlen:
            raise ValueError(f"{cluster} cannot be divided into ranges of /{mask_size}")
        if spread > _LARGEST_SPREAD:
            raise ValueError(f"{cluster} has too many ranges of /{mask_size}: at most 2^{_LARGEST_SPREAD}")
        self._mask_size = mask_size
        self._size = 2 ** (self._cluster.max_prefixlen - mask_size)
        self._first = int(self._cluster.network_address)
        self._total = 2**spread
        self._never_lent = 0
        self._returned: deque[int] = deque()
        self._holders: dict[int, str] = {}
        self._lent: dict[str, int] = {}

    def allocate(self, holder: str) -> str | None:
        """Return the holder's subnet, lending one if it has none; ``None`` when all are lent."""
        index = self._lent.get(holder)
        if index is None:
            index = self._next_free()
            if index is None:
                return None
            self._lend(holder, index)
        return self._text(index)

    def _next_free(self) -> int | None:
        # What was occupied by name may still be ahead, here or among the returned: skip it once.
        while self._never_lent < self._total:
            index = self._never_lent
            self._never_lent += 1
            if index not in self._holders:
                return index
        while self._returned:
            index = self._returned.popleft()
            if index not in self._holders:
                return index
        return None

    def occupy(self, holder: str, cidr: str) -> bool:
        """Note that ``holder`` has ``cidr`` already; it gives up any other.

        Return whether that is well: ``cidr`` is one of these subnets and nobody else has it.
        """
        index = self._index(cidr)
        if self._lent.get(holder) == index and index is not None:
            return True
        self.release(holder)
        if index is None or index in self._holders:
            return False
        self._lend(holder, index)
        return True

    def release(self, holder: str) -> bool:
        """Take back what ``holder`` has; return whether it had anything."""
        index = self._lent.pop(holder, None)
        if index is None:
            return False
        del self._holders[index]
        if index < self._never_lent:
            self._returned.append(index)
        return True

    def holds(self, holder: str) -> bool:
        """Return whether ``holder`` has a subnet."""
        return holder in self._lent

    def _lend(self, holder: str, index: int) -> None:
        self._holders[index] = holder
        self._lent[holder] = index

    def _index(self, cidr: str) -> int | None:
        try:
            network = ipaddress.ip_network(cidr)
        except ValueError:
            return None
        if network.version != self._cluster.version or network.prefixlen != self._mask_size:
            return None
        offset = int(network.network_address) - self._first
        return offset // self._size if 0 <= offset < self._total * self._size else None

    def _text(self, index: int) -> str:
        address = self._cluster.network_address + index * self._size
        return f"{address}/{self._mask_size}"

    def statistics(self) -> tuple[int, int]:
        """Return how many subnets are lent and how many there are."""
        return len(self._lent), self._total
