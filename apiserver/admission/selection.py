"""Which plugins run: upstream's default set, and what the flags add to it and take away.

``pkg/kubeapiserver/options/plugins.go`` and ``k8s.io/apiserver/pkg/server/options/admission.go``, v1.36.
"""

from collections.abc import Sequence

from apiserver.admission.interface import AdmissionPlugin

ON_BY_DEFAULT = frozenset({
    "CertificateSubjectRestriction",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "NamespaceLifecycle",
    "PersistentVolumeClaimResize",
    "PodSecurity",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
})
"""Upstream's set, without what is not provided."""

NOT_PROVIDED = frozenset({
    # Questions of who may do what, which are not asked while requests are not authenticated.
    "CertificateApproval",
    "CertificateSigning",
    "ClusterTrustBundleAttest",
    "NodeRestriction",
    "OwnerReferencesPermissionEnforcement",
    # Need a configuration file of their own.
    "EventRateLimit",
    "ImagePolicyWebhook",
    # Webhooks and policies in CEL.
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    # About features that are not there, or off by default.
    "JobValidation",
    "NamespaceAutoProvision",
    "NodeDeclaredFeatureValidator",
    "PodGroupProtection",
    "PodGroupWorkloadExists",
    "PodResizeValidator",
    "PodTopologyLabels",
})
"""Upstream's other plugins. To switch one off is no error; it cannot be switched on."""


def selected(
    plugins: Sequence[AdmissionPlugin], enabled: Sequence[str], disabled: Sequence[str]
) -> list[AdmissionPlugin]:
    """Return the plugins that run, in their order; raise ``ValueError`` for names that cannot be met."""
    provided = {plugin.name for plugin in plugins}
    for name in enabled:
        if name in NOT_PROVIDED:
            raise ValueError(f'enable-admission-plugins plugin "{name}" is not provided by this server')
    for flag, names in (("enable", enabled), ("disable", disabled)):
        for name in names:
            if name not in provided | NOT_PROVIDED:
                raise ValueError(f'{flag}-admission-plugins plugin "{name}" is unknown')
    if both := sorted(set(enabled) & set(disabled)):
        raise ValueError(f"[{' '.join(both)}] in enable-admission-plugins and disable-admission-plugins overlapped")
    wanted = (ON_BY_DEFAULT | set(enabled)) - set(disabled)
    return [plugin for plugin in plugins if plugin.name in wanted]
