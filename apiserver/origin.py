"""Which requests come from someone who meant this server, judged by what browsers cannot fake.

There is no authentication: what keeps a page on some other site from using the cluster of whoever looks at it is
that browsers say where a request comes from (``Origin``, ``Sec-Fetch-Site``) and under which name they looked
the server up (``Host``). A name that is not ours means DNS rebinding, an origin that is not ours a page of
somebody else's. CORS is as upstream's (``k8s.io/apiserver/pkg/server/filters/cors.go``, v0.36).
"""

import ipaddress
import re
from collections.abc import Sequence

from apimachinery.errors import FatalError

Headers = list[tuple[bytes, bytes]]

_SERVICE_NAMES = frozenset({
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
})
_CORS: Headers = [
    (b"access-control-allow-methods", b"POST, GET, OPTIONS, PUT, DELETE, PATCH"),
    (
        b"access-control-allow-headers",
        b"Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, "
        b"If-Modified-Since",
    ),
    (b"access-control-expose-headers", b"Date"),
    (b"access-control-allow-credentials", b"true"),
    (b"vary", b"Origin"),
]


def host_name(header: str) -> str:
    """Return the name or address in a ``Host`` header, without its port and in lower case; "" when there is none."""
    if header.startswith("["):
        address, bracket, port = header[1:].partition("]")
        return address.lower() if bracket and (not port or port.startswith(":")) else ""
    return header.partition(":")[0].lower().removesuffix(".")


def is_loopback(host: str) -> bool:
    """Whether only this machine answers to a name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        # Resolvers and browsers keep these names to loopback, whatever any DNS server says.
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_bind_address(address: str, *, allow_remote: bool) -> None:
    """Raise :class:`~apimachinery.errors.FatalError` for one that others can reach, unless that is wanted."""
    if not is_loopback(address) and not allow_remote:
        raise FatalError(
            f"--bind-address {address} lets other machines in, and there is no authentication: "
            "add --insecure-allow-remote if that is what you want"
        )


class OriginPolicy:
    """Decides on the headers of requests; changes nothing and waits for nothing."""

    def __init__(
        self, bind_address: str, allowed_hosts: Sequence[str] = (), cors_allowed_origins: Sequence[str] = ()
    ) -> None:
        """``allowed_hosts`` are names without ports; ``cors_allowed_origins`` are regular expressions.

        Raises ``ValueError`` for an expression that does not compile, or that is open at either end.
        """
        self._hosts = _SERVICE_NAMES | {bind_address.lower()} | {host_name(host) for host in allowed_hosts}
        self._any_address = bind_address in {"0.0.0.0", "::"}
        self._origins = [_origin_pattern(pattern) for pattern in cors_allowed_origins]

    def allows_host(self, header: str) -> bool:
        """Whether a ``Host`` header names this server."""
        host = host_name(header)
        if host in self._hosts or is_loopback(host):
            return bool(host)
        # Nobody can make an address resolve to something else; which ones this machine has, it cannot know.
        return self._any_address and _is_address(host)

    def allows_origin(self, origin: str, host: str) -> bool:
        """Whether a page of ``origin`` may use the server that it calls ``host``: its own pages, and CORS's."""
        return origin.partition("://")[2].lower() == host.lower() or self.is_cors(origin)

    def is_cors(self, origin: str) -> bool:
        return any(pattern.search(origin) for pattern in self._origins)

    def refusal(self, host: str, origin: str | None, fetch_site: str) -> str:
        """Return why a request is refused; empty when it is not."""
        if host and not self.allows_host(host):
            return f'the Host header "{host}" is not a name of this server: see --allowed-hosts'
        if origin is not None:
            if not self.allows_origin(origin, host):
                return f'requests from pages of the origin "{origin}" are not allowed: see --cors-allowed-origins'
        elif fetch_site == "cross-site":
            return "requests from pages of other sites are not allowed: see --cors-allowed-origins"
        return ""

    def cors_headers(self, origin: str | None) -> Headers:
        """Return what every answer to a page of an allowed origin carries."""
        if origin is None or not self.is_cors(origin):
            return []
        return [(b"access-control-allow-origin", origin.encode("latin-1")), *_CORS]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _origin_pattern(text: str) -> re.Pattern[str]:
    if not ("^" in text or "//" in text) or not ("$" in text or ":" in text.partition("//")[2]):
        # As upstream: an expression that is open at an end lets in evil-example.com and example.com.evil.
        raise ValueError(
            f"--cors-allowed-origins {text}: pin the start of the host with ^ or //, and its end with $ or :"
        )
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"--cors-allowed-origins {text}: {error}") from error
