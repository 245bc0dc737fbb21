"""Columns of host ports in use."""

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import BoolArray, grown
from scheduler.framework.pod_info import ANY_IP, HostPort

_Counts = npt.NDArray[np.int32]


class PortColumns:
    """How many pods on each node hold a host port, by protocol, port and address.

    There are columns only for ports that some pod holds.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._in_use: dict[tuple[str, int], dict[str, _Counts]] = {}

    def conflicts(self, wanted: HostPort, count: int) -> BoolArray | None:
        """Return which of the first ``count`` rows have the port taken, ``None`` when none has.

        The wildcard address 0.0.0.0 collides with every address, another one with itself and the wildcard.
        """
        by_ip = self._in_use.get((wanted.protocol, wanted.port))
        if by_ip is None:
            return None
        taken = np.zeros(count, dtype=np.bool_)
        for ip, holders in by_ip.items():
            if ANY_IP in {ip, wanted.ip} or ip == wanted.ip:
                taken |= holders[:count] > 0
        return taken

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
