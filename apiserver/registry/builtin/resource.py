"""``resource.k8s.io`` (``pkg/registry/resource``, v1.36)."""

from apiserver.registry import extensions
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="DeviceClass", plural="deviceclasses", strategy=extensions.DeviceClassStrategy(), namespaced=False),
        Row(kind="ResourceClaim", plural="resourceclaims", strategy=extensions.ResourceClaimStrategy(), status=True),
        Row(
            kind="ResourceClaimTemplate",
            plural="resourceclaimtemplates",
            strategy=extensions.ResourceClaimTemplateStrategy(),
        ),
        Row(
            kind="ResourceSlice", plural="resourceslices", strategy=extensions.ResourceSliceStrategy(), namespaced=False
        ),
    )
