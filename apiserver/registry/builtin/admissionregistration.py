"""``admissionregistration.k8s.io`` (``pkg/registry/admissionregistration``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="MutatingAdmissionPolicy",
            plural="mutatingadmissionpolicies",
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="MutatingAdmissionPolicyBinding",
            plural="mutatingadmissionpolicybindings",
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="MutatingWebhookConfiguration",
            plural="mutatingwebhookconfigurations",
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="ValidatingAdmissionPolicy",
            plural="validatingadmissionpolicies",
            namespaced=False,
            categories=("api-extensions",),
            status=True,
        ),
        Row(
            kind="ValidatingAdmissionPolicyBinding",
            plural="validatingadmissionpolicybindings",
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="ValidatingWebhookConfiguration",
            plural="validatingwebhookconfigurations",
            namespaced=False,
            categories=("api-extensions",),
        ),
    )
