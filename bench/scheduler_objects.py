"""The nodes and pods that the scheduler's benchmarks use, as JSON objects."""

from typing import Any

JSONObject = dict[str, Any]

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
HIGH_PRIORITY: JSONObject = {"metadata": {"name": "bench-high"}, "value": 1000}
_GROUP = 100
"""How many pods of :func:`lonely_pod` avoid one another."""


def node(number: int) -> JSONObject:
    return {
        "metadata": {
            "name": f"node-{number}",
            "labels": {
                HOST: f"node-{number}",
                "kubernetes.io/os": "linux",
                ZONE: f"zone-{number % 3}",
                "disk": "ssd" if number % 2 else "hdd",
            },
        },
        "spec": {},
        "status": {
            "allocatable": {"cpu": "32", "memory": "256Gi", "ephemeral-storage": "100Gi", "pods": "500"},
            "capacity": {"cpu": "32", "memory": "256Gi", "ephemeral-storage": "100Gi", "pods": "500"},
        },
    }


def tainted_node(number: int) -> JSONObject:
    """Every fifth node is somebody's own, every seventh of the others one that is better avoided."""
    found = node(number)
    if number % 5 == 0:
        found["spec"]["taints"] = [{"key": "dedicated", "value": f"team-{number % 4}", "effect": "NoSchedule"}]
    elif number % 7 == 0:
        found["spec"]["taints"] = [{"key": "spot", "effect": "PreferNoSchedule"}]
    return found


def plain_pod(number: int) -> JSONObject:
    """A pod with requests, as one that a ReplicaSet has made."""
    return {
        "metadata": {
            "name": f"pod-{number}",
            "labels": {"app": "web", "pod-template-hash": "6d4b75cb6d"},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "web", "controller": True}
            ],
        },
        "spec": {
            "containers": [
                {
                    "name": "c",
                    "image": "registry.k8s.io/pause:3.10",
                    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
                }
            ]
        },
    }


def affine_pod(number: int) -> JSONObject:
    """A pod with node affinity; it tolerates no taint."""
    pod = plain_pod(number)
    pod["spec"]["affinity"] = {
        "nodeAffinity": {
            _REQUIRED: {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]},
                    {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]},
                ]
            },
            _PREFERRED: [
                {
                    "weight": 10,
                    "preference": {"matchExpressions": [{"key": ZONE, "operator": "NotIn", "values": ["zone-1"]}]},
                }
            ],
        }
    }
    return pod


def spread_pod(number: int) -> JSONObject:
    """A pod that must be spread over the zones."""
    pod = plain_pod(number)
    pod["spec"]["topologySpreadConstraints"] = [
        {
            "maxSkew": 1,
            "topologyKey": ZONE,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }
    ]
    return pod


def lonely_pod(number: int) -> JSONObject:
    """A pod that must not be on a node with another one of its group."""
    pod = plain_pod(number)
    group = {"group": f"group-{number // _GROUP}"}
    pod["metadata"]["labels"] |= group
    pod["spec"]["affinity"] = {
        "podAntiAffinity": {_REQUIRED: [{"topologyKey": HOST, "labelSelector": {"matchLabels": group}}]}
    }
    return pod


def own_pod(number: int) -> JSONObject:
    """A pod of a template of its own, which spreads and avoids nobody but its like."""
    pod = plain_pod(number)
    pod["metadata"]["labels"] = {"app": f"app-{number}", "pod-template-hash": f"hash-{number}"}
    alike = {"matchLabels": {"app": f"app-{number}"}}
    pod["spec"]["affinity"] = {"podAntiAffinity": {_REQUIRED: [{"topologyKey": HOST, "labelSelector": alike}]}}
    pod["spec"]["topologySpreadConstraints"] = [
        {"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": alike}
    ]
    return pod


def pushing_pod(number: int, *, important: bool) -> JSONObject:
    """A pod that fills a node of :func:`node` by itself."""
    pod = plain_pod(number)
    pod["spec"]["containers"][0]["resources"]["requests"] = {"cpu": "20", "memory": "32Mi"}
    pod["spec"]["terminationGracePeriodSeconds"] = 0
    if important:
        pod["spec"]["priorityClassName"] = HIGH_PRIORITY["metadata"]["name"]
    return pod
