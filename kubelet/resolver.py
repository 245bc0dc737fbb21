"""Where the programs of a pod look names up: its ``/etc/resolv.conf`` (``pkg/kubelet/network/dns``, v1.36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from apimachinery.types.pod import Pod, PodDNSConfigOption
from kubelet.pods import full_name
from kubelet.runtime import DNSConfig

MOST_NAMESERVERS = 3
MOST_SEARCH_PATHS = 32
LONGEST_SEARCH_PATH = 253
LONGEST_SEARCH_LINE = 2048

CLUSTER_OPTIONS = ("ndots:5",)

NODE_RESOLVER = DNSConfig(servers=("192.0.2.53",))
"""What a fake node itself asks: an address of the documentation range, since there is nobody to ask."""


@dataclass(frozen=True, slots=True)
class ClusterDNS:
    """What a node knows of names: the cluster's servers and domain, and the resolver of the node itself."""

    servers: tuple[str, ...] = ("127.64.0.10",)
    domain: str = "cluster.local"
    node: DNSConfig = NODE_RESOLVER


@dataclass(frozen=True, slots=True)
class PodDNS:
    """``warnings`` are what there is to say about it, as reasons and messages of events."""

    config: DNSConfig
    warnings: Sequence[tuple[str, str]] = ()


def pod_dns(pod: Pod, cluster: ClusterDNS) -> PodDNS:
    """Return what goes into a pod's resolver file by its ``dnsPolicy`` and ``dnsConfig``."""
    policy, spec = pod.spec.dns_policy, pod.spec
    warnings: list[tuple[str, str]] = []
    wants_cluster = policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not spec.host_network)
    if policy == "None":
        base = DNSConfig()
    elif wants_cluster and cluster.servers:
        base = DNSConfig(cluster.servers, _cluster_searches(pod.metadata.namespace, cluster), CLUSTER_OPTIONS)
    else:
        base = cluster.node
    if wants_cluster and not cluster.servers:
        warnings.append((
            "MissingClusterDNS",
            f'pod: "{full_name(pod)}". kubelet does not have ClusterDNS IP configured and cannot create Pod using '
            '"ClusterFirst" policy. Falling back to "Default" policy.',
        ))
    servers, searches, options = base.servers, base.searches, base.options
    if spec.dns_config is not None:
        servers = _unique((*servers, *spec.dns_config.nameservers))
        searches = _unique((*searches, *spec.dns_config.searches))
        options = _merged(options, spec.dns_config.options)
    servers, searches = _fitting_servers(servers, warnings), _fitting_searches(searches, warnings)
    return PodDNS(_shared(tuple(servers), tuple(searches), tuple(options)), warnings)


_shared = lru_cache(maxsize=1024)(DNSConfig)
"""All pods of a namespace have the same, but for what their own specs add."""


def _cluster_searches(namespace: str, cluster: ClusterDNS) -> tuple[str, ...]:
    if not cluster.domain:
        return tuple(cluster.node.searches)
    own = (f"{namespace}.svc.{cluster.domain}", f"svc.{cluster.domain}", cluster.domain)
    return _unique((*own, *cluster.node.searches))


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _merged(options: Sequence[str], added: Iterable[PodDNSConfigOption]) -> tuple[str, ...]:
    """Return options in the order in which they first come; what the pod says of one goes before."""
    values = {name: value for name, _, value in (option.partition(":") for option in options)}
    values |= {option.name: option.value or "" for option in added}
    return tuple(f"{name}:{value}" if value else name for name, value in values.items())


def _fitting_servers(servers: Sequence[str], warnings: list[tuple[str, str]]) -> tuple[str, ...]:
    kept = tuple(servers[:MOST_NAMESERVERS])
    if len(servers) > len(kept):
        warnings.append((
            "DNSConfigForming",
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
            + " ".join(kept),
        ))
    return kept


def _fitting_searches(searches: Sequence[str], warnings: list[tuple[str, str]]) -> tuple[str, ...]:
    kept = [path for path in searches[:MOST_SEARCH_PATHS] if len(path) <= LONGEST_SEARCH_PATH]
    while len(" ".join(kept)) > LONGEST_SEARCH_LINE:
        kept.pop()
    if len(kept) < len(searches):
        warnings.append((
            "DNSConfigForming",
            "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
            + " ".join(kept),
        ))
    return tuple(kept)


def resolv_conf(config: DNSConfig) -> str:
    """Return the file as containerd writes it: search paths, servers, options."""
    lines = [f"search {' '.join(config.searches)}\n"] if config.searches else []
    lines += [f"nameserver {server}\n" for server in config.servers]
    lines += [f"options {' '.join(config.options)}\n"] if config.options else []
    return "".join(lines)


def parse_resolv_conf(text: str) -> DNSConfig:
    """Read a resolver file. Servers add up; of several search or options lines the last one counts."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for line in text.splitlines():
        match line.split():
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search", *paths]:
                searches = tuple(path.removesuffix(".") for path in paths)
            case ["options", *given]:
                options = tuple(given)
    return DNSConfig(tuple(servers), searches, options)
