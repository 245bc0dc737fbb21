"""Addresses and networks as objects have them: IPv6 beside IPv4, with host bits, and sometimes no address at all."""

import ipaddress


def is_address(text: str) -> bool:
    """Say whether this is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def network(text: str) -> ipaddress.IPv4Network | None:
    """Return an IPv4 network, without its host bits as Go reads it; None for anything else."""
    try:
        return ipaddress.IPv4Network(text.strip(), strict=False)
    except ValueError:
        return None
