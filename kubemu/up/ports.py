"""The ports of a cluster's own HTTP servers, on addresses that nobody else has.

They are upstream's, unless somebody listens at one of these on *all* addresses of the machine, as a real kubelet does:
then that port of every address is theirs.
"""

import socket
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Ports:
    """One for each server; those of the kubelets are the same on all nodes."""

    kubelet: int = 10250
    kubelet_health: int = 10248
    scheduler: int = 10259
    controller_manager: int = 10257
    proxy: int = 10256


def free_ports(address: str, wanted: Ports | None = None) -> Ports:
    """Return ports of ``address`` that can be had: the wanted ones, upstream's, or where one is taken any other."""
    return Ports(**{name: _free(address, port) for name, port in asdict(wanted or Ports()).items()})


def _free(address: str, port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            probe.bind((address, 0))
        return int(probe.getsockname()[1])
