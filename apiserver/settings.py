"""The API server's settings; the command line fills them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are those of ``python -m apiserver``."""

    bind_address: str = "127.0.0.1"
    """Address to listen on. Plain HTTP without authentication: anything but loopback is a deliberate choice."""

    insecure_allow_remote: bool = False
    """Whether ``bind_address`` may be one that other machines reach."""

    allowed_hosts: tuple[str, ...] = ()
    """Names, without ports, that clients may call the server by, beside its addresses and those of the cluster."""

    cors_allowed_origins: tuple[str, ...] = ()
    """Regular expressions of origins whose pages may use the server; upstream's option."""

    port: int = 8080
    """Port to listen on; 0 lets the system choose."""

    max_requests_inflight: int = 400
    """How many reads may be under way at once, watches excepted; 0 is no limit."""

    max_mutating_requests_inflight: int = 200
    """How many writes may be under way at once; 0 is no limit."""

    request_timeout: float = 60.0
    """Seconds that a request may take, watches and proxied ones excepted."""

    min_request_timeout: float = 1800.0
    """Seconds that a watch lasts at least, and half of what it lasts at most, when its client does not say."""

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

    service_account_issuer: tuple[str, ...] = ("https://kubernetes.default.svc.cluster.local",)
    """Who issues tokens of service accounts; tokens of the others are accepted too."""

    service_account_signing_key_file: str = ""
    """PEM file of the private key, RSA or ECDSA, that signs tokens; empty for one that ends with the process."""

    service_account_key_file: tuple[str, ...] = ()
    """PEM files of keys, public or private, whose tokens are accepted beside those signed here."""

    service_account_jwks_uri: str = ""
    """Where the keys are said to be published; empty for the server's own page."""

    service_account_max_token_expiration: int = 0
    """Seconds that tokens last at most; 0 is no bound."""

    service_account_extend_token_expiration: bool = True
    """Whether the tokens that pods get by themselves last a year, as upstream's do, however briefly was asked for."""

    api_audiences: tuple[str, ...] = ()
    """Whom tokens are for that are meant for this server; the first issuer when empty."""

    scheduler_url: str = "http://127.0.0.1:10259"
    """Where the scheduler answers ``/healthz``, for ``componentstatuses``."""

    controller_manager_url: str = "http://127.0.0.1:10257"
    """Where the controller manager answers ``/healthz``, for ``componentstatuses``."""

    enable_reset: bool = False
    """Whether ``POST /debug/reset`` removes everything that was not there at the start."""

    seed: int | None = None
    """Seed of generated names and uids, for runs that repeat; ``None`` draws one."""
