"""``admissionregistration.k8s.io`` (``pkg/registry/admissionregistration``, v1.36)."""

from apiserver.registry import extensions
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="MutatingAdmissionPolicy",
            plural="mutatingadmissionpolicies",
            strategy=extensions.AdmissionPolicyStrategy(mutating=True),
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="MutatingAdmissionPolicyBinding",
            plural="mutatingadmissionpolicybindings",
            strategy=extensions.AdmissionPolicyBindingStrategy(mutating=True),
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="MutatingWebhookConfiguration",
            plural="mutatingwebhookconfigurations",
            strategy=extensions.WebhookConfigurationStrategy(mutating=True),
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="ValidatingAdmissionPolicy",
            plural="validatingadmissionpolicies",
            strategy=extensions.AdmissionPolicyStrategy(mutating=False),
            namespaced=False,
            categories=("api-extensions",),
            status=True,
        ),
        Row(
            kind="ValidatingAdmissionPolicyBinding",
            plural="validatingadmissionpolicybindings",
            strategy=extensions.AdmissionPolicyBindingStrategy(mutating=False),
            namespaced=False,
            categories=("api-extensions",),
        ),
        Row(
            kind="ValidatingWebhookConfiguration",
            plural="validatingwebhookconfigurations",
            strategy=extensions.WebhookConfigurationStrategy(mutating=False),
            namespaced=False,
            categories=("api-extensions",),
        ),
    )
