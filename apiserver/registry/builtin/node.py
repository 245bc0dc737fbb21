"""``node.k8s.io`` (``pkg/registry/node``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (Row(kind="RuntimeClass", plural="runtimeclasses", namespaced=False),)
