"""``v1``, the core group (``pkg/registry/core``, v1.36)."""

from apiserver.registry import config, endpoints, kinds, quota, services, volumes, workloads
from apiserver.registry.builtin.row import CREATE_ONLY, READ_ONLY, SCALE, Row, proxy, stream
from apiserver.registry.pods import PodStrategy
from apiserver.registry.resource import Subresource

_NO_COLLECTION_DELETE = ("create", "delete", "get", "list", "patch", "update", "watch")


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="Binding", plural="bindings", verbs=CREATE_ONLY),
        Row(kind="ComponentStatus", plural="componentstatuses", namespaced=False, short_names=("cs",), verbs=READ_ONLY),
        Row(kind="ConfigMap", plural="configmaps", strategy=config.ConfigMapStrategy(), short_names=("cm",)),
        Row(kind="Endpoints", plural="endpoints", strategy=endpoints.EndpointsStrategy(), short_names=("ep",)),
        Row(kind="Event", plural="events", strategy=kinds.EventStrategy(), short_names=("ev",)),
        Row(kind="LimitRange", plural="limitranges", strategy=quota.LimitRangeStrategy(), short_names=("limits",)),
        Row(
            kind="Namespace",
            plural="namespaces",
            strategy=kinds.NamespaceStrategy(),
            namespaced=False,
            short_names=("ns",),
            status=True,
            verbs=_NO_COLLECTION_DELETE,
            subresources=(Subresource("finalize", ("update",), "Namespace"),),
        ),
        Row(
            kind="Node",
            plural="nodes",
            strategy=kinds.NodeStrategy(),
            namespaced=False,
            short_names=("no",),
            status=True,
            subresources=(proxy("NodeProxyOptions"),),
        ),
        Row(
            kind="PersistentVolumeClaim",
            plural="persistentvolumeclaims",
            strategy=volumes.PersistentVolumeClaimStrategy(),
            short_names=("pvc",),
            status=True,
        ),
        Row(
            kind="PersistentVolume",
            plural="persistentvolumes",
            strategy=volumes.PersistentVolumeStrategy(),
            namespaced=False,
            short_names=("pv",),
            status=True,
        ),
        Row(
            kind="Pod",
            plural="pods",
            strategy=PodStrategy(),
            short_names=("po",),
            categories=("all",),
            status=True,
            subresources=(
                Subresource("binding", ("create",), "Binding"),
                Subresource("ephemeralcontainers", ("get", "patch", "update"), "Pod"),
                Subresource("resize", ("get", "patch", "update"), "Pod"),
                Subresource("eviction", ("create",), "Eviction", group="policy", version="v1"),
                Subresource("log", ("get",), "Pod"),
                proxy("PodProxyOptions"),
                stream("attach", "PodAttachOptions"),
                stream("exec", "PodExecOptions"),
                stream("portforward", "PodPortForwardOptions"),
            ),
        ),
        Row(kind="PodTemplate", plural="podtemplates", strategy=workloads.PodTemplateStrategy()),
        Row(
            kind="ReplicationController",
            plural="replicationcontrollers",
            strategy=workloads.ReplicationControllerStrategy(),
            short_names=("rc",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(
            kind="ResourceQuota",
            plural="resourcequotas",
            strategy=quota.ResourceQuotaStrategy(),
            short_names=("quota",),
            status=True,
        ),
        Row(kind="Secret", plural="secrets", strategy=config.SecretStrategy()),
        Row(
            kind="ServiceAccount",
            plural="serviceaccounts",
            strategy=config.ServiceAccountStrategy(),
            short_names=("sa",),
            subresources=(
                Subresource("token", ("create",), "TokenRequest", group="authentication.k8s.io", version="v1"),
            ),
        ),
        Row(
            kind="Service",
            plural="services",
            strategy=services.ServiceStrategy(),
            short_names=("svc",),
            categories=("all",),
            status=True,
            subresources=(proxy("ServiceProxyOptions"),),
        ),
    )
