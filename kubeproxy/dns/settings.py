"""What can be set about the name server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    address: str = "127.64.0.10"
    """Where it listens, which is the cluster address of the Service ``kube-system/kube-dns``."""

    port: int = 53
    """Its port there; :mod:`componentbase.low_ports` says which one is taken where this may not be bound."""

    domain: str = "cluster.local"
    """The domain of the cluster, without a dot at its end."""
