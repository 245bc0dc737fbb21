"""What can be set about the proxy."""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    nodeport_addresses: tuple[ipaddress.IPv4Network, ...] = ()
    """The networks that nodes' addresses must be in to have node ports; empty: all have."""

    localhost_nodeports: bool = True
    """Whether node ports are on 127.0.0.1 too, as they are on any node upstream."""

    udp_idle_seconds: float = 30.0
    """How long datagrams of a client keep going to one endpoint after the last; Linux's default for untracked flows."""

    retry_seconds: float = 5.0
    """How long an address that somebody else listens on is left alone before the next try."""
