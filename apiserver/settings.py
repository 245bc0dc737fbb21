"""The API server's settings; the command line fills them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are those of ``python -m apiserver``."""

    bind_address: str = "127.0.0.1"
    """Address to listen on. Plain HTTP without authentication: anything but loopback is a deliberate choice."""

    port: int = 8080
    """Port to listen on; 0 lets the system choose."""

    watch_history: int = 100_000
    """How many writes are remembered for watches that resume and for paged lists."""

    service_cluster_ip_range: str = "127.64.0.0/16"
    """IPv4 network of the services' addresses. On the loopback interface, where a proxy can listen on them, and
    clear of the pods' networks (127.128.0.0/9)."""

    service_node_port_range: str = "30000-32767"
    """Ports that services of type NodePort and LoadBalancer get on every node; both ends belong to it."""

    enable_admission_plugins: tuple[str, ...] = ()
    """Admission plugins to have beside those that are on by default, by upstream's names."""

    disable_admission_plugins: tuple[str, ...] = ()
    """Admission plugins that are on by default and shall not be."""

    seed: int | None = None
    """Seed of generated names and uids, for runs that repeat; ``None`` draws one."""
