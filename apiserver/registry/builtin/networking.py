"""``networking.k8s.io`` (``pkg/registry/networking``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="IngressClass", plural="ingressclasses", namespaced=False),
        Row(kind="Ingress", plural="ingresses", short_names=("ing",), status=True),
        Row(kind="IPAddress", plural="ipaddresses", namespaced=False, short_names=("ip",)),
        Row(kind="NetworkPolicy", plural="networkpolicies", short_names=("netpol",)),
        Row(kind="ServiceCIDR", plural="servicecidrs", namespaced=False, status=True),
    )
