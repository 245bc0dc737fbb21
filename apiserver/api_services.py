"""An ``APIService`` for each version that the server serves from its start: it is there, and nobody else serves it.

Follows ``pkg/controlplane/apiserver/aggregator.go``, v1.36. Those of custom resources are not made. ``metrics.k8s.io``,
which upstream has from a Service of metrics-server, is the server's own here.
"""

from collections.abc import Mapping
from typing import Any

from apiserver.handlers.context import Context
from apiserver.own_objects import create_own

JSONObject = dict[str, Any]

_GROUP = "apiregistration.k8s.io"
_AUTOMANAGED = {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
_STABLE = 15

PRIORITIES: Mapping[str, tuple[int, int]] = {
    "v1": (18000, 1),
    "apps/v1": (17800, _STABLE),
    "events.k8s.io/v1": (17750, 5),
    "authentication.k8s.io/v1": (17700, _STABLE),
    "authorization.k8s.io/v1": (17600, _STABLE),
    "autoscaling/v2": (17500, 30),
    "autoscaling/v1": (17500, _STABLE),
    "batch/v1": (17400, _STABLE),
    "certificates.k8s.io/v1": (17300, _STABLE),
    "networking.k8s.io/v1": (17200, _STABLE),
    "policy/v1": (17100, _STABLE),
    "rbac.authorization.k8s.io/v1": (17000, _STABLE),
    "storage.k8s.io/v1": (16800, _STABLE),
    "apiextensions.k8s.io/v1": (16700, _STABLE),
    "admissionregistration.k8s.io/v1": (16700, _STABLE),
    "scheduling.k8s.io/v1": (16600, _STABLE),
    "coordination.k8s.io/v1": (16500, _STABLE),
    "node.k8s.io/v1": (16300, _STABLE),
    "discovery.k8s.io/v1": (16200, _STABLE),
    "flowcontrol.apiserver.k8s.io/v1": (16100, 21),
    "resource.k8s.io/v1": (15900, _STABLE),
    "metrics.k8s.io/v1beta1": (100, 100),
}
"""Upstream's priorities of each version's group, and of the version in it; ``apiregistration.k8s.io`` has no object."""


def api_service(api_version: str) -> JSONObject:
    """Return the object of a version that the server serves itself."""
    group, _, version = api_version.rpartition("/")
    group_priority, version_priority = PRIORITIES[api_version]
    spec: JSONObject = {
        "version": version,
        "groupPriorityMinimum": group_priority,
        "versionPriority": version_priority,
        **({"group": group} if group else {}),
    }
    return {"metadata": {"name": f"{version}.{group}", "labels": _AUTOMANAGED}, "spec": spec}


async def create_api_services(context: Context) -> None:
    """Create those that are not there."""
    for api_version in PRIORITIES:
        await create_own(context, _GROUP, "apiservices", api_service(api_version))
