"""Field management of ``…/scale``, which has one field of its parent and calls it by a name of its own.

Follows ``managedfields/scalehandler.go`` (v0.36): ownership is kept with the parent, in entries of the subresource.
"""

from typing import Any

from apimachinery.errors import BadRequest
from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.schema import of_struct
from apimachinery.structured_merge.typed import ValidationError, validate
from apiserver.fieldmanager.manager import FieldManager
from apiserver.fieldmanager.tracked import REPLICAS
from apiserver.registry.resource import Registry, ResourceInfo

JSONObject = dict[str, Any]

_GROUP, _VERSION, _KIND = "autoscaling", "v1", "Scale"
_API_VERSION = f"{_GROUP}/{_VERSION}"
_KEPT = ("name", "namespace", "uid", "resourceVersion")


class ScaleFieldManager(FieldManager):
    """Applies a ``Scale`` to the object whose replicas it tells."""

    shown_version = _API_VERSION

    def __init__(self, registry: Registry, info: ResourceInfo) -> None:
        super().__init__(registry, info, "scale")
        bundle = load_bundle()
        self._scale = of_struct(bundle, bundle.kind(_API_VERSION, _KIND))

    def apply(self, live: JSONObject | None, config: JSONObject, manager: str, *, force: bool, now: str) -> JSONObject:
        """Return the parent with the replicas of a ``Scale``; see :meth:`FieldManager.apply`."""
        self.check_kind(config, _GROUP, _VERSION, _KIND)
        try:
            validate(config, self._scale)
        except ValidationError as error:
            given = config.get("metadata")
            metadata = given if isinstance(given, dict) else {}
            described = f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
            raise BadRequest(
                f"failed to create typed patch object ({described}; {_API_VERSION}, Kind={_KIND}): {error}"
            ) from error
        metadata = config.get("metadata") or {}
        parent: JSONObject = {"apiVersion": self.info.api_version, "kind": self.info.kind}
        parent["metadata"] = {key: metadata[key] for key in _KEPT if key in metadata}
        *parents, last = self.info.scale.spec_replicas if self.info.scale else REPLICAS
        replicas = (config.get("spec") or {}).get("replicas")
        if replicas is not None:
            _inside(parent, parents)[last] = replicas
        applied = super().apply(live, parent, manager, force=force, now=now)
        # A Scale that says nothing of its replicas means none.
        _inside(applied, parents).setdefault(last, 0)
        return applied


def _inside(obj: JSONObject, path: list[str]) -> JSONObject:
    """Return the map at the end of a path, with all on the way to it copied or made."""
    for name in path:
        obj[name] = obj = dict(obj.get(name) or {})
    return obj
