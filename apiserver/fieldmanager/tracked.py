"""Which fields a write through a subresource may come to own: upstream's ``GetResetFields`` (``pkg/registry``, v1.36).

What a write cannot change it does not own, whatever its body says: the object itself leaves out its status, the
status all but itself.
"""

from apimachinery.structured_merge.fieldpath import ANY, excluding, fields_path, including
from apimachinery.structured_merge.updater import FieldFilter, track_all
from apiserver.registry.resource import ResourceInfo

_OBJECT = excluding(fields_path("status"))
_STATUS = excluding(fields_path("spec"))
_CUSTOM_STATUS = including(fields_path("status"))
_POD_STATUS = excluding(
    fields_path("spec"), fields_path("metadata", "deletionTimestamp"), fields_path("metadata", "ownerReferences")
)
_DEPLOYMENT_STATUS = excluding(fields_path("spec"), fields_path("metadata", "labels"))
REPLICAS = ("spec", "replicas")
"""Where built-in kinds have what their scale tells."""

_SCALE = including(fields_path(*REPLICAS))
_EPHEMERAL_CONTAINERS = including(fields_path("spec", "ephemeralContainers"))
_RESIZE = including(
    *(
        ("f:spec", f"f:{containers}", ANY, f"f:{name}")
        for containers in ("containers", "initContainers")
        for name in ("resources", "resizePolicy")
    )
)


def tracked_fields(info: ResourceInfo, subresource: str) -> FieldFilter:
    """Return the filter for writes of ``info`` through ``subresource``, which is empty for the object itself."""
    match subresource:
        case "status" if info.struct is None:
            return _CUSTOM_STATUS
        case "status":
            return {("", "Pod"): _POD_STATUS, ("apps", "Deployment"): _DEPLOYMENT_STATUS}.get(
                (info.group, info.kind), _STATUS
            )
        case "scale":
            return including(fields_path(*info.scale.spec_replicas)) if info.scale else _SCALE
        case "ephemeralcontainers":
            return _EPHEMERAL_CONTAINERS
        case "resize":
            return _RESIZE
    return _OBJECT if info.subresource("status") else track_all
