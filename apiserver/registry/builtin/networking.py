"""``networking.k8s.io`` (``pkg/registry/networking``, v1.36)."""

from apiserver.registry import networking
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="IngressClass", plural="ingressclasses", strategy=networking.IngressClassStrategy(), namespaced=False),
        Row(
            kind="Ingress", plural="ingresses", strategy=networking.IngressStrategy(), short_names=("ing",), status=True
        ),
        Row(
            kind="IPAddress",
            plural="ipaddresses",
            strategy=networking.IPAddressStrategy(),
            namespaced=False,
            short_names=("ip",),
        ),
        Row(
            kind="NetworkPolicy",
            plural="networkpolicies",
            strategy=networking.NetworkPolicyStrategy(),
            short_names=("netpol",),
        ),
        Row(
            kind="ServiceCIDR",
            plural="servicecidrs",
            strategy=networking.ServiceCIDRStrategy(),
            namespaced=False,
            status=True,
        ),
    )
