"""``coordination.k8s.io`` (``pkg/registry/coordination``, v1.36)."""

from apiserver.registry import kinds
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (Row(kind="Lease", plural="leases", strategy=kinds.LeaseStrategy()),)
