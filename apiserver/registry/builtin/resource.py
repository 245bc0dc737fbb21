"""``resource.k8s.io`` (``pkg/registry/resource``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="DeviceClass", plural="deviceclasses", namespaced=False),
        Row(kind="ResourceClaim", plural="resourceclaims", status=True),
        Row(kind="ResourceClaimTemplate", plural="resourceclaimtemplates"),
        Row(kind="ResourceSlice", plural="resourceslices", namespaced=False),
    )
