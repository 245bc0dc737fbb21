"""``v1``, the core group (``pkg/registry/core``, v1.36)."""

from apiserver.registry import kinds
from apiserver.registry.builtin.row import SCALE, Row, proxy
from apiserver.registry.pods import PodStrategy
from apiserver.registry.resource import Subresource

_NO_COLLECTION_DELETE = ("create", "delete", "get", "list", "patch", "update", "watch")


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="ConfigMap", plural="configmaps", short_names=("cm",)),
        Row(kind="Endpoints", plural="endpoints", short_names=("ep",)),
        Row(kind="Event", plural="events", strategy=kinds.EventStrategy(), short_names=("ev",)),
        Row(kind="LimitRange", plural="limitranges", short_names=("limits",)),
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
        Row(kind="PersistentVolumeClaim", plural="persistentvolumeclaims", short_names=("pvc",), status=True),
        Row(kind="PersistentVolume", plural="persistentvolumes", namespaced=False, short_names=("pv",), status=True),
        Row(
            kind="Pod",
            plural="pods",
            strategy=PodStrategy(),
            short_names=("po",),
            categories=("all",),
            status=True,
            subresources=(Subresource("binding", ("create",), "Binding"), proxy("PodProxyOptions")),
        ),
        Row(kind="PodTemplate", plural="podtemplates"),
        Row(
            kind="ReplicationController",
            plural="replicationcontrollers",
            short_names=("rc",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(kind="ResourceQuota", plural="resourcequotas", short_names=("quota",), status=True),
        Row(kind="Secret", plural="secrets"),
        Row(kind="ServiceAccount", plural="serviceaccounts", short_names=("sa",)),
        Row(
            kind="Service",
            plural="services",
            short_names=("svc",),
            categories=("all",),
            status=True,
            subresources=(proxy("ServiceProxyOptions"),),
        ),
    )
