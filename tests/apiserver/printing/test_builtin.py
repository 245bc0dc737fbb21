"""Every built-in kind as rows: the words upstream prints, and none of them lost for want of an optional part."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apiserver.printing.builtin import printers
from apiserver.printing.default import DefaultPrinter
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import ResourceInfo

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CREATED = "2026-01-01T00:00:00Z"
TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "a", "image": "one:1"}, {"name": "b", "image": "two:2"}]},
}
SELECTOR = {"matchLabels": {"app": "web"}}


def kinds() -> list[ResourceInfo]:
    return [info for info in builtin_registry(load_bundle()) if "get" in info.verbs]


@pytest.mark.parametrize("info", kinds(), ids=lambda info: f"{info.plural}.{info.group}")
def test_missing_parts_read_as_gos_zero(info: ResourceInfo) -> None:
    for parts in ({}, {"spec": {}}, {"spec": {}, "status": {}}):
        for metadata in ({"name": "x", "creationTimestamp": CREATED}, {"name": "x"}):
            cells = info.printer.cells({"metadata": metadata, **parts}, NOW)
            assert len(cells) == len(info.printer.columns)
            assert all(isinstance(cell, str | int | bool) for cell in cells)


def test_what_is_printed_is_served() -> None:
    served = {(info.group, info.kind) for info in kinds()}
    assert set(printers()) <= served
    unprinted = {info.kind for info in kinds() if isinstance(info.printer, DefaultPrinter)}
    # Upstream prints no more than name and age of these either.
    assert unprinted <= {"DeviceClass", "ResourceClaimTemplate", "ComponentStatus"}


def row(group: str, kind: str, **obj: Any) -> list[Any]:
    metadata = {"name": "x", "creationTimestamp": CREATED, **obj.pop("metadata", {})}
    return list(printers()[group, kind].cells({"metadata": metadata, **obj}, NOW))


def columns(group: str, kind: str, *, wide: bool = False) -> list[str]:
    return [column.name for column in printers()[group, kind].columns if wide or column.priority == 0]


@pytest.mark.parametrize(
    ("group", "kind", "expected"),
    [
        pytest.param("", "Service", "Name Type Cluster-IP External-IP Port(s) Age", id="service"),
        pytest.param("apps", "Deployment", "Name Ready Up-to-date Available Age", id="deployment"),
        pytest.param("batch", "Job", "Name Status Completions Duration Age", id="job"),
        pytest.param("", "ResourceQuota", "Name Request Limit Age", id="quota"),
        pytest.param(
            "storage.k8s.io",
            "StorageClass",
            "Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age",
            id="class",
        ),
    ],
)
def test_columns(group: str, kind: str, expected: str) -> None:
    assert columns(group, kind) == expected.split()


NOT_PLAIN = {
    "Allowed Disruptions": "integer",
    "Active": "integer",
    "Attached": "boolean",
    "AttachRequired": "boolean",
    "Created At": "date",
    "Current": "integer",
    "Desired": "integer",
    "Drivers": "integer",
    "Global-Default": "boolean",
    "Mutations": "integer",
    "PodInfoOnMount": "boolean",
    "RequiresRepublish": "boolean",
    "StorageCapacity": "boolean",
    "Suspend": "boolean",
    "Validations": "integer",
    "Value": "integer",
    "Webhooks": "integer",
}


@pytest.mark.parametrize("key", sorted(printers()), ids=".".join)
def test_types_of_columns(key: tuple[str, str]) -> None:
    """Most are strings, whatever stands in them; daemon sets are among the few that count in integers throughout."""
    counted = {"Ready", "Up-to-date", "Available"} if key[1] in COUNTING else set()
    for column in printers()[key].columns:
        expected = "integer" if column.name in counted else NOT_PLAIN.get(column.name, "string")
        assert column.type == expected, column.name


COUNTING = {"DaemonSet", "ReplicaSet", "ReplicationController"}


def test_columns_of_wide() -> None:
    assert columns("apps", "Deployment", wide=True)[-3:] == ["Containers", "Images", "Selector"]


WORKLOADS = [
    pytest.param(
        "apps",
        "Deployment",
        {
            "spec": {"replicas": 3, "selector": SELECTOR, "template": TEMPLATE},
            "status": {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1},
        },
        ["x", "1/3", 2, 1, "24h", "a,b", "one:1,two:2", "app=web"],
        id="deployment",
    ),
    pytest.param(
        "apps",
        "DaemonSet",
        {"spec": {"selector": SELECTOR, "template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}},
        ["x", 0, 0, 0, 0, 0, "disk=ssd", "24h", "", "", "app=web"],
        id="daemonset",
    ),
    pytest.param(
        "apps",
        "ControllerRevision",
        {
            "metadata": {
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True}]
            },
            "revision": 4,
        },
        ["x", "statefulset.apps/db", 4, "24h"],
        id="controllerrevision",
    ),
    pytest.param(
        "batch",
        "Job",
        {
            "spec": {"completions": 3, "selector": SELECTOR, "template": TEMPLATE},
            "status": {
                "succeeded": 3,
                "startTime": "2026-01-01T00:00:00Z",
                "completionTime": "2026-01-01T00:01:30Z",
                "conditions": [{"type": "Complete", "status": "True"}],
            },
        },
        ["x", "Complete", "3/3", "90s", "24h", "a,b", "one:1,two:2", "app=web"],
        id="job-complete",
    ),
    pytest.param(
        "batch",
        "Job",
        {"spec": {"parallelism": 4, "template": TEMPLATE}, "status": {"startTime": "2026-01-01T23:59:00Z"}},
        ["x", "Running", "0/1 of 4", "60s", "24h", "a,b", "one:1,two:2", "<none>"],
        id="job-work-queue",
    ),
    pytest.param(
        "batch",
        "CronJob",
        {
            "spec": {"schedule": "*/5 * * * *", "suspend": False, "jobTemplate": {"spec": {"template": TEMPLATE}}},
            "status": {"lastScheduleTime": "2026-01-01T23:58:00Z", "active": [{}]},
        },
        ["x", "*/5 * * * *", "<none>", "False", 1, "2m", "24h", "a,b", "one:1,two:2", "<none>"],
        id="cronjob",
    ),
]

SERVICES = [
    pytest.param(
        "",
        "Service",
        {
            "spec": {
                "type": "NodePort",
                "clusterIPs": ["127.64.0.9"],
                "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
                "selector": {"app": "web"},
            }
        },
        ["x", "NodePort", "127.64.0.9", "<none>", "80:30080/TCP,53/UDP", "24h", "app=web"],
        id="node-port",
    ),
    pytest.param(
        "",
        "Service",
        {"spec": {"type": "LoadBalancer", "clusterIPs": ["127.64.0.9"]}},
        ["x", "LoadBalancer", "127.64.0.9", "<pending>", "<none>", "24h", "<none>"],
        id="load-balancer-pending",
    ),
    pytest.param(
        "",
        "Service",
        {
            "spec": {"type": "LoadBalancer", "externalIPs": ["203.0.113.9"]},
            "status": {"loadBalancer": {"ingress": [{"hostname": "a-long-name.lb.example"}, {"ip": "127.1.1.1"}]}},
        },
        ["x", "LoadBalancer", "<none>", "127.1.1.1,a-long-name.lb.example,203.0.113.9", "<none>", "24h", "<none>"],
        id="load-balancer",
    ),
    pytest.param(
        "",
        "Service",
        {"spec": {"type": "ExternalName", "externalName": "db.example"}},
        ["x", "ExternalName", "<none>", "db.example", "<none>", "24h", "<none>"],
        id="external-name",
    ),
    pytest.param(
        "",
        "Endpoints",
        {"subsets": [{"addresses": [{"ip": f"127.128.0.{n}"} for n in range(2, 6)], "ports": [{"port": 80}]}]},
        ["x", "127.128.0.2:80,127.128.0.3:80,127.128.0.4:80 + 1 more...", "24h"],
        id="endpoints",
    ),
    pytest.param(
        "",
        "Endpoints",
        {"subsets": [{"addresses": [{"ip": "fd00::2"}], "ports": [{"port": 80}]}]},
        ["x", "[fd00::2]:80", "24h"],
        id="endpoints-of-ipv6",
    ),
    pytest.param(
        "", "Endpoints", {"subsets": [{"notReadyAddresses": [{"ip": "127.128.0.2"}]}]}, ["x", "", "24h"], id="not-ready"
    ),
    pytest.param("", "Endpoints", {}, ["x", "<none>", "24h"], id="no-endpoints"),
    pytest.param(
        "discovery.k8s.io",
        "EndpointSlice",
        {
            "addressType": "IPv4",
            "ports": [{"port": 80}, {}, {"name": "web"}],
            "endpoints": [{"addresses": ["127.128.0.2"]}],
        },
        ["x", "IPv4", "80,*,web", "127.128.0.2", "24h"],
        id="endpointslice",
    ),
    pytest.param(
        "networking.k8s.io",
        "Ingress",
        {
            "spec": {"rules": [{"host": "a.example"}, {}], "tls": [{}]},
            "status": {"loadBalancer": {"ingress": [{"ip": "127.1.1.1"}]}},
        },
        ["x", "<none>", "a.example", "127.1.1.1", "80, 443", "24h"],
        id="ingress",
    ),
    pytest.param(
        "networking.k8s.io",
        "Ingress",
        {"spec": {"rules": [{"host": f"{name}.example"} for name in "abc"] + [{}], "ingressClassName": "web"}},
        ["x", "web", "a.example,b.example,c.example + 1 more...", "", "80", "24h"],
        id="ingress-of-many-hosts",
    ),
]

OTHERS = [
    pytest.param(
        "",
        "PersistentVolume",
        {
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadOnlyMany", "ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "claimRef": {"namespace": "ns", "name": "data"},
                "storageClassName": "fast",
                "volumeMode": "Filesystem",
            },
            "status": {"phase": "Bound"},
        },
        ["x", "1Gi", "RWO,ROX", "Retain", "Bound", "ns/data", "fast", "<unset>", "", "24h", "Filesystem"],
        id="volume",
    ),
    pytest.param(
        "",
        "PersistentVolumeClaim",
        {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast"}, "status": {"phase": "Pending"}},
        ["x", "Pending", "", "", "", "fast", "<unset>", "24h", "<unset>"],
        id="claim-unbound",
    ),
    pytest.param(
        "storage.k8s.io",
        "StorageClass",
        {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "p"},
        ["x (default)", "p", "Delete", "Immediate", False, "24h"],
        id="default-class",
    ),
    pytest.param(
        "",
        "ResourceQuota",
        {"status": {"hard": {"pods": "4", "limits.cpu": "2"}, "used": {"pods": "1", "limits.cpu": "500m"}}},
        ["x", "pods: 1/4", "limits.cpu: 500m/2", "24h"],
        id="quota",
    ),
    pytest.param(
        "autoscaling",
        "HorizontalPodAutoscaler",
        {
            "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": "web"},
                "minReplicas": 1,
                "maxReplicas": 5,
                "metrics": [
                    {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}},
                    {"type": "Pods", "pods": {"target": {"averageValue": "10"}}},
                    {"type": "External", "external": {"target": {"value": "3"}}},
                ],
            },
            "status": {
                "currentReplicas": 2,
                "currentMetrics": [{"type": "Resource", "resource": {"current": {"averageUtilization": 12}}}],
            },
        },
        ["x", "Deployment/web", "cpu: 12%/80%, <unknown>/10 + 1 more...", "1", 5, 2, "24h"],
        id="autoscaler",
    ),
    pytest.param(
        "policy",
        "PodDisruptionBudget",
        {"spec": {"minAvailable": "50%"}, "status": {"disruptionsAllowed": 2}},
        ["x", "50%", "N/A", 2, "24h"],
        id="budget",
    ),
    pytest.param(
        "rbac.authorization.k8s.io",
        "RoleBinding",
        {
            "roleRef": {"kind": "Role", "name": "reader"},
            "subjects": [
                {"kind": "User", "name": "jane"},
                {"kind": "ServiceAccount", "namespace": "ns", "name": "default"},
            ],
        },
        ["x", "Role/reader", "24h", "jane", "", "ns/default"],
        id="role-binding",
    ),
    pytest.param(
        "certificates.k8s.io",
        "CertificateSigningRequest",
        {
            "spec": {"signerName": "s", "username": "jane", "expirationSeconds": 3600},
            "status": {"conditions": [{"type": "Approved"}], "certificate": "eA=="},
        },
        ["x", "24h", "s", "jane", "60m", "Approved,Issued"],
        id="signing-request",
    ),
    pytest.param(
        "apiregistration.k8s.io",
        "APIService",
        {
            "spec": {"service": {"namespace": "ns", "name": "metrics"}},
            "status": {"conditions": [{"type": "Available", "status": "False", "reason": "MissingEndpoints"}]},
        },
        ["x", "ns/metrics", "False (MissingEndpoints)", "24h"],
        id="api-service",
    ),
    pytest.param(
        "resource.k8s.io",
        "ResourceClaim",
        {"status": {"allocation": {"devices": {}}, "reservedFor": [{"name": "pod"}]}},
        ["x", "allocated,reserved", "24h"],
        id="resource-claim",
    ),
]


@pytest.mark.parametrize(("group", "kind", "obj", "expected"), [*WORKLOADS, *SERVICES, *OTHERS])
def test_cells(group: str, kind: str, obj: dict[str, Any], expected: list[Any]) -> None:
    assert row(group, kind, **obj) == expected
