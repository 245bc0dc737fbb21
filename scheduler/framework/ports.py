"""Columns of host ports in use."""

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import BoolArray, IntArray, grown
from scheduler.framework.pod_info import HostPort

_Counts = npt.NDArray[np.int32]


class PortColumns:
    """How many pods on each node hold a host port, by protocol, port and address.

    There are columns only for ports that some pod holds.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._in_use: dict[tuple[str, int], dict[str, _Counts]] = {}

    def conflicts(self, wanted: HostPort, count: int) -> BoolArray | None:
        """Return which of the first ``count`` rows have the port taken, ``None`` when none has."""
        holders = self.holders(wanted, count)
        return None if holders is None else holders > 0

    def holders(self, wanted: HostPort, count: int) -> IntArray | None:
        """Return how many pods on the first ``count`` rows hold a port that collides, ``None`` when none does."""
        total: IntArray | None = None
        for ip, holders in self._in_use.get((wanted.protocol, wanted.port), {}).items():
            if HostPort(ip, wanted.protocol, wanted.port).conflicts(wanted):
                total = holders[:count].astype(np.int64) if total is None else total + holders[:count]
        return total

    def add(self, row: int, port: HostPort) -> None:
        by_ip = self._in_use.setdefault((port.protocol, port.port), {})
        holders = by_ip.get(port.ip)
        if holders is None:
            holders = by_ip[port.ip] = np.zeros(self._capacity, dtype=np.int32)
        holders[row] += 1

    def remove(self, row: int, port: HostPort) -> None:
        by_ip = self._in_use[port.protocol, port.port]
        holders = by_ip[port.ip]
        holders[row] -= 1
        if not holders.any():
            del by_ip[port.ip]
            if not by_ip:
                del self._in_use[port.protocol, port.port]

    def resize(self, capacity: int) -> None:
        self._capacity = capacity
        for by_ip in self._in_use.values():
            for ip, holders in by_ip.items():
                by_ip[ip] = grown(holders, capacity)

    def move(self, source: int, target: int) -> None:
        for by_ip in self._in_use.values():
            for holders in by_ip.values():
                holders[target] = holders[source]
                holders[source] = 0
