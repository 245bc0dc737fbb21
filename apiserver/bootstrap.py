"""What a cluster has before anyone has created anything."""

from typing import Any

import orjson

from apiserver.api_services import create_api_services
from apiserver.handlers.context import Context
from apiserver.kubernetes_service import KUBERNETES, KubernetesService
from apiserver.own_objects import create_own, info_of
from apiserver.registry.service_allocation import ServiceAllocators
from apiserver.validation.policy import SYSTEM_PRIORITIES
from store.interface import ListOptions

JSONObject = dict[str, Any]

SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")

_PRIORITY_USES = {
    "system-node-critical": "Used for system critical pods that must not be moved from their current node.",
    "system-cluster-critical": (
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
    ),
}


async def create_system_objects(context: Context, services: ServiceAllocators, host: str, port: int) -> None:
    """Create what every cluster starts with; what is there already stays as it is.

    ``host`` and ``port`` are where this server listens.
    """
    await _restore_allocations(context, services)
    for name in SYSTEM_NAMESPACES:
        await create_own(context, "", "namespaces", {"metadata": {"name": name}})
    for name, value in SYSTEM_PRIORITIES.items():
        priority_class = {"metadata": {"name": name}, "value": value, "description": _PRIORITY_USES[name]}
        await create_own(context, "scheduling.k8s.io", "priorityclasses", priority_class)
    await create_api_services(context)
    await _create_service_cidr(context, services)
    await KubernetesService(context, services, host, port).ensure()


async def _restore_allocations(context: Context, services: ServiceAllocators) -> None:
    listed = await context.objects.list(info_of(context, "", "services"), "", ListOptions())
    for record in listed.records:
        services.restore(orjson.loads(record.value))


async def _create_service_cidr(context: Context, services: ServiceAllocators) -> None:
    """``pkg/controlplane/controller/defaultservicecidr`` (v1.36)."""
    service_cidr = {"metadata": {"name": KUBERNETES}, "spec": {"cidrs": [str(services.network)]}}
    if not await create_own(context, "networking.k8s.io", "servicecidrs", service_cidr):
        return

    async def make_ready(obj: JSONObject) -> JSONObject:
        condition = {
            "type": "Ready",
            "status": "True",
            "reason": "",
            "message": "Kubernetes default Service CIDR is ready",
            "lastTransitionTime": obj["metadata"]["creationTimestamp"],
        }
        return {**obj, "status": {"conditions": [condition]}}

    await context.objects.update(info_of(context, "networking.k8s.io", "servicecidrs"), "", KUBERNETES, make_ready)
