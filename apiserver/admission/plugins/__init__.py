"""The plugins, in the order in which they run."""

from apiserver.admission.interface import Access, AdmissionPlugin
from apiserver.admission.lookups import Lookups
from apiserver.admission.plugins.always import AlwaysAdmit, AlwaysDeny
from apiserver.admission.plugins.always_pull_images import AlwaysPullImages
from apiserver.admission.plugins.certificate_subject_restriction import CertificateSubjectRestriction
from apiserver.admission.plugins.default_ingress_class import DefaultIngressClass
from apiserver.admission.plugins.default_storage_class import DefaultStorageClass
from apiserver.admission.plugins.default_toleration_seconds import DefaultTolerationSeconds
from apiserver.admission.plugins.deny_service_external_ips import DenyServiceExternalIPs
from apiserver.admission.plugins.extended_resource_toleration import ExtendedResourceToleration
from apiserver.admission.plugins.limit_pod_hard_anti_affinity_topology import LimitPodHardAntiAffinityTopology
from apiserver.admission.plugins.limit_ranger import LimitRanger
from apiserver.admission.plugins.namespace_exists import NamespaceExists
from apiserver.admission.plugins.namespace_lifecycle import NamespaceLifecycle
from apiserver.admission.plugins.persistent_volume_claim_resize import PersistentVolumeClaimResize
from apiserver.admission.plugins.pod_node_selector import PodNodeSelector
from apiserver.admission.plugins.pod_security import PodSecurity
from apiserver.admission.plugins.pod_toleration_restriction import PodTolerationRestriction
from apiserver.admission.plugins.priority import Priority
from apiserver.admission.plugins.resource_quota import ResourceQuota
from apiserver.admission.plugins.runtime_class import RuntimeClass
from apiserver.admission.plugins.service_account import ServiceAccount
from apiserver.admission.plugins.storage_object_in_use_protection import StorageObjectInUseProtection
from apiserver.admission.plugins.taint_nodes_by_condition import TaintNodesByCondition


def all_plugins(access: Access) -> tuple[AdmissionPlugin, ...]:
    """Return a fresh instance of every plugin (``AllOrderedPlugins`` in ``pkg/kubeapiserver/options``, v1.36)."""
    lookups = Lookups(access.objects, access.registry, access.writes)
    return (
        AlwaysAdmit(),
        NamespaceLifecycle(lookups),
        NamespaceExists(lookups),
        LimitPodHardAntiAffinityTopology(),
        LimitRanger(lookups),
        ServiceAccount(lookups, access.clock, access.rng),
        TaintNodesByCondition(),
        AlwaysPullImages(),
        PodSecurity(lookups),
        PodNodeSelector(lookups),
        Priority(lookups),
        DefaultTolerationSeconds(),
        PodTolerationRestriction(lookups),
        ExtendedResourceToleration(),
        DefaultStorageClass(lookups),
        StorageObjectInUseProtection(),
        PersistentVolumeClaimResize(lookups),
        RuntimeClass(lookups),
        CertificateSubjectRestriction(),
        DefaultIngressClass(lookups),
        DenyServiceExternalIPs(),
        # Quotas come last of what may refuse, so that nothing is counted that somebody else refuses.
        ResourceQuota(access.quotas),
        AlwaysDeny(),
    )
