"""``apiregistration.k8s.io`` (``k8s.io/kube-aggregator``, v0.36)."""

from apiserver.registry import extensions
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="APIService",
            plural="apiservices",
            strategy=extensions.APIServiceStrategy(),
            namespaced=False,
            categories=("api-extensions",),
            status=True,
        ),
    )
