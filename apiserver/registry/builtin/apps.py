"""``apps`` (``pkg/registry/apps``, v1.36)."""

from apiserver.registry import kinds
from apiserver.registry.builtin.row import SCALE, Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="ControllerRevision", plural="controllerrevisions"),
        Row(kind="DaemonSet", plural="daemonsets", short_names=("ds",), categories=("all",), status=True),
        Row(
            kind="Deployment",
            plural="deployments",
            short_names=("deploy",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(
            kind="ReplicaSet",
            plural="replicasets",
            strategy=kinds.ReplicaSetStrategy(),
            short_names=("rs",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(
            kind="StatefulSet",
            plural="statefulsets",
            short_names=("sts",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
    )
