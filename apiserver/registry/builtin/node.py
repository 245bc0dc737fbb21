"""``node.k8s.io`` (``pkg/registry/node``, v1.36)."""

from apiserver.registry import policy
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="RuntimeClass", plural="runtimeclasses", strategy=policy.RuntimeClassStrategy(), namespaced=False),
    )
