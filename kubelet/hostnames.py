"""The host name of a pod (``GeneratePodHostNameAndDomain`` in ``pkg/kubelet/kubelet_pods.go``, v1.36)."""

from dataclasses import dataclass

from apimachinery.types.pod import Pod

_LONGEST_HOSTNAME = 63
_LONGEST_FQDN = 64
"""As much as the kernel's ``nodename`` holds."""


class HostnameTooLong(ValueError):
    """The pod wants its full name as host name, and that does not fit."""


@dataclass(frozen=True, slots=True)
class PodHostname:
    """``kernel`` is what ``hostname`` prints; ``short`` and ``domain`` are what ``/etc/hosts`` has."""

    kernel: str
    short: str
    domain: str = ""


def pod_hostname(pod: Pod, cluster_domain: str) -> PodHostname:
    """Return a pod's host name; raise :class:`HostnameTooLong`."""
    spec, meta = pod.spec, pod.metadata
    if spec.host_network:
        return PodHostname(spec.node_name, spec.node_name)
    if spec.hostname_override is not None:
        return PodHostname(spec.hostname_override, spec.hostname_override)
    short = (spec.hostname or meta.name)[:_LONGEST_HOSTNAME].rstrip("-.")
    domain = f"{spec.subdomain}.{meta.namespace}.svc.{cluster_domain}" if spec.subdomain else ""
    if not domain or not spec.set_hostname_as_fqdn:
        return PodHostname(short, short, domain)
    full = f"{short}.{domain}"
    if len(full) > _LONGEST_FQDN:
        raise HostnameTooLong(
            f"failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long "
            f"({_LONGEST_FQDN} characters is the max, {len(full)} characters requested)"
        )
    return PodHostname(full, short, domain)
