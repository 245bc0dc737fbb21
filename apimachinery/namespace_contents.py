"""What every namespace has, whoever puts it there.

``pkg/controller/serviceaccount`` and ``pkg/controller/certificates/rootcacertpublisher`` (v1.36).
"""

DEFAULT_SERVICE_ACCOUNT = "default"

ROOT_CA = "kube-root-ca.crt"
"""The ConfigMap with the certificates that the API server's own can be checked by."""

ROOT_CA_ANNOTATIONS = {
    "kubernetes.io/description": (
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
        "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
        "Kubernetes clusters."
    )
}

ROOT_CA_DATA = {"ca.crt": ""}
"""There is no certificate to check as long as requests are answered in plain HTTP."""
