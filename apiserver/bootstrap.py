"""What a cluster has before anyone has created anything."""

import ipaddress
from typing import Any

import orjson

from apimachinery.errors import AlreadyExists, Forbidden, NotFound
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object
from apiserver.registry.resource import ResourceInfo
from apiserver.registry.service_allocation import ServiceAllocators
from apiserver.validation.policy import SYSTEM_PRIORITIES
from store.interface import ListOptions

JSONObject = dict[str, Any]

SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
KUBERNETES = "kubernetes"
"""What this server is called as a service of its own cluster."""

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
        await _create(context, "", "namespaces", {"metadata": {"name": name}})
    for name, value in SYSTEM_PRIORITIES.items():
        priority_class = {"metadata": {"name": name}, "value": value, "description": _PRIORITY_USES[name]}
        await _create(context, "scheduling.k8s.io", "priorityclasses", priority_class)
    await _create_service_cidr(context, services)
    await _create_kubernetes_service(context, services, host, port)


async def _restore_allocations(context: Context, services: ServiceAllocators) -> None:
    listed = await context.objects.list(_info(context, "", "services"), "", ListOptions())
    for record in listed.records:
        services.restore(orjson.loads(record.value))


async def _create_service_cidr(context: Context, services: ServiceAllocators) -> None:
    """``pkg/controlplane/controller/defaultservicecidr`` (v1.36)."""
    service_cidr = {"metadata": {"name": KUBERNETES}, "spec": {"cidrs": [str(services.network)]}}
    if not await _create(context, "networking.k8s.io", "servicecidrs", service_cidr):
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

    await context.objects.update(_info(context, "networking.k8s.io", "servicecidrs"), "", KUBERNETES, make_ready)


async def _create_kubernetes_service(context: Context, services: ServiceAllocators, host: str, port: int) -> None:
    """``pkg/controlplane/controller/kubernetesservice`` (v1.36): a service without selector, and its endpoints."""
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        # Listening everywhere includes the loopback interface, where the rest of the cluster is.
        address = ipaddress.ip_address("127.0.0.1")
    metadata: JSONObject = {"name": KUBERNETES, "namespace": "default"}
    service = {
        "metadata": {**metadata, "labels": {"component": "apiserver", "provider": KUBERNETES}},
        "spec": {
            "clusterIP": services.first_address,
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
        },
    }
    ports = [{"name": "https", "port": port, "protocol": "TCP"}]
    endpoints = {
        "metadata": {**metadata, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": str(address)}], "ports": ports}],
    }
    endpoint_slice = {
        "metadata": {**metadata, "labels": {"kubernetes.io/service-name": KUBERNETES}},
        "addressType": f"IPv{address.version}",
        "endpoints": [{"addresses": [str(address)], "conditions": {"ready": True}}],
        "ports": ports,
    }
    await _create(context, "", "services", service)
    await _create(context, "", "endpoints", endpoints)
    await _create(context, "discovery.k8s.io", "endpointslices", endpoint_slice)


async def _create(context: Context, group: str, plural: str, obj: JSONObject) -> bool:
    """Create an object of the cluster's own; return whether it was not there yet.

    What admission refuses, because the flags have it so, is done without.
    """
    try:
        await create_object(context, _info(context, group, plural), obj, WriteOptions())
    except (AlreadyExists, Forbidden, NotFound):
        return False
    return True


def _info(context: Context, group: str, plural: str) -> ResourceInfo:
    found = context.registry.find(group, "v1", plural)
    assert found is not None
    return found
