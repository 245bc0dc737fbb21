"""The ``/etc/hosts`` that the kubelet makes for a pod (``pkg/kubelet/kubelet_pods.go``, v1.36)."""

from collections.abc import Sequence

from kubelet.runtime import HostAlias

_HEADER = "# Kubernetes-managed hosts file.\n"
_HOST_NETWORK_HEADER = "# Kubernetes-managed hosts file (host network).\n"
_WELL_KNOWN = (
    ("127.0.0.1", "localhost"),
    ("::1", "localhost ip6-localhost ip6-loopback"),
    ("fe00::", "ip6-localnet"),
    ("fe00::", "ip6-mcastprefix"),
    ("fe00::1", "ip6-allnodes"),
    ("fe00::2", "ip6-allrouters"),
)


def managed_hosts(ips: Sequence[str], hostname: str, domain: str, aliases: Sequence[HostAlias]) -> str:
    """Return the file of a pod that has an address of its own; ``domain`` is empty for one without a subdomain."""
    names = f"{hostname}.{domain}\t{hostname}" if domain else hostname
    lines = [f"{ip}\t{known}\n" for ip, known in _WELL_KNOWN]
    lines += [f"{ip}\t{names}\n" for ip in ips]
    return _HEADER + "".join(lines) + _alias_lines(aliases)


def node_hosts(file: str, aliases: Sequence[HostAlias]) -> str:
    """Return the file of a pod on its node's network, which begins with the node's own."""
    return _HOST_NETWORK_HEADER + file + _alias_lines(aliases)


def _alias_lines(aliases: Sequence[HostAlias]) -> str:
    if not aliases:
        return ""
    lines = ["\t".join((alias.ip, *alias.hostnames)) + "\n" for alias in aliases]
    return "\n# Entries added by HostAliases.\n" + "".join(lines)
