"""The plugins, in the order in which they run."""

from apiserver.admission.interface import Access, AdmissionPlugin
from apiserver.admission.lookups import Lookups
from apiserver.admission.plugins.default_toleration_seconds import DefaultTolerationSeconds
from apiserver.admission.plugins.limit_ranger import LimitRanger
from apiserver.admission.plugins.namespace_lifecycle import NamespaceLifecycle
from apiserver.admission.plugins.priority import Priority
from apiserver.admission.plugins.resource_quota import ResourceQuota
from apiserver.admission.plugins.service_account import ServiceAccount


def all_plugins(access: Access) -> tuple[AdmissionPlugin, ...]:
    """Return a fresh instance of every plugin (``AllOrderedPlugins`` in ``pkg/kubeapiserver/options``, v1.36)."""
    lookups = Lookups(access.objects, access.registry)
    return (
        NamespaceLifecycle(lookups),
        LimitRanger(lookups),
        ServiceAccount(lookups, access.clock),
        Priority(lookups),
        DefaultTolerationSeconds(),
        ResourceQuota(access.quotas),
    )
