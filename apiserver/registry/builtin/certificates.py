"""``certificates.k8s.io`` (``pkg/registry/certificates``, v1.36)."""

from apiserver.registry import certificates
from apiserver.registry.builtin.row import Row
from apiserver.registry.resource import Subresource


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="CertificateSigningRequest",
            plural="certificatesigningrequests",
            strategy=certificates.CertificateSigningRequestStrategy(),
            namespaced=False,
            short_names=("csr",),
            status=True,
            subresources=(Subresource("approval", ("get", "patch", "update"), "CertificateSigningRequest"),),
        ),
    )
