"""The built-in kinds that the garbage collector looks after."""

from typing import Any

from apimachinery.types.base import Object
from controller_manager.metadata_kinds import metadata_alone
from kubeclient.resources import (
    CONTROLLER_REVISIONS,
    CRONJOBS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DAEMONSETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    HORIZONTAL_POD_AUTOSCALERS,
    JOBS,
    LEASES,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    POD_DISRUPTION_BUDGETS,
    PODS,
    REPLICASETS,
    REPLICATION_CONTROLLERS,
    RESOURCE_QUOTAS,
    SERVICES,
    STATEFULSETS,
    STORAGE_CLASSES,
    Resource,
)

_TYPED = (
    PODS,
    REPLICASETS,
    REPLICATION_CONTROLLERS,
    DEPLOYMENTS,
    JOBS,
    CRONJOBS,
    DAEMONSETS,
    STATEFULSETS,
    CONTROLLER_REVISIONS,
    LEASES,
    NODES,
    NAMESPACES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    SERVICES,
    ENDPOINTS,
    ENDPOINT_SLICES,
    HORIZONTAL_POD_AUTOSCALERS,
    POD_DISRUPTION_BUDGETS,
    CUSTOM_RESOURCE_DEFINITIONS,
    RESOURCE_QUOTAS,
    STORAGE_CLASSES,
)
"""Kinds of which other controllers, too, have caches."""


def _webhooks(kind: str) -> Resource[Object]:
    plural = f"{kind.lower()}webhookconfigurations"
    return metadata_alone("admissionregistration.k8s.io", "v1", f"{kind}WebhookConfiguration", plural, namespaced=False)


_OTHERS = (
    metadata_alone("", "v1", "ConfigMap", "configmaps"),
    metadata_alone("", "v1", "Secret", "secrets"),
    metadata_alone("", "v1", "ServiceAccount", "serviceaccounts"),
    metadata_alone("networking.k8s.io", "v1", "Ingress", "ingresses"),
    metadata_alone("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    metadata_alone("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    metadata_alone("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    metadata_alone("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False),
    metadata_alone("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    metadata_alone("", "v1", "LimitRange", "limitranges"),
    _webhooks("Mutating"),
    _webhooks("Validating"),
)
"""Kinds that nobody else looks at."""


def collected_resources() -> tuple[Resource[Any], ...]:
    """Return the built-in kinds that take part: those that own others or are owned in practice.

    Events never do, as upstream. Custom resources all do, while they are defined.
    """
    return (*_TYPED, *_OTHERS)
