"""``apps`` (``pkg/registry/apps``, v1.36)."""

from apiserver.registry import workloads
from apiserver.registry.builtin.row import SCALE, Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="ControllerRevision", plural="controllerrevisions", strategy=workloads.ControllerRevisionStrategy()),
        Row(
            kind="DaemonSet",
            plural="daemonsets",
            strategy=workloads.DaemonSetStrategy(),
            short_names=("ds",),
            categories=("all",),
            status=True,
        ),
        Row(
            kind="Deployment",
            plural="deployments",
            strategy=workloads.DeploymentStrategy(),
            short_names=("deploy",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(
            kind="ReplicaSet",
            plural="replicasets",
            strategy=workloads.ReplicaSetStrategy(),
            short_names=("rs",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
        Row(
            kind="StatefulSet",
            plural="statefulsets",
            strategy=workloads.StatefulSetStrategy(),
            short_names=("sts",),
            categories=("all",),
            status=True,
            subresources=(SCALE,),
        ),
    )
