"""``discovery.k8s.io`` (``pkg/registry/discovery``, v1.36)."""

from apiserver.registry import endpoints
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (Row(kind="EndpointSlice", plural="endpointslices", strategy=endpoints.EndpointSliceStrategy()),)
